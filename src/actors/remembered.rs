//! The outcome of an ask that is to take effect once, kept in the commit of its effect, so that
//! a repeat hears the first answer even from a runtime that was started since.

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use serde::{Deserialize, Serialize};

use super::ask::{Answer, AskError, Once};
use super::round::Reply;
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Version, document};

/// The outcomes of idempotent asks, found by the time they may be forgotten.
pub static REMEMBERED: Collection = Collection::indexed("remembered", &[Index::on("expires", &["expires"])]);

/// What the rules said, or why they were not asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "")]
pub enum Verdict<E: Entity> {
    /// Accepted.
    Replied(#[serde(with = "AnswerRow")] Answer<E::Reply>),
    /// Refused.
    Refused(E::Refusal),
    /// Not at the version that the caller asked for, but at this one.
    VersionMismatch(Version),
    /// A fault of ours; never remembered.
    #[serde(skip)]
    Panicked,
}

/// A row as it was found in the store.
#[derive(Debug)]
pub struct Remembered<E: Entity> {
    /// The key it answers.
    pub key: String,
    /// The digest of what was asked.
    pub body: String,
    /// What the rules said.
    pub verdict: Verdict<E>,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Answer")]
struct AnswerRow<R> {
    reply: R,
    version: Version,
    #[serde(skip)]
    replayed: bool,
}

#[derive(Deserialize)]
#[serde(bound = "")]
struct Row<E: Entity> {
    #[serde(rename = "_id")]
    key: String,
    body: String,
    verdict: Verdict<E>,
    expires: Timestamp,
}

/// The row that remembers a verdict; none for a fault of ours, which may be tried again.
pub fn row<E: Entity>(
    kind: &str,
    id: Id,
    once: &Once,
    verdict: &Verdict<E>,
    expires: Timestamp,
) -> Option<RawDocumentBuf> {
    if matches!(verdict, Verdict::Panicked) {
        return None;
    }
    let mut row = rawdoc! {
        "_id": once.key.as_str(),
        "kind": kind,
        "entity": ObjectId::from(id),
        "body": once.body.as_str(),
        // Written over, it has another version: whoever forgets expired rows must not forget what
        // has been written in their place since.
        "version": expires.millis(),
        "expires": bson::DateTime::from_millis(expires.millis()),
    };
    row.append(bson::raw::cstr!("verdict"), document::encode(verdict));
    Some(row)
}

impl<E: Entity> Remembered<E> {
    /// Reads a row of the store; `None` if it is not one of this entity's.
    #[must_use]
    pub fn read(document: &RawDocumentBuf) -> Option<Self> {
        let row: Row<E> = bson::deserialize_from_slice(document.as_bytes()).ok()?;
        Some(Self {
            key: row.key,
            body: row.body,
            verdict: row.verdict,
            expires: row.expires,
        })
    }
}

impl<E: Entity> Verdict<E> {
    /// What the caller hears.
    ///
    /// # Errors
    /// Everything but an accepted command.
    pub fn into_reply(self, replayed: bool) -> Reply<E> {
        match self {
            Self::Replied(answer) => Ok(Answer { replayed, ..answer }),
            Self::Refused(refusal) => Err(AskError::Refused { refusal, replayed }),
            Self::VersionMismatch(current) => Err(AskError::VersionMismatch { current }),
            Self::Panicked => Err(AskError::Failed),
        }
    }
}

impl<E: Entity> Clone for Verdict<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Replied(answer) => Self::Replied(answer.clone()),
            Self::Refused(refusal) => Self::Refused(refusal.clone()),
            Self::VersionMismatch(version) => Self::VersionMismatch(*version),
            Self::Panicked => Self::Panicked,
        }
    }
}
