//! The outcome of an ask that is to take effect once, kept in the commit of its effect, so that
//! a repeat hears the first answer even from a runtime that was started since.

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use serde::{Deserialize, Serialize};
use tracing::error;

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
    Failed,
}

/// What is known of an earlier ask under the same name.
#[derive(Debug)]
pub enum Earlier<E: Entity> {
    /// Nothing: there may be none.
    Unknown,
    /// Its outcome.
    Found(Remembered<E>),
    /// There was one, so long ago that it may be written over.
    Expired,
    /// There is a row that cannot be read.
    Illegible,
}

/// An outcome as it was found in the store.
#[derive(Debug)]
pub struct Remembered<E: Entity> {
    /// The digest of what was asked.
    pub body: String,
    /// What the rules said.
    pub verdict: Verdict<E>,
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
    if matches!(verdict, Verdict::Failed) {
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

impl<E: Entity> Earlier<E> {
    /// Reads a row of the store.
    #[must_use]
    pub fn read(row: &RawDocumentBuf, now: Timestamp) -> Self {
        match document::decode::<Row<E>>(row) {
            Ok(row) if row.expires < now => Self::Expired,
            Ok(Row { body, verdict, .. }) => Self::Found(Remembered { body, verdict }),
            Err(error) => {
                error!(kind = E::KIND, %error, "the outcome of an earlier ask cannot be read");
                Self::Illegible
            }
        }
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
            Self::VersionMismatch(current) => Err(AskError::VersionMismatch { current, replayed }),
            Self::Failed => Err(AskError::Failed),
        }
    }
}

impl<E: Entity> Clone for Verdict<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Replied(answer) => Self::Replied(answer.clone()),
            Self::Refused(refusal) => Self::Refused(refusal.clone()),
            Self::VersionMismatch(version) => Self::VersionMismatch(*version),
            Self::Failed => Self::Failed,
        }
    }
}
