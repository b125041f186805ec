//! Sessions that are over although their tokens have not ended yet: a row each, written in the
//! commit of the account. That of one session is forgotten when its token has ended.

use bson::oid::ObjectId;
use bson::{RawBsonRef, RawDocumentBuf, rawdoc};
use serde::{Deserialize, Serialize};

use super::SessionId;
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::{Key, RowChange, RowWrite};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// Where revocations are kept: one under the id of the session, the other kind under the
/// account's, so that two keys tell whether a session is over.
pub static REVOCATIONS: Collection =
    Collection::indexed("revocations", &[Index::on("expires", &["expires"])]);

/// When that of an account ends. How long tokens are good is a setting, which may have been a
/// longer one when they were made, so nobody can tell when the last of them has ended.
const NEVER: Timestamp = Timestamp::from_millis(253_402_300_799_000);

/// What ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Revocation {
    /// One session.
    One {
        /// The session.
        session: SessionId,
        /// When its token ends by itself.
        expires: Timestamp,
    },
    /// All sessions of an account that began in an earlier epoch.
    Before {
        /// The account.
        account: Id,
        /// The first epoch that is good.
        epoch: u64,
        /// The one earlier session that is good all the same.
        kept: Option<SessionId>,
    },
}

impl Revocation {
    /// When it no longer matters.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        match self {
            Self::One { expires, .. } => *expires,
            Self::Before { .. } => NEVER,
        }
    }

    /// Where it is kept.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::One { session, .. } => Key::Name(session.to_string()),
            Self::Before { account, .. } => Key::Id(*account),
        }
    }

    /// Whether it ends this session of this account.
    #[must_use]
    pub fn ends(&self, of: Id, asked: SessionId) -> bool {
        match self {
            Self::One { session, .. } => *session == asked,
            Self::Before {
                account, epoch, kept, ..
            } => *account == of && asked.epoch < *epoch && *kept != Some(asked),
        }
    }

    /// The row that keeps it.
    #[must_use]
    pub fn row(&self) -> RowChange {
        let mut row = match self {
            Self::One { session, .. } => rawdoc! { "_id": session.to_string() },
            Self::Before {
                account, epoch, kept, ..
            } => {
                let mut row = rawdoc! {
                    "_id": ObjectId::from(*account),
                    // Under this name whoever forgets expired rows sees that one was written anew.
                    "version": i64::try_from(*epoch).unwrap_or(i64::MAX),
                };
                if let Some(kept) = kept {
                    row.append(bson::raw::cstr!("kept"), kept.to_string());
                }
                row
            }
        };
        let expires = bson::DateTime::from_millis(self.expires().millis());
        row.append(bson::raw::cstr!("expires"), expires);
        RowChange {
            collection: &REVOCATIONS,
            key: self.key(),
            write: RowWrite::Put(row),
        }
    }

    /// What a row keeps; `None` if it is not one of these.
    #[must_use]
    pub fn read(row: &RawDocumentBuf) -> Option<Self> {
        match row.get("_id").ok()?? {
            RawBsonRef::String(session) => Some(Self::One {
                session: session.parse().ok()?,
                expires: Timestamp::from_millis(row.get_datetime("expires").ok()?.timestamp_millis()),
            }),
            RawBsonRef::ObjectId(account) => Some(Self::Before {
                account: account.into(),
                epoch: u64::try_from(row.get_i64("version").ok()?).ok()?,
                kept: row.get_str("kept").ok().and_then(|kept| kept.parse().ok()),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revocation_is_read_back_from_its_row() {
        let (session, expires) = (
            SessionId {
                epoch: 1,
                chance: [7; 12],
            },
            Timestamp::from_millis(9),
        );
        let account = Id::from_bytes([3; 12]);
        for kept in [None, Some(session)] {
            let before = Revocation::Before {
                account,
                epoch: 2,
                kept,
            };
            for revocation in [Revocation::One { session, expires }, before] {
                let RowWrite::Put(row) = revocation.row().write else {
                    panic!("a revocation is written over an older one");
                };
                assert_eq!(Revocation::read(&row), Some(revocation));
            }
        }
    }
}
