//! What the committer adds to the embedded store, and what it saves: commits that wait together,
//! against fjall called directly with the same batches, and against one sync for each commit.

mod figures;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bazaar::domain::collection::Collection;
use bazaar::domain::entity::Key;
use bazaar::domain::id::Id;
use bazaar::store::committer::Committer;
use bazaar::store::embedded::Embedded;
use bazaar::store::{Commit, Guard, Outcome, Store, Version, document, order};
use bson::oid::ObjectId;
use criterion::Criterion;
use figures::Figures;
use fjall::{Database, KeyspaceCreateOptions, PersistMode};
use futures_util::future::{Either, join_all, select};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use tokio::task::unconstrained;

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
    for waiting in WAITING {
        committer(&mut criterion, &figures, waiting);
        directly(&mut criterion, &figures, waiting);
    }
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

/// So many commits wait at once; they are handed in, written and answered on one thread.
fn committer(criterion: &mut Criterion, figures: &Figures, waiting: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (store, thread) = (open(folder.path()), runtime());
    let (committer, mut run) = Committer::new(Arc::new(store.clone()), 1);
    let mut version = 0;
    let name = format!("committer/{waiting}");
    criterion.bench_function(&name, |bencher| {
        bencher.iter_custom(|times| {
            figures.time(&name, times * waiting, || {
                for _ in 0..times {
                    version += 1;
                    let commits = (0..waiting).map(|n| committer.commit(thing(n, version)));
                    // Without yielding to tasks that are not there.
                    let done = unconstrained(select(join_all(commits), &mut run));
                    let done = thread.block_on(done);
                    let Either::Left((outcomes, _)) = done else {
                        panic!("the committer runs as long as it has callers");
                    };
                    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored)));
                }
            })
        });
    });
    let tally = committer.tally();
    let batches = tally.batches.load(Ordering::Relaxed);
    assert_eq!(batches, version, "what waits together is one batch");
    let things = (0..waiting).filter_map(|n| thing(n, 1).guard);
    let keys = things.map(|guard| (guard.collection, guard.key)).collect();
    let stored = thread.block_on(async { store.versions(keys).await });
    let stored = stored.expect("the store answers");
    assert!(
        stored.iter().all(|stored| *stored == version),
        "all of it was really done"
    );
}

/// The same documents in the same batches, without anything that could refuse one.
fn directly(criterion: &mut Criterion, figures: &Figures, waiting: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = Database::builder(folder.path())
        .manual_journal_persist(true)
        .open();
    let database = database.expect("a fresh folder opens");
    let things = database.keyspace("things", KeyspaceCreateOptions::default);
    let things = things.expect("a fresh folder opens");
    let mut version = 0;
    let name = format!("fjall/{waiting}");
    criterion.bench_function(&name, |bencher| {
        bencher.iter_custom(|times| {
            figures.time(&name, times * waiting, || {
                for _ in 0..times {
                    version += 1;
                    let waiting: Vec<_> = (0..waiting).map(|n| thing(n, version)).collect();
                    let mut batch = database.batch().durability(Some(PersistMode::SyncAll));
                    for guard in waiting.into_iter().filter_map(|thing| thing.guard) {
                        let (key, put) = (order::key_bytes(&guard.key), guard.put);
                        batch.insert(&things, key, put.expect("a document").as_bytes());
                    }
                    batch.commit().expect("the disk takes it");
                }
            })
        });
    });
    let wanted = if version > 0 { waiting } else { 0 };
    assert_eq!(things.iter().count() as u64, wanted, "all of it was really done");
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
