//! The embedded store: one folder, no service, every batch synced to disk before it is answered.

mod draft;
mod indexing;
mod reading;
mod table;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bson::RawDocumentBuf;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Semaphore, watch};
use tracing::error;

use super::commit::Settled;
use super::{Commit, FeedPage, FeedPosition, Loaded, Outcome, Page, Query, Store, Unavailable, Version};
use crate::domain::collection::Collection;
use crate::domain::entity::Key;
use draft::Draft;
use table::Table;

/// Memory for blocks read from disk; filled only as far as it is used.
const CACHE_BYTES: u64 = 64 << 20;

/// So many reads wait for the disk at once. Each takes a thread, and a thread takes memory of its own
/// and its turn on a core: a crowd that wakes at once shall not start hundreds.
const READS_MAX: usize = 32;

/// A store in a folder of this machine. One process holds the folder.
#[derive(Clone)]
pub struct Embedded(Arc<Inner>);

struct Inner {
    database: Database,
    drawers: RwLock<HashMap<&'static str, Drawer>>,
    rows: Keyspace,
    meta: Table,
    feed: Table,
    /// The number of the last event in the feed, for whoever waits for news.
    last_event: watch::Sender<u64>,
    /// A failed write leaves unknown what is on disk: nothing is acknowledged after it until a
    /// new start has read what is really there.
    failed: AtomicBool,
    /// Held from the checks of a batch until it is written.
    writing: Mutex<()>,
    reads: Arc<Semaphore>,
}

/// A collection's documents and its index rows.
#[derive(Clone)]
struct Drawer {
    collection: &'static Collection,
    documents: Table,
    index: Table,
}

/// Why a folder cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds it.
    #[error("the data folder {0} is in use by another process; stop it first, or name another folder")]
    InUse(String),
    /// It cannot be read or written.
    #[error("the data folder {folder} cannot be opened: {cause}")]
    Broken {
        /// The folder.
        folder: String,
        /// What the disk says.
        cause: String,
    },
}

impl Embedded {
    /// Opens the store in this folder, and makes it if it is not there.
    ///
    /// # Errors
    /// When another process holds the folder, or it cannot be read and written.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let named = || folder.display().to_string();
        let broken = |cause: String| OpenError::Broken {
            folder: named(),
            cause,
        };
        let opened = Database::builder(folder)
            .cache_size(CACHE_BYTES)
            .manual_journal_persist(true)
            .worker_threads(1)
            .open();
        let database = match opened {
            Ok(database) => database,
            Err(fjall::Error::Locked) => return Err(OpenError::InUse(named())),
            Err(error) => return Err(broken(error.to_string())),
        };
        let rows = database.keyspace("rows", KeyspaceCreateOptions::default);
        let rows = rows.map_err(|error| broken(error.to_string()))?;
        let feed = Table::new(&rows, "feed");
        let last = last_number(&database, &feed).map_err(|error| broken(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            database,
            drawers: RwLock::default(),
            meta: Table::new(&rows, "meta"),
            feed,
            rows,
            last_event: watch::Sender::new(last),
            failed: AtomicBool::new(false),
            writing: Mutex::default(),
            reads: Arc::new(Semaphore::new(READS_MAX)),
        })))
    }

    /// Runs a read where it may wait for the disk.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Inner) -> fjall::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, Unavailable>> {
        let inner = Arc::clone(&self.0);
        let reading = async move {
            let place = Arc::clone(&inner.reads).acquire_owned().await;
            let reading = tokio::task::spawn_blocking(move || {
                let _place = place;
                read(&inner).map_err(|error| Unavailable(error.to_string()))
            });
            let lost = |_| Err(Unavailable("the runtime is stopping".into()));
            reading.await.unwrap_or_else(lost)
        };
        reading.boxed()
    }
}

impl Inner {
    fn drawer(&self, collection: &'static Collection) -> fjall::Result<Drawer> {
        if let Some(drawer) = self.drawers.read().get(collection.name) {
            return Ok(drawer.clone());
        }
        let mut drawers = self.drawers.write();
        if let Some(drawer) = drawers.get(collection.name) {
            return Ok(drawer.clone());
        }
        let drawer = Drawer {
            collection,
            documents: Table::new(&self.rows, &format!("{}.documents", collection.name)),
            index: Table::new(&self.rows, &format!("{}.index", collection.name)),
        };
        indexing::bring_up_to_date(&self.database, &self.meta, &drawer)?;
        drawers.insert(collection.name, drawer.clone());
        Ok(drawer)
    }

