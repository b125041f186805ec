//! An opened store, whichever adapter it is, and the macro that runs a case against all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bazaar::store::embedded::Embedded;
use bazaar::store::mongo::{Mongo, Settings};
use bazaar::store::{Commit, Outcome, Store};
use tempfile::TempDir;

use crate::documents::COLLECTIONS;
use crate::mongod;

/// A store of this test's own.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    place: Place,
}

enum Place {
    Folder(TempDir),
    KeptFolder(PathBuf),
    Database(Settings),
}

impl Opened {
    /// The embedded store in a folder of its own.
    pub(crate) async fn embedded() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::open(Place::Folder(folder)).await
    }

    /// A database of its own on the replica set that the tests share, if there is one.
    pub(crate) async fn mongo() -> Option<Self> {
        let uri = mongod::shared()?;
        Some(Self::open(Place::Database(settings(uri))).await)
    }

    /// The same store as a new start of the runtime finds it.
    pub(crate) async fn reopen(self) -> Self {
        let Self { store, place } = self;
        drop(store);
        Self::open(place).await
    }

    /// The store that these settings lead to.
    pub(crate) async fn at(settings: Settings) -> Self {
        Self::open(Place::Database(settings)).await
    }

    /// The embedded store in a folder that somebody else keeps.
    pub(crate) async fn in_folder(folder: &Path) -> Self {
        Self::open(Place::KeptFolder(folder.to_owned())).await
    }

    /// What becomes of one commit on its own.
    pub(crate) async fn commit(&self, commit: Commit) -> Outcome {
        self.batch(vec![commit]).await.remove(0)
    }

    /// What becomes of each commit of a batch.
    pub(crate) async fn batch(&self, commits: Vec<Commit>) -> Vec<Outcome> {
        let asked = commits.len();
        let outcomes = self.store.commit(commits).await;
        assert_eq!(outcomes.len(), asked, "every commit is answered");
        outcomes
    }

    /// Writes what has to be there before the case begins.
    pub(crate) async fn given(&self, commits: Vec<Commit>) {
        for outcome in self.batch(commits).await {
            assert!(matches!(outcome, Outcome::Stored), "{outcome:?}");
        }
    }

    async fn open(place: Place) -> Self {
        let store: Arc<dyn Store> = match &place {
            Place::Folder(folder) => folder_store(folder.path()),
            Place::KeptFolder(folder) => folder_store(folder),
            Place::Database(settings) => Arc::new(
                Mongo::connect(settings.clone())
                    .await
                    .expect("a replica set that is up"),
            ),
        };
        store.prepare(COLLECTIONS).await.expect("a store that is up");
        Self { store, place }
    }
}

fn folder_store(folder: &Path) -> Arc<dyn Store> {
    Arc::new(Embedded::open(folder).expect("the folder is free"))
}

/// How the tests connect: to a database that nobody else uses.
pub(crate) fn settings(uri: String) -> Settings {
    Settings {
        uri,
        database: Some(format!("test_{}", bson::oid::ObjectId::new())),
        deadline: Duration::from_secs(10),
        shared: true,
    }
}

/// Makes a test of each case for each adapter.
#[macro_export]
macro_rules! contract {
    ($(async fn $case:ident($opened:ident: Opened) $body:block)*) => {$(
        mod $case {
            use super::*;

            async fn case($opened: Opened) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                case(Opened::embedded().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mongo() {
                if let Some(opened) = Opened::mongo().await {
                    case(opened).await;
                }
            }
        }
    )*};
}
