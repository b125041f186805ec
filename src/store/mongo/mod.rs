//! The MongoDB store: the same documents as ordinary BSON, readable in any Mongo tool; a batch is
//! a transaction, acknowledged by a majority and journaled.

mod bounds;
mod connect;
mod feed;
mod finding;
mod hot;
mod indexes;
mod lane;
mod ledger;
mod outcomes;
mod reading;
mod refusals;
mod runtimes;
mod sessions;
mod statements;
mod transaction;
mod waves;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Bson, RawDocumentBuf, doc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mongodb::{Collection as Shelf, Database};

use super::{Commit, FeedPage, FeedPosition, Loaded, Outcome, Page, Query, Store, Unavailable, Version};
use crate::domain::collection::Collection;
use crate::domain::entity::Key;
pub use connect::{ConnectError, Settings};

/// Whoever asks for the health of the store does not want to wait for it.
const HEALTH_WITHIN: Duration = Duration::from_secs(2);
/// Building an index over many documents takes its time.
const PREPARE_SECONDS_MAX: u64 = 600;

/// A store on a MongoDB replica set. Runtimes may share it.
#[derive(Clone)]
pub struct Mongo(Arc<Inner>);

struct Inner {
    database: Database,
    deadline: Duration,
    shared: bool,
    sessions: Arc<sessions::Sessions>,
    hot: hot::Hot,
}

impl Mongo {
    /// Connects to the replica set and makes it known that this runtime is there.
    ///
    /// # Errors
    /// When nothing answers within the deadline, or what answers cannot hold transactions. The
    /// sentence says what to do.
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let (deadline, shared) = (settings.deadline, settings.shared);
        let database = connect::connect(settings).await?;
        let sessions = sessions::Sessions::open(database.clone(), deadline);
        sessions
            .bury_the_dead()
            .await
            .map_err(ConnectError::Unreachable)?;
        Ok(Self(Arc::new(Inner {
            database,
            deadline,
            shared,
            sessions,
            hot: hot::Hot::default(),
        })))
    }

    fn read<T: Send + 'static, W>(
        &self,
        work: impl FnOnce(Database) -> W,
    ) -> BoxFuture<'static, Result<T, Unavailable>>
    where
        W: Future<Output = mongodb::error::Result<T>> + Send + 'static,
    {
        within(self.0.deadline, work(self.0.database.clone())).boxed()
    }
}

impl Store for Mongo {
    fn prepare(&self, collections: &[&'static Collection]) -> BoxFuture<'_, Result<(), Unavailable>> {
        let work = indexes::prepare(self.0.database.clone(), collections.to_vec());
        within(Duration::from_secs(PREPARE_SECONDS_MAX), work).boxed()
    }

    fn commit(&self, batch: Vec<Commit>) -> BoxFuture<'_, Vec<Outcome>> {
        let (asked, inner) = (batch.len(), Arc::clone(&self.0));
        // A task of its own: whoever waits may go away, the batch lands whole or not at all.
        let work = tokio::spawn(async move { lane::commit(&inner, batch).await });
        let lost = || Outcome::Unavailable("the runtime is stopping".into());
        work.map(move |outcomes| outcomes.unwrap_or_else(|_| (0..asked).map(|_| lost()).collect()))
            .boxed()
    }

    fn load(
        &self,
        collection: &'static Collection,
        key: Key,
        sides: &'static [&'static Collection],
    ) -> BoxFuture<'_, Result<Loaded, Unavailable>> {
        self.read(|database| reading::load(database, collection, key, sides))
    }

    fn get(
        &self,
        collection: &'static Collection,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<Option<RawDocumentBuf>>, Unavailable>> {
        self.read(|database| async move { reading::get(&database, collection.name, &keys).await })
    }

    fn versions(
        &self,
        documents: Vec<(&'static Collection, Key)>,
    ) -> BoxFuture<'_, Result<Vec<Version>, Unavailable>> {
        self.read(|database| async move { reading::versions(&database, &documents).await })
    }

    fn find(&self, query: Query) -> BoxFuture<'_, Result<Page, Unavailable>> {
        self.read(|database| finding::find(database, query))
    }

    fn count(&self, query: Query) -> BoxFuture<'_, Result<u64, Unavailable>> {
        self.read(|database| finding::count(database, query))
    }

    fn feed(
        &self,
        after: Option<FeedPosition>,
        limit: usize,
    ) -> BoxFuture<'_, Result<FeedPage, Unavailable>> {
        self.read(|database| feed::feed(database, after, limit))
    }

    fn feed_end(&self) -> BoxFuture<'_, Result<FeedPosition, Unavailable>> {
        self.read(feed::end)
    }

    fn feed_length(&self, after: Option<FeedPosition>) -> BoxFuture<'_, Result<u64, Unavailable>> {
        self.read(|database| feed::length(database, after))
    }

    fn news(&self, after: FeedPosition) -> BoxFuture<'_, ()> {
        feed::news(self.0.database.clone(), after).boxed()
    }

    fn by_wire(&self) -> bool {
        true
    }

    fn shared(&self) -> bool {
        self.0.shared
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        let database = self.0.database.clone();
        let hello = async move { database.run_command(doc! { "hello": 1 }).await };
        let hello = within(self.0.deadline.min(HEALTH_WITHIN), hello);
        async move {
            match hello.await?.get_bool("isWritablePrimary") {
                Ok(true) => Ok(()),
                _ => Err(Unavailable("no MongoDB server takes writes".into())),
            }
        }
        .boxed()
    }
}

/// Waits for an answer as long as the deadline allows. The driver's futures must never be dropped
/// half-way, so the work has a task of its own, which ends by itself.
async fn within<T: Send + 'static>(
    deadline: Duration,
    work: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, Unavailable> {
    match tokio::time::timeout(deadline, tokio::spawn(work)).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(Unavailable(error.to_string())),
        Ok(Err(_)) => Err(Unavailable("the runtime is stopping".into())),
        Err(_) => Err(Unavailable(no_answer(deadline))),
    }
}

fn no_answer(deadline: Duration) -> String {
    format!("MongoDB did not answer within {deadline:?}")
}

/// A key as the `_id` of its document.
fn id(key: &Key) -> Bson {
    match key {
        Key::Id(id) => Bson::ObjectId(ObjectId::from(*id)),
        key => Bson::String(key.to_string()),
    }
}

fn shelf(database: &Database, name: &str) -> Shelf<RawDocumentBuf> {
    database.collection(name)
}

fn error_code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        mongodb::error::ErrorKind::Command(error) => Some(error.code),
        _ => None,
    }
}
