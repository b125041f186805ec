//! Whoever talks to the assistant: known by a token, and by nothing that is said.

use crate::domain::account::{Role, SessionId};
use crate::domain::id::Id;
use crate::domain::pass::Holder;
use crate::domain::time::Timestamp;
use crate::services::tokens::Claims;

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: Id,
    /// What it may do.
    pub role: Role,
    /// The session of the token.
    pub session: SessionId,
    /// When the token ends.
    pub until: Timestamp,
}

impl From<&Claims> for Person {
    fn from(claims: &Claims) -> Self {
        Self {
            id: claims.id,
            role: claims.role,
            session: claims.jti,
            until: claims.end(),
        }
    }
}

impl From<Holder> for Person {
    fn from(holder: Holder) -> Self {
        Self {
            id: holder.account,
            role: holder.role,
            session: holder.session,
            until: holder.until,
        }
    }
}

impl From<&Person> for Holder {
    fn from(person: &Person) -> Self {
        Self {
            account: person.id,
            role: person.role,
            session: person.session,
            until: person.until,
        }
    }
}
