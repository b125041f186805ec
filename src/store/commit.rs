//! What is written together, and what can become of it.

use std::fmt;

use bson::RawDocumentBuf;
use bson::oid::ObjectId;
use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::sync::oneshot;

use crate::domain::collection::Collection;
use crate::domain::entity::{Key, RowWrite};

/// How many accepted changes a document has seen; 0 before the first.
pub type Version = u64;

/// The name of one attempt to write. A document carries the one that wrote it, so that an owner
/// whose answer was lost recognises its own write.
pub type CommitId = ObjectId;

/// One owner's round: everything in it stands, or nothing does.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The name of this attempt; the same in `guard.put`, under `commit`.
    pub id: CommitId,
    /// The entity whose version decides whether it stands. Bookkeeping that belongs to no
    /// entity has none.
    pub guard: Option<Guard>,
    /// Rows of other collections, events among them; each row once.
    pub writes: Vec<Write>,
}

/// An entity's document as it was when the round was decided, and as it shall be.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The entity's collection.
    pub collection: &'static Collection,
    /// The entity.
    pub key: Key,
    /// The version that the decision rests on. Another one in the store is a conflict.
    pub expect: Version,
    /// The document from now on, with `_id`, `version` and `commit` in front of its own fields;
    /// `None` leaves it as it is.
    pub put: Option<RawDocumentBuf>,
}

/// One row beside the entity's document.
#[derive(Debug, Clone)]
pub struct Write {
    /// The row's collection.
    pub collection: &'static Collection,
    /// Its key.
    pub key: Key,
    /// What becomes of it. A document written here carries its key as `_id`.
    pub row: RowWrite,
}

/// What became of a commit.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It is durable.
    Stored,
    /// The document is not at the version that was expected.
    Conflict,
    /// A row that had to be absent is there, as it stands in the store.
    Exists {
        /// The collection of the row.
        collection: &'static str,
        /// Its key.
        key: Key,
        /// The row.
        row: RawDocumentBuf,
    },
    /// Another document has its place in the unique index of this name.
    Taken(&'static str),
    /// Nothing was sent; nothing has changed.
    Unavailable(String),
    /// It was sent and no answer came. It may land until `Settled` says otherwise.
    InDoubt(Settled),
    /// The store will never take it: too large, malformed.
    Rejected(String),
}

/// Tells when an attempt in doubt has either landed or can never land any more. Whoever waits
/// reads the document afresh afterwards; its `commit` says which it was. All who wait are woken in
/// the order in which they began to, the same in every run of a simulation.
#[derive(Clone)]
pub struct Settled(Shared<oneshot::Receiver<()>>);

/// The other end of [`Settled`]. Dropped without a word, it leaves the attempt in doubt for ever,
/// which is right for a store that failed and must be started anew.
#[derive(Debug)]
pub struct Settling(oneshot::Sender<()>);

impl Settled {
    /// A pair: who waits and who tells.
    #[must_use]
    pub fn pending() -> (Settling, Self) {
        let (sender, receiver) = oneshot::channel();
        (Settling(sender), Self(receiver.shared()))
    }

    /// Waits for the word; never ends when the store will not know before it is started anew.
    pub async fn wait(self) {
        if self.0.await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Settling {
    /// The attempt has landed or never will.
    pub fn settled(self) {
        // Nobody may be waiting for it.
        let _ = self.0.send(());
    }
}

impl fmt::Debug for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settled({:?})", self.0.peek())
    }
}

impl Commit {
    /// A commit of rows that belong to no entity.
    #[must_use]
    pub fn of_rows(id: CommitId, writes: Vec<Write>) -> Self {
        Self {
            id,
            guard: None,
            writes,
        }
    }

    /// About how many bytes it adds to a batch.
    #[must_use]
    pub fn size(&self) -> usize {
        let document = self.guard.as_ref().and_then(|guard| guard.put.as_ref());
        let rows = self.writes.iter().map(|write| match &write.row {
            RowWrite::Put(row) | RowWrite::Insert(row) => row.as_bytes().len(),
            RowWrite::Delete => 0,
        });
        64 + document.map_or(0, |document| document.as_bytes().len())
            + rows.map(|row| row + 64).sum::<usize>()
    }
}
