//! Where everything is kept: one port, an adapter per product, and the committer that gathers
//! what many owners have to write into few durable batches.

pub mod commit;
pub mod committer;
pub mod document;
pub mod embedded;
pub mod expiry;
pub mod mongo;
pub mod order;
pub mod query;
pub mod validator;

use std::fmt;
use std::panic::AssertUnwindSafe;

use bson::RawDocumentBuf;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::collection::{Collection, Index};
use crate::domain::entity::Key;
pub use commit::{Commit, CommitId, Guard, Outcome, Settled, Version, Write};
pub use query::{Page, Query};

/// A document store. Every adapter passes the same contract suite (`tests/store`).
///
/// Dropping a returned future never leaves a commit half-way: it lands whole or not at all.
pub trait Store: Send + Sync + 'static {
    /// Makes the collections and their indexes, before anything else is asked.
    fn prepare(&self, collections: &[&'static Collection]) -> BoxFuture<'_, Result<(), Unavailable>>;

    /// Writes a batch durably and answers each commit by itself, in the order given. A commit
    /// that does not stand leaves nothing behind and takes no other with it.
    fn commit(&self, batch: Vec<Commit>) -> BoxFuture<'_, Vec<Outcome>>;

    /// The document under a key and its side rows (keys `Key::Part` of the same id in `sides`),
    /// all from one snapshot.
    fn load(
        &self,
        collection: &'static Collection,
        key: Key,
        sides: &'static [&'static Collection],
    ) -> BoxFuture<'_, Result<Loaded, Unavailable>>;

    /// The documents under these keys, each in its place.
    fn get(
        &self,
        collection: &'static Collection,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<Option<RawDocumentBuf>>, Unavailable>>;

    /// The versions of these documents as of now, 0 for one that is not there.
    fn versions(
        &self,
        documents: Vec<(&'static Collection, Key)>,
    ) -> BoxFuture<'_, Result<Vec<Version>, Unavailable>>;

    /// Documents in the order of an index.
    fn find(&self, query: Query) -> BoxFuture<'_, Result<Page, Unavailable>>;

    /// How many documents a query would find without its `limit`, `skip` and `after`.
    fn count(&self, query: Query) -> BoxFuture<'_, Result<u64, Unavailable>>;

    /// The next events after a position, in the order in which they became durable: at most
    /// `limit`, none when there are no more. `None` starts with the oldest.
    fn feed(&self, after: Option<FeedPosition>, limit: usize)
    -> BoxFuture<'_, Result<FeedPage, Unavailable>>;

    /// The position after the last event so far.
    fn feed_end(&self) -> BoxFuture<'_, Result<FeedPosition, Unavailable>>;

    /// About how many events come after a position, from the first one on if there is none.
    fn feed_length(&self, after: Option<FeedPosition>) -> BoxFuture<'_, Result<u64, Unavailable>>;

    /// Waits until there may be events after a position. May wake for nothing, and the returned
    /// future may be dropped at any time.
    fn news(&self, after: FeedPosition) -> BoxFuture<'_, ()>;

    /// Whether a commit travels to another process, so that several may be on their way at once.
    /// A store that does not blocks the thread that commits.
    fn by_wire(&self) -> bool;

    /// Whether other runtimes write to the same documents.
    fn shared(&self) -> bool;

    /// Whether commits stand at this moment; the sentence says why they do not.
    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>>;
}

/// The store cannot answer. Nothing is wrong with what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct Unavailable(pub String);

/// Asks a store something and takes a fault of the adapter for what it is to whoever asked: no
/// answer. Nobody is left waiting for it.
pub(crate) async fn answered<T>(
    question: impl Future<Output = Result<T, Unavailable>>,
) -> Result<T, Unavailable> {
    let answer = AssertUnwindSafe(question).catch_unwind().await;
    answer.unwrap_or_else(|_| Err(Unavailable("the store has a fault".into())))
}

/// A document with its side rows.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The document, if it has ever been written.
    pub document: Option<RawDocumentBuf>,
    /// Its side rows, by the name of their collection.
    pub rows: Vec<(&'static str, RawDocumentBuf)>,
}

/// A place in the feed of events: opaque, ordered only by the store that gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct FeedPosition(pub Vec<u8>);

impl fmt::Debug for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FeedPosition({})", hex::encode(&self.0))
    }
}

/// Some events and the position after the last of them.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// Documents of the `events` collection.
    pub events: Vec<RawDocumentBuf>,
    /// Where to go on.
    pub next: FeedPosition,
}

/// The collection whose rows make up the feed. Kept for ever: it is the timeline of every thing.
/// What auditors read of it is marked.
pub static EVENTS: Collection = Collection::indexed(
    "events",
    &[Index::on("at", &["at"]), Index::on("audited", &["audited", "at"])],
);