    /// Writes what stands of a batch. Blocks until it is on disk.
    fn commit(&self, commits: Vec<Commit>) -> Vec<Outcome> {
        let _writing = self.writing.lock();
        if self.failed.load(Ordering::Acquire) {
            let failed = || Outcome::Unavailable("the disk failed; the runtime must be started anew".into());
            return commits.iter().map(|_| failed()).collect();
        }
        let mut draft = Draft::new(self);
        let outcomes: Vec<_> = commits
            .into_iter()
            .map(|commit| {
                draft
                    .admit(commit)
                    .unwrap_or_else(|error| Outcome::Unavailable(error.to_string()))
            })
            .collect();
        let last_event = draft.last_event();
        if let Err(error) = draft.write(PersistMode::SyncAll) {
            return self.fail(&error, outcomes);
        }
        self.last_event.send_if_modified(|last| {
            let newer = last_event > *last;
            *last = last_event;
            newer
        });
        outcomes
    }

    /// After a failed write nobody knows what a restart will find: in doubt until then.
    fn fail(&self, error: &fjall::Error, outcomes: Vec<Outcome>) -> Vec<Outcome> {
        error!(%error, "the disk failed; nothing more is stored until the runtime is started anew");
        self.failed.store(true, Ordering::Release);
        let in_doubt = |outcome| match outcome {
            Outcome::Stored => Outcome::InDoubt(Settled::pending().1),
            other => other,
        };
        outcomes.into_iter().map(in_doubt).collect()
    }
}

impl Store for Embedded {
    fn prepare(&self, collections: &[&'static Collection]) -> BoxFuture<'_, Result<(), Unavailable>> {
        let collections = collections.to_vec();
        self.read(move |inner| {
            for collection in collections {
                inner.drawer(collection)?;
            }
            Ok(())
        })
    }

    /// Blocks the thread it runs on: its committer has one of its own.
    fn commit(&self, batch: Vec<Commit>) -> BoxFuture<'_, Vec<Outcome>> {
        async move { self.0.commit(batch) }.boxed()
    }

    fn load(
        &self,
        collection: &'static Collection,
        key: Key,
        sides: &'static [&'static Collection],
    ) -> BoxFuture<'_, Result<Loaded, Unavailable>> {
        self.read(move |inner| reading::load(inner, collection, &key, sides))
    }

    fn get(
        &self,
        collection: &'static Collection,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<Option<RawDocumentBuf>>, Unavailable>> {
        self.read(move |inner| reading::get(inner, collection, &keys))
    }

    fn versions(
        &self,
        documents: Vec<(&'static Collection, Key)>,
    ) -> BoxFuture<'_, Result<Vec<Version>, Unavailable>> {
        self.read(move |inner| reading::versions(inner, &documents))
    }

    fn find(&self, query: Query) -> BoxFuture<'_, Result<Page, Unavailable>> {
        self.read(move |inner| reading::find(inner, &query))
    }

    fn count(&self, query: Query) -> BoxFuture<'_, Result<u64, Unavailable>> {
        self.read(move |inner| reading::count(inner, &query))
    }

    fn feed(
        &self,
        after: Option<FeedPosition>,
        limit: usize,
    ) -> BoxFuture<'_, Result<FeedPage, Unavailable>> {
        self.read(move |inner| reading::feed(inner, after, limit))
    }

    fn feed_end(&self) -> BoxFuture<'_, Result<FeedPosition, Unavailable>> {
        let last = *self.0.last_event.borrow();
        async move { Ok(FeedPosition(last.to_be_bytes().to_vec())) }.boxed()
    }

    fn feed_length(&self, after: Option<FeedPosition>) -> BoxFuture<'_, Result<u64, Unavailable>> {
        let last = *self.0.last_event.borrow();
        let seen = after.map_or(0, |position| number(&position.0));
        async move { Ok(last.saturating_sub(seen)) }.boxed()
    }

    fn news(&self, after: FeedPosition) -> BoxFuture<'_, ()> {
        let seen = number(&after.0);
        let mut last = self.0.last_event.subscribe();
        async move {
            // The sender lives as long as the store that is borrowed here.
            let _ = last.wait_for(|last| *last > seen).await;
        }
        .boxed()
    }

    fn by_wire(&self) -> bool {
        false
    }

    fn shared(&self) -> bool {
        false
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        let failed = self.0.failed.load(Ordering::Acquire);
        let failure = || Unavailable("the disk failed; the runtime must be started anew".into());
        async move { if failed { Err(failure()) } else { Ok(()) } }.boxed()
    }
}

/// A number as it was written; 0 for bytes that are none.
fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

fn last_number(database: &Database, feed: &Table) -> fjall::Result<u64> {
    match feed.prefixed(&database.snapshot(), &[]).next_back() {
        Some(last) => Ok(number(&feed.row(last)?.0)),
        None => Ok(0),
    }
}
