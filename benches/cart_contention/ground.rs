//! What contestants stand on: an engine whose store is on disk or in MongoDB, or one that keeps
//! nothing.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::{Bounds, Engine};
use bazaar::clock::{Chance, Clock};
use bazaar::domain::collection::Collection;
use bazaar::domain::entity::Key;
use bazaar::store::embedded::Embedded;
use bazaar::store::mongo::{Mongo, Settings};
use bazaar::store::{
    Commit, FeedPage, FeedPosition, Loaded, Outcome, Page, Query, Store, Unavailable, Version,
};
use bazaar::supervisors::engine::Footing;
use bson::RawDocumentBuf;
use bson::oid::ObjectId;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending, ready};
use mongodb::{Client, Database};
use tempfile::TempDir;

/// How much is asked of the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: what is in memory is all there is.
    None,
    /// Every answer rests on what is on disk.
    Durable,
    /// Every answer rests on what is in the journals of most of a MongoDB replica set.
    Replicated,
}

pub(crate) struct Ground {
    footing: Footing,
    pub(crate) durability: Durability,
    _folder: TempDir,
    database: Option<Database>,
}

impl Ground {
    pub(crate) async fn new(durability: Durability) -> Self {
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let mut database = None;
        let store: Arc<dyn Store> = match durability {
            Durability::None => Arc::new(Nowhere),
            Durability::Durable => Arc::new(Embedded::open(folder.path()).expect("a fresh folder opens")),
            Durability::Replicated => {
                let uri = mongo_uri().expect("nobody asks for it without MongoDB");
                let fresh = database_at(&uri).await;
                Arc::new(in_mongo(uri, database.insert(fresh).name()).await)
            }
        };
        let time = (Clock::system(), Chance::unforeseeable());
        let footing = Footing::start(store, time, Bounds::default());
        Self {
            footing: footing.expect("the machine gives threads"),
            durability,
            _folder: folder,
            database,
        }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.footing.engine
    }

    pub(crate) async fn leave(self) {
        self.footing.stop().await;
        if let Some(database) = self.database {
            database.drop().await.expect("MongoDB answers");
        }
    }
}

impl Durability {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Durable => "durable",
            Self::Replicated => "on MongoDB",
        }
    }
}

/// Where MongoDB is, if it takes part.
pub(crate) fn mongo_uri() -> Option<String> {
    std::env::var("BAZAAR_TEST_MONGO_URI").ok()
}

/// A database of nobody else's.
pub(crate) async fn database_at(uri: &str) -> Database {
    let client = Client::with_uri_str(uri).await.expect("the URI is right");
    client.database(&format!("bench-{}", ObjectId::new().to_hex()))
}

async fn in_mongo(uri: String, database: &str) -> Mongo {
    let settings = Settings {
        uri,
        database: Some(database.to_owned()),
        deadline: Duration::from_secs(10),
        shared: false,
    };
    Mongo::connect(settings).await.expect("MongoDB is there")
}

/// A store that says yes and keeps nothing. Owners that stay awake do not miss it.
struct Nowhere;

impl Store for Nowhere {
    fn prepare(&self, _: &[&'static Collection]) -> BoxFuture<'_, Result<(), Unavailable>> {
        ready(Ok(())).boxed()
    }

    fn commit(&self, batch: Vec<Commit>) -> BoxFuture<'_, Vec<Outcome>> {
        ready(batch.iter().map(|_| Outcome::Stored).collect()).boxed()
    }

    fn load(
        &self,
        _: &'static Collection,
        _: Key,
        _: &'static [&'static Collection],
    ) -> BoxFuture<'_, Result<Loaded, Unavailable>> {
        let nothing = Loaded {
            document: None,
            rows: Vec::new(),
        };
        ready(Ok(nothing)).boxed()
    }

    fn get(
        &self,
        _: &'static Collection,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<Option<RawDocumentBuf>>, Unavailable>> {
        ready(Ok(vec![None; keys.len()])).boxed()
    }

    fn versions(
        &self,
        documents: Vec<(&'static Collection, Key)>,
    ) -> BoxFuture<'_, Result<Vec<Version>, Unavailable>> {
        ready(Ok(vec![0; documents.len()])).boxed()
    }

    fn find(&self, _: Query) -> BoxFuture<'_, Result<Page, Unavailable>> {
        ready(Err(unsaid())).boxed()
    }

    fn count(&self, _: Query) -> BoxFuture<'_, Result<u64, Unavailable>> {
        ready(Ok(0)).boxed()
    }

    fn feed(&self, _: Option<FeedPosition>, _: usize) -> BoxFuture<'_, Result<FeedPage, Unavailable>> {
        ready(Err(unsaid())).boxed()
    }

    fn feed_end(&self) -> BoxFuture<'_, Result<FeedPosition, Unavailable>> {
        ready(Err(unsaid())).boxed()
    }

    fn feed_length(&self, _: Option<FeedPosition>) -> BoxFuture<'_, Result<u64, Unavailable>> {
        ready(Ok(0)).boxed()
    }

    fn news(&self, _: FeedPosition) -> BoxFuture<'_, ()> {
        pending().boxed()
    }

    fn by_wire(&self) -> bool {
        false
    }

    fn shared(&self) -> bool {
        false
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        ready(Ok(())).boxed()
    }
}

fn unsaid() -> Unavailable {
    Unavailable("nothing is kept here".into())
}
