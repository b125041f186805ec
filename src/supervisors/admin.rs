//! The first administrator, whom nobody can register as: made at the start from the settings, or
//! on the command line.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tracing::info;

use super::engine::Footing;
use super::runtime::StartError;
use super::{opening, process};
use crate::actors::accounts::{Accounts, Applicant};
use crate::actors::ask::AskError;
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::domain::account::{Email, FullName, MalformedEmail, Profile, Refusal, Role};
use crate::services::passwords::{self, NoAnswer, Passwords};
use crate::services::sessions::Sessions;
use crate::store::Unavailable;

/// Why there is no administrator, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The email address is none.
    #[error("{0:?} is not an email address")]
    Email(String),
    /// The password will not do.
    #[error(
        "the password of an admin must have {} to {} characters",
        passwords::CHARACTERS.start(),
        passwords::CHARACTERS.end()
    )]
    Password,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] NoAnswer),
    /// The account could not be made.
    #[error(transparent)]
    Account(#[from] AskError<Refusal>),
    /// The store does not say whether there is one.
    #[error(transparent)]
    Store(#[from] Unavailable),
}

/// An account that is an administrator's from now on.
#[derive(Debug, Clone)]
pub struct Appointed {
    /// The account.
    pub profile: Profile,
    /// Whether it was there before. Its old password and its sessions are gone then.
    pub existed: bool,
}

/// Makes the administrator of the settings, if they name one and there is none at all.
///
/// # Errors
/// See [`AdminError`].
pub async fn ensure(config: &Config, accounts: &Accounts) -> Result<(), AdminError> {
    let (Some(email), Some(password)) = (&config.auth.admin_email, &config.auth.admin_password) else {
        return Ok(());
    };
    if accounts.has_admin().await? {
        return Ok(());
    }
    let appointed = match appoint(config, accounts, email, password).await {
        // Another runtime, which started at the same moment, was quicker.
        Err(AdminError::Account(AskError::Refused { .. })) if accounts.has_admin().await? => return Ok(()),
        appointed => appointed?,
    };
    info!(id = %appointed.profile.id, existed = appointed.existed, "there was no admin; now there is one");
    Ok(())
}

/// Makes an account an administrator's: a new one, or the one that has this email address, which
/// is taken from whoever had it.
///
/// # Errors
/// See [`AdminError`].
pub async fn appoint(
    config: &Config,
    accounts: &Accounts,
    email: &str,
    password: &SecretString,
) -> Result<Appointed, AdminError> {
    let malformed = |_: MalformedEmail| AdminError::Email(email.to_owned());
    let email = email.parse::<Email>().map_err(malformed)?;
    let password = password.expose_secret();
    if !passwords::is_acceptable(password) {
        return Err(AdminError::Password);
    }
    let password = Passwords::new(config.auth.bcrypt_cost, 1).hash(password).await?;
    let applicant = Applicant {
        email,
        username: None,
        full_name: FullName::default(),
        role: Role::Admin,
        password,
    };
    let (profile, existed) = accounts.appoint(applicant).await?;
    Ok(Appointed { profile, existed })
}

/// Makes an administrator from the command line, on a store that no runtime holds.
///
/// # Errors
/// When the store cannot be opened, or as [`appoint`].
pub fn create(config: &Config, email: &str, password: &SecretString) -> Result<Appointed, StartError> {
    process::on_a_system(async {
        let store = opening::open(config).await?;
        store.prepare(&opening::collections()).await?;
        let time = (Clock::system(), Chance::unforeseeable());
        let footing = Footing::start(store, time, (&config.actors).into())?;
        let (sessions, answering) = Sessions::new(&footing.engine.store, None);
        tokio::spawn(answering);
        let accounts = Accounts::new(Arc::clone(&footing.engine), Arc::new(sessions));
        let appointed = appoint(config, &accounts, email, password).await;
        drop(accounts);
        footing.stop().await;
        Ok(appointed?)
    })
}
