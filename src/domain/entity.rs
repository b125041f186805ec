//! What every kind of thing in the marketplace has in common: a state, commands that change it
//! by rules, replies, refusals, and the events and side rows that a change leaves behind.

use std::fmt;

use bson::RawDocumentBuf;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::collection::Collection;
use super::id::Id;
use super::time::Timestamp;

/// One kind of thing. Its rules are pure: the same state, command and circumstances always give
/// the same decision, so an owner may decide a command again whenever the store makes it.
pub trait Entity: fmt::Debug + Clone + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// The word for it in event ids, logs and metrics: `account`.
    const KIND: &'static str;
    /// Where its documents are kept, and how they are found.
    const COLLECTION: &'static Collection;
    /// Collections of side rows that are loaded with the document, in one snapshot.
    const SIDES: &'static [&'static Collection] = &[];

    /// What can be asked of it, in the imperative.
    type Command: fmt::Debug + Send + Sync + Unpin + 'static;
    /// What an accepted command answers.
    type Reply: fmt::Debug + Clone + Serialize + DeserializeOwned + Send + Unpin + 'static;
    /// Why a command is turned down.
    type Refusal: Clone + Serialize + DeserializeOwned + std::error::Error + Send + Unpin + 'static;
    /// What happened, in the past tense.
    type Event: Event;

    /// The rules. `state` is `None` as long as the thing has never been made.
    ///
    /// # Errors
    /// A refusal changes nothing and concerns its caller alone.
    fn decide(
        state: Option<&Self>,
        command: &Self::Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Self::Refusal>;

    /// The refusal for a change that would break the unique index of this name.
    fn taken(index: &str) -> Self::Refusal;

    /// The command to try in place of one whose change would break the unique index of this name:
    /// the next of several names that would all do. Each must leave fewer to try.
    fn instead(_command: &Self::Command, _index: &str) -> Option<Self::Command> {
        None
    }

    /// Puts loaded side rows into the state; called once for each row after the document.
    fn absorb(&mut self, _row: SideRow<'_>) {}
}

/// Something that happened to a thing, in the past tense.
pub trait Event: fmt::Debug + Serialize + Send + Unpin + 'static {
    /// Its type on the wire: `USER_CREATED`.
    fn name(&self) -> &'static str;

    /// Whether it stands in the log that auditors read: money that moves by a decision, and what
    /// people do to things that are not their own.
    fn is_audited(&self, _by: Option<Id>) -> bool {
        false
    }
}

/// What comes into the rules with a command, because rules have no clock and know nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// When the command was asked.
    pub now: Timestamp,
    /// Who asked: a signed-in user, or nobody.
    pub by: Option<Id>,
}

/// What the rules say to an accepted command.
#[derive(Debug)]
pub struct Decision<E: Entity> {
    /// The answer to whoever asked.
    pub reply: E::Reply,
    /// What changes; nothing when the command only asked or had already been done.
    pub change: Option<Change<E>>,
}

/// A change that stands whole or not at all.
#[derive(Debug)]
pub struct Change<E: Entity> {
    /// The thing as it is from now on.
    pub state: E,
    /// What happened, in order.
    pub events: Vec<E::Event>,
    /// Side rows written with it.
    pub rows: Vec<RowChange>,
}

impl<E: Entity> Decision<E> {
    /// An answer that changes nothing.
    pub fn answer(reply: E::Reply) -> Self {
        Self { reply, change: None }
    }

    /// An answer that rests on a change.
    pub fn change(state: E, reply: E::Reply) -> Self {
        Self {
            reply,
            change: Some(Change {
                state,
                events: Vec::new(),
                rows: Vec::new(),
            }),
        }
    }

    /// Tells what happened. Nothing can have happened where nothing changed.
    #[must_use]
    pub fn event(mut self, event: E::Event) -> Self {
        if let Some(change) = &mut self.change {
            change.events.push(event);
        }
        self
    }

    /// Writes a side row with the change.
    #[must_use]
    pub fn row(mut self, row: RowChange) -> Self {
        if let Some(change) = &mut self.change {
            change.rows.push(row);
        }
        self
    }
}

/// One side row to be written in the commit of its entity.
#[derive(Debug, Clone)]
pub struct RowChange {
    /// Where the row is kept.
    pub collection: &'static Collection,
    /// Its key within the collection.
    pub key: Key,
    /// What becomes of it.
    pub write: RowWrite,
}

impl RowChange {
    /// Writes a row whether it was there or not.
    pub fn put(collection: &'static Collection, key: Key, content: &impl Serialize) -> Self {
        let write = RowWrite::Put(document_under(&key, content));
        Self {
            collection,
            key,
            write,
        }
    }

    /// Writes a row that must not have been there.
    pub fn insert(collection: &'static Collection, key: Key, content: &impl Serialize) -> Self {
        let write = RowWrite::Insert(document_under(&key, content));
        Self {
            collection,
            key,
            write,
        }
    }

    /// Takes a row away.
    #[must_use]
    pub fn delete(collection: &'static Collection, key: Key) -> Self {
        let write = RowWrite::Delete;
        Self {
            collection,
            key,
            write,
        }
    }
}

/// The content of a row with its key in front, under `_id`.
fn document_under(key: &Key, content: &impl Serialize) -> RawDocumentBuf {
    #[derive(Serialize)]
    struct Row<'a, T> {
        #[serde(rename = "_id")]
        key: String,
        #[serde(flatten)]
        content: &'a T,
    }
    let key = key.to_string();
    bson::serialize_to_raw_document_buf(&Row { key, content }).expect("a row is a struct of plain fields")
}

/// What becomes of a side row.
#[derive(Debug, Clone)]
pub enum RowWrite {
    /// Written whether it was there or not.
    Put(RawDocumentBuf),
    /// Written, and it must not have been there.
    Insert(RawDocumentBuf),
    /// Gone.
    Delete,
}

/// A loaded side row.
#[derive(Debug, Clone, Copy)]
pub struct SideRow<'a> {
    /// The name of the collection it was found in.
    pub collection: &'static str,
    /// The row.
    pub document: &'a RawDocumentBuf,
}

/// The key of a document in its collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A thing of its own.
    Id(Id),
    /// Something with a name instead of an id: a cursor, an event, an idempotency key.
    Name(String),
    /// A side row of a thing: the thing's id and the row's name within it.
    Part(Id, String),
}

impl From<Id> for Key {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => f.write_str(name),
            Self::Part(of, part) => write!(f, "{of}/{part}"),
        }
    }
}
