//! The owners of accounts, and the ways to find one by what a person knows of himself.

use std::sync::Arc;

use super::ask::{Answer, Ask, AskError};
use super::crew::{Changed, Watcher};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::account::{ACCOUNTS, Account, Command, Email, Event, FullName, PasswordHash, Profile};
use crate::domain::account::{Refusal, Registration, Reply, Role, SessionId, username};
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::services::sessions::Sessions;
use crate::store::query::{Cursor, key_of};
use crate::store::{Query, Unavailable, Version, document};

/// What an account answers.
pub type AccountAnswer = Answer<Reply>;

/// Some accounts in a list, each with its version, and how many there are in all.
pub type Listed = (Vec<(Profile, Version)>, Option<Cursor>, u64);

/// All accounts. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Accounts {
    owners: Owners<Account>,
}

/// What is needed to let somebody in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who it is.
    pub profile: Profile,
    /// What the password must match.
    pub password: PasswordHash,
    /// The epoch of a session that begins now.
    pub epoch: u64,
    /// The version of the account.
    pub version: Version,
}

/// What somebody gives who wants an account.
#[derive(Debug, Clone)]
pub struct Applicant {
    /// The email address.
    pub email: Email,
    /// The username, if one was chosen.
    pub username: Option<String>,
    /// The name.
    pub full_name: FullName,
    /// What it may do.
    pub role: Role,
    /// What the password must match.
    pub password: PasswordHash,
}

impl Accounts {
    /// The accounts on this engine. The sessions that an account ends are over before whoever
    /// asked for it hears that they are.
    #[must_use]
    pub fn new(engine: Arc<Engine>, sessions: Arc<Sessions>) -> Self {
        let clock = engine.clock.clone();
        let ended: Watcher<Account> = Box::new(move |changed: &Changed<'_, Account>| {
            for event in changed.events {
                if let Event::SessionsEnded(revocation) = event {
                    sessions.note(*revocation, clock.now());
                }
            }
        });
        Self {
            owners: Owners::new(engine, vec![ended]),
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Account> {
        &self.owners
    }

    /// Asks something of an account.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Account>) -> Result<AccountAnswer, AskError<Refusal>> {
        self.owners.ask(id, ask).await
    }

    /// What an account is made from: a username is found for who has chosen none.
    #[must_use]
    pub fn registration(&self, id: Id, applicant: Applicant) -> Registration {
        let chance = &self.owners.engine().chance;
        let usernames = match applicant.username {
            Some(chosen) => vec![chosen],
            None => username::from_email(&applicant.email, chance.bytes()),
        };
        Registration {
            id,
            email: applicant.email,
            usernames,
            full_name: applicant.full_name,
            role: applicant.role,
            password: applicant.password,
            chance: chance.bytes(),
        }
    }

    /// The name of a session that begins in this epoch.
    #[must_use]
    pub fn session(&self, epoch: u64) -> SessionId {
        let chance = self.owners.engine().chance.bytes();
        SessionId { epoch, chance }
    }

    /// The account with this email address.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn by_email(&self, email: &Email) -> Result<Option<Id>, Unavailable> {
        self.found("email", email.to_string()).await
    }

    /// The account with this username, in small or capital letters.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn by_username(&self, username: &str) -> Result<Option<Id>, Unavailable> {
        self.found("username", username.trim().to_lowercase()).await
    }

    async fn found(&self, index: &'static str, value: String) -> Result<Option<Id>, Unavailable> {
        let query = Query::by_index(&ACCOUNTS, index, vec![value.into()]).limit(1);
        let page = self.owners.engine().store.find(query).await?;
        Ok(page.documents.first().and_then(key_of).and_then(|key| match key {
            Key::Id(id) => Some(id),
            Key::Name(_) | Key::Part(..) => None,
        }))
    }

    /// What is needed to let this account in.
    ///
    /// # Errors
    /// When its owner does not say.
    pub async fn credentials(&self, id: Id) -> Result<Option<Credentials>, AskError<Refusal>> {
        let seen = |account: Option<&Account>, version| {
            account.map(|account| Credentials {
                profile: account.profile.clone(),
                password: account.password.clone(),
                epoch: account.epoch,
                version,
            })
        };
        self.owners.view(id, seen).await
    }

    /// A part of all accounts, or of those with one role, the newest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(
        &self,
        role: Option<Role>,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, Unavailable> {
        let all = match role {
            Some(role) => Query::by_index(&ACCOUNTS, "role", vec![role.name().into()]),
            None => Query::by_index(&ACCOUNTS, "created", Vec::new()),
        };
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        let read = |row| {
            let account: Account = document::decode(row).ok()?;
            Some((account.profile, document::version(row)))
        };
        Ok((page.documents.iter().filter_map(read).collect(), page.next, total))
    }

    /// What may be seen of an account, and its version.
    ///
    /// # Errors
    /// When its owner does not say.
    pub async fn profile(&self, id: Id) -> Result<Option<(Profile, Version)>, AskError<Refusal>> {
        let seen = |account: Option<&Account>, version| Some((account?.profile.clone(), version));
        self.owners.view(id, seen).await
    }

    /// What the secret of the link follows from under which an account takes a new password, if
    /// there is such a link.
    ///
    /// # Errors
    /// When its owner does not say.
    pub async fn reset_seed(&self, id: Id, since: Version) -> Result<Option<String>, AskError<Refusal>> {
        let seen = |account: Option<&Account>, _| Some(account?.reset.as_ref()?.seed.clone());
        self.owners.view_since(id, since, seen).await
    }

    /// The picture of an account.
    ///
    /// # Errors
    /// When its owner does not say.
    pub async fn avatar(&self, id: Id) -> Result<Option<Image>, AskError<Refusal>> {
        let seen = |account: Option<&Account>, _| account?.avatar.clone();
        self.owners.view(id, seen).await
    }

    /// Makes an account an administrator's: a new one, or the one that has this email address.
    /// Says whether it was there.
    ///
    /// # Errors
    /// When its owner or the store does not answer.
    pub async fn appoint(&self, applicant: Applicant) -> Result<(Profile, bool), AskError<Refusal>> {
        let engine = self.owners.engine();
        let known = self
            .by_email(&applicant.email)
            .await
            .map_err(|Unavailable(why)| AskError::Unavailable(why))?;
        let id = known.unwrap_or_else(|| engine.id());
        let registration = self.registration(id, applicant);
        let command = Command::Appoint(registration);
        let ask = Ask::new(command, engine.now(None));
        let answer = self.owners.ask_as_runtime(id, ask).await?;
        Ok((answer.reply.profile, known.is_some()))
    }

    /// Whether there is an administrator.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn has_admin(&self) -> Result<bool, Unavailable> {
        let role = Role::Admin.name().into();
        let query = Query::by_index(&ACCOUNTS, "role", vec![role]).limit(1);
        let page = self.owners.engine().store.find(query).await?;
        Ok(!page.documents.is_empty())
    }
}
