//! What happens to an account.

use serde::Serialize;

use super::{Address, Profile, Revocation, Role};
use crate::domain::{entity, id::Id};

/// Something that happened to an account. No event knows a password or its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// It was made.
    Created(Profile),
    /// Its username or name was changed.
    Changed(Profile),
    /// It may do other things than before.
    RoleChanged {
        /// What it was.
        from: Role,
        /// What it is.
        to: Role,
    },
    /// It has a new password.
    PasswordChanged {
        /// The account.
        id: Id,
    },
    /// Somebody wants a new password for it.
    ResetAsked {
        /// The account.
        id: Id,
    },
    /// Sessions of it are over.
    SessionsEnded(Revocation),
    /// It has one more address.
    AddressAdded(Address),
    /// It has one address less.
    AddressRemoved {
        /// The address.
        id: Id,
    },
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "USER_CREATED",
            Self::Changed(_) => "USER_UPDATED",
            Self::RoleChanged { .. } => "ROLE_CHANGED",
            Self::PasswordChanged { .. } => "PASSWORD_CHANGED",
            Self::ResetAsked { .. } => "PASSWORD_RESET_ASKED",
            Self::SessionsEnded(_) => "SESSIONS_ENDED",
            Self::AddressAdded(_) => "ADDRESS_ADDED",
            Self::AddressRemoved { .. } => "ADDRESS_REMOVED",
        }
    }

    fn is_audited(&self, _: Option<Id>) -> bool {
        matches!(self, Self::RoleChanged { .. })
    }
}
