//! An account: who somebody is, where parcels go, and which of the sessions are still good.

mod address;
mod email;
mod event;
mod password;
mod profile;
mod refusal;
mod reset;
mod revocation;
mod role;
mod rules;
mod session;
pub mod username;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{Circumstances, Decision, Entity};
use super::id::Id;
use super::image::Image;
use super::time::Timestamp;

pub use address::{ADDRESSES_MAX, Address};
pub use email::{Email, MalformedEmail};
pub use event::Event;
pub use password::PasswordHash;
pub use profile::{FullName, Profile};
pub use refusal::Refusal;
pub use reset::Reset;
pub use revocation::{REVOCATIONS, Revocation};
pub use role::Role;
pub use session::{MalformedSessionId, Session, SessionId};

/// Where accounts are kept.
pub static ACCOUNTS: Collection = Collection::indexed(
    "accounts",
    &[
        Index::unique("email", &["profile.email"]),
        Index::unique("username", &["usernameKey"]),
        Index::on("created", &["profile.createdAt"]),
        Index::on("role", &["profile.role", "profile.createdAt"]),
    ],
);

/// The state of an account. It never leaves the store as it is: see [`Profile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// What the world may see of it.
    pub profile: Profile,
    /// The username in small letters, so that no two differ by their case alone.
    username_key: String,
    /// What its password must match.
    pub password: PasswordHash,
    /// Sessions of an earlier epoch are over.
    pub epoch: u64,
    /// Its picture, of which the world sees the address alone.
    #[serde(default)]
    pub avatar: Option<Image>,
    /// The new password that was asked for by mail.
    #[serde(default)]
    pub reset: Option<Reset>,
}

/// What can be asked of an account.
#[derive(Debug, Clone)]
pub enum Command {
    /// Makes it.
    Register(Registration),
    /// Makes it an administrator's, whether it is there or not. Whoever had it before cannot get
    /// in any more: his password and his sessions are gone.
    /// Of who it is for, role and session are not regarded.
    Appoint(Registration),
    /// Changes what is given.
    ChangeProfile {
        /// The new username.
        username: Option<String>,
        /// The new given name.
        first_name: Option<String>,
        /// The new family name.
        last_name: Option<String>,
        /// The new number of the telephone; an empty one takes it away.
        phone: Option<String>,
    },
    /// Takes a new password and ends all other sessions.
    ChangePassword {
        /// The hash that the old password was found to match; `None` if it matched none.
        was: Option<PasswordHash>,
        /// The new one.
        password: PasswordHash,
        /// The session that asks, which goes on.
        kept: Option<SessionId>,
    },
    /// Wants a link by mail under which a new password can be given.
    AskReset {
        /// What the secret of the link follows from.
        seed: String,
        /// The digest of that secret.
        digest: String,
    },
    /// Takes a new password from whoever has the secret of the link, and ends all sessions.
    ResetPassword {
        /// The digest of the secret.
        digest: String,
        /// The new password.
        password: PasswordHash,
    },
    /// Takes a new picture, or none in place of the one it had.
    SetAvatar(Option<Image>),
    /// Adds an address.
    AddAddress(Address),
    /// Drops an address.
    RemoveAddress {
        /// Its id.
        id: Id,
    },
    /// Ends one session.
    Logout {
        /// Which one.
        session: SessionId,
        /// When its token ends by itself.
        until: Timestamp,
    },
    /// Gives it another role and ends all of its sessions.
    SetRole {
        /// The new role.
        role: Role,
    },
}

/// What an account is made from.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The id it gets.
    pub id: Id,
    /// The email address.
    pub email: Email,
    /// The username, and others that would do as well if it is taken.
    pub usernames: Vec<String>,
    /// The name.
    pub full_name: FullName,
    /// What it may do.
    pub role: Role,
    /// What the password must match.
    pub password: PasswordHash,
    /// What tells its first session from others.
    pub chance: [u8; 12],
}

/// What an account answers to every accepted command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// As it is from now on.
    pub profile: Profile,
    /// The session that a registration begins.
    #[serde(default)]
    pub session: Option<Session>,
    /// The address that was added.
    #[serde(default)]
    pub address: Option<Address>,
}

impl Entity for Account {
    const KIND: &'static str = "account";
    const COLLECTION: &'static Collection = &ACCOUNTS;

    type Command = Command;
    type Reply = Reply;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Register(registration)) => rules::register(registration, at),
            (Some(_), Command::Register(_)) => Err(Refusal::EmailTaken),
            (None, Command::Appoint(registration)) => Ok(rules::make_admin(registration, at)),
            // Whether there is such an account is nobody's business.
            (None, Command::ResetPassword { .. }) => Err(Refusal::BadReset),
            (None, _) => Err(Refusal::Unknown),
            (Some(account), command) => account.change(command, at),
        }
    }

    fn taken(index: &str) -> Refusal {
        if index == "email" {
            Refusal::EmailTaken
        } else {
            Refusal::UsernameTaken
        }
    }

    fn instead(command: &Command, index: &str) -> Option<Command> {
        let mut command = command.clone();
        let (Command::Register(registration) | Command::Appoint(registration)) = &mut command else {
            return None;
        };
        if index != "username" || registration.usernames.len() < 2 {
            return None;
        }
        registration.usernames.remove(0);
        Some(command)
    }
}

#[cfg(test)]
mod tests;
