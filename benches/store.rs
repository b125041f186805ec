//! What the committer adds to the embedded store, and what it saves: commits from many callers at
//! once, against fjall called directly with the same documents in batches of that size, and
//! against one sync for each commit.

mod figures;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bazaar::domain::collection::Collection;
use bazaar::domain::entity::Key;
use bazaar::domain::id::Id;
use bazaar::store::committer::Committer;
use bazaar::store::embedded::Embedded;
use bazaar::store::{Commit, Guard, Outcome, Store, Version, document};
use bson::oid::ObjectId;
use criterion::{BenchmarkId, Criterion};
use figures::Figures;
use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use futures_util::future::join_all;
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

const WAITING: [u64; 4] = [1, 16, 128, 1_024];

static THINGS: Collection = Collection::plain("things");

/// About as large as a product or a cart.
#[derive(Serialize)]
struct Thing {
    title: String,
    description: String,
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let figures = Figures::default();
    committer(&mut criterion, &figures);
    directly(&mut criterion, &figures);
    singly(&mut criterion, &figures);
    criterion.final_summary();
    for waiting in WAITING {
        figures.compare(
            &format!("committer/{waiting}"),
            &format!("fjall/{waiting}"),
            Some(0.7),
        );
    }
    figures.compare("committer/128", "one sync each", Some(20.0));
}

fn thing(n: u64, version: Version) -> Commit {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    let (id, key) = (ObjectId::from_bytes(bytes), Key::Id(Id::from_bytes(bytes)));
    let state = Thing {
        title: format!("thing {n} at version {version}"),
        description: "x".repeat(450),
    };
    let put = Some(document::of_entity(&key, version, id, &state));
    let guard = Guard {
        collection: &THINGS,
        key,
        expect: version - 1,
        put,
    };
    Commit {
        id,
        guard: Some(guard),
        writes: Vec::new(),
    }
}

fn runtime() -> Runtime {
    let built = Builder::new_current_thread().enable_all().build();
    built.expect("a runtime of one thread starts")
}

fn open(folder: &Path) -> Embedded {
    Embedded::open(folder).expect("a fresh folder opens")
}

/// So many callers at once, each with its next commit as soon as the last one stands.
fn committer(criterion: &mut Criterion, figures: &Figures) {
    let mut group = criterion.benchmark_group("committer");
    for waiting in WAITING {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = open(folder.path());
        let (committer, run) = Committer::new(Arc::new(store.clone()), 1);
        let thread = thread::spawn(move || runtime().block_on(run));
        let callers = runtime();
        let mut version = 0;
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter_custom(|times| {
                let (first, last) = (version + 1, version + times);
                version = last;
                figures.time(&format!("committer/{waiting}"), times * waiting, || {
                    let one = |n| {
                        let committer = committer.clone();
                        callers.spawn(async move {
                            for version in first..=last {
                                let outcome = committer.commit(thing(n, version)).await;
                                assert!(matches!(outcome, Outcome::Stored), "{outcome:?}");
                            }
                        })
                    };
                    let all: Vec<_> = (0..waiting).map(one).collect();
                    callers.block_on(join_all(all)).into_iter().for_each(|one| {
                        one.expect("every commit stands");
                    });
                })
            });
        });
        let keys = (0..waiting)
            .filter_map(|n| thing(n, 1).guard)
            .map(|guard| (guard.collection, guard.key));
        let stored = callers.block_on(async { store.versions(keys.collect()).await });
        let stored = stored.expect("the store answers");
        assert!(
            stored.iter().all(|stored| *stored == version),
            "all of it was really done"
        );
        drop(committer);
        thread.join().expect("the committer ends with its last caller");
    }
    group.finish();
}

/// The same documents, in batches of that size, without anything that could refuse one.
fn directly(criterion: &mut Criterion, figures: &Figures) {
    let mut group = criterion.benchmark_group("fjall");
    for waiting in WAITING {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Database::builder(folder.path())
            .manual_journal_persist(true)
            .open();
        let database = database.expect("a fresh folder opens");
        let things = database.keyspace("things", KeyspaceCreateOptions::default);
        let things = things.expect("a fresh folder opens");
        let mut version = 0;
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter_custom(|times| {
                let (first, last) = (version + 1, version + times);
                version = last;
                figures.time(&format!("fjall/{waiting}"), times * waiting, || {
                    for version in first..=last {
                        let mut batch = database.batch().durability(Some(PersistMode::SyncAll));
                        for guard in (0..waiting).filter_map(|n| thing(n, version).guard) {
                            let (key, put) = (bazaar::store::order::key_bytes(&guard.key), guard.put);
                            batch.insert(&things, key, put.expect("a document").as_bytes());
                        }
                        batch.commit().expect("the disk takes it");
                    }
                })
            });
        });
        let stored = things.iter().count();
        assert_eq!(stored as u64, waiting, "all of it was really done");
    }
    group.finish();
}

fn singly(criterion: &mut Criterion, figures: &Figures) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (store, caller) = (open(folder.path()), runtime());
    let mut version = 0;
    criterion.bench_function("one sync each", |bencher| {
        bencher.iter_custom(|times| {
            figures.time("one sync each", times, || {
                for _ in 0..times {
                    version += 1;
                    let outcomes = caller.block_on(store.commit(vec![thing(1, version)]));
                    assert!(matches!(black_box(&outcomes[..]), [Outcome::Stored]));
                }
            })
        });
    });
}
