//! An ask on its whole way, through registry, admission, round and commit, against what one would
//! write without actors: a mutex for each thing, held until its change is durable.

#[expect(dead_code, reason = "a bench needs the smallest entity there is")]
#[path = "../tests/support/counter.rs"]
mod counter;
mod figures;

use std::sync::Arc;

use actix_rt::{System, SystemRunner};
use bazaar::actors::ask::Ask;
use bazaar::actors::engine::{Bounds, Engine};
use bazaar::actors::owners::Owners;
use bazaar::clock::{Chance, Clock};
use bazaar::domain::entity::{Entity, Key, RowWrite};
use bazaar::domain::id::Id;
use bazaar::store::embedded::Embedded;
use bazaar::store::{Commit, EVENTS, Guard, Outcome, Write, document};
use bazaar::supervisors::engine::Footing;
use bson::oid::ObjectId;
use bson::rawdoc;
use counter::{Command, Counter};
use criterion::Criterion;
use dashmap::DashMap;
use figures::Figures;
use futures_util::future::join_all;
use tokio::sync::Mutex;

const OUTSTANDING: [u64; 4] = [1, 8, 64, 512];
const THINGS: [u64; 2] = [1, 10_000];

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let figures = Figures::default();
    let system = System::new();
    for things in THINGS {
        for outstanding in OUTSTANDING {
            owners(&mut criterion, &figures, &system, things, outstanding);
            mutexes(&mut criterion, &figures, &system, things, outstanding);
        }
    }
    criterion.final_summary();
    for things in THINGS {
        for outstanding in OUTSTANDING {
            let (ours, theirs) = (
                name("owners", things, outstanding),
                name("mutexes", things, outstanding),
            );
            figures.compare(&ours, &theirs, (things == 1 && outstanding == 64).then_some(10.0));
        }
    }
}

fn name(what: &str, things: u64, outstanding: u64) -> String {
    format!("{what}/{things} things/{outstanding} outstanding")
}

fn id(n: u64) -> Id {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

fn add(id: Id) -> Command {
    Command::Add {
        id,
        amount: 1,
        tag: 0,
    }
}

fn footing(folder: &std::path::Path) -> Footing {
    let store = Arc::new(Embedded::open(folder).expect("a fresh folder opens"));
    let time = (Clock::system(), Chance::unforeseeable());
    Footing::start(store, time, Bounds::default()).expect("the machine gives threads")
}

fn owners(
    criterion: &mut Criterion,
    figures: &Figures,
    system: &SystemRunner,
    things: u64,
    outstanding: u64,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let footing = system.block_on(async { footing(folder.path()) });
    let owners: Owners<Counter> = Owners::new(Arc::clone(&footing.engine), Vec::new());
    system.block_on(async {
        let awake = (0..things).map(|n| owners.view(id(n), |_, _| ()));
        for awake in join_all(awake).await {
            awake.expect("every owner wakes");
        }
    });
    let mut asked = 0;
    let name = name("owners", things, outstanding);
    criterion.bench_function(&name, |bencher| {
        bencher.iter_custom(|times| {
            let first = asked;
            asked += times * outstanding;
            figures.time(&name, times * outstanding, || {
                let caller = |caller| {
                    let owners = owners.clone();
                    async move {
                        for n in 0..times {
                            let id = id((first + caller + n * outstanding) % things);
                            let ask = Ask::new(add(id), owners.engine().now(None));
                            owners.ask(id, ask).await.expect("every ask is answered");
                        }
                    }
                };
                system.block_on(async {
                    let callers = (0..outstanding).map(|one| actix_rt::spawn(caller(one)));
                    for done in join_all(callers).await {
                        done.expect("no caller fails");
                    }
                });
            })
        });
    });
    let sum = system.block_on(async {
        let totals = (0..things.min(asked))
            .map(|n| owners.view(id(n), |counter, _| counter.map_or(0, |counter| counter.total)));
        join_all(totals)
            .await
            .into_iter()
            .map(|total| total.expect("every owner answers"))
            .sum::<i64>()
    });
    assert_eq!(u64::try_from(sum), Ok(asked), "all of it was really done");
    drop(owners);
    system.block_on(footing.stop());
}

/// The things, each under a lock of its own.
#[derive(Default)]
struct Locked(DashMap<Id, Arc<Mutex<(Option<Counter>, u64)>>>);

impl Locked {
    async fn add(&self, engine: &Engine, id: Id) {
        let locked = Arc::clone(&self.0.entry(id).or_default());
        let mut thing = locked.lock().await;
        let decided = Counter::decide(thing.0.as_ref(), &add(id), &engine.now(None));
        let change = decided
            .ok()
            .and_then(|decision| decision.change)
            .expect("it adds");
        let commit = commit(engine, id, thing.1, &change.state, &change.events[0]);
        let outcome = engine.committer.commit(commit).await;
        assert!(matches!(outcome, Outcome::Stored), "{outcome:?}");
        *thing = (Some(change.state), thing.1 + 1);
    }
}

/// The commit that an owner makes of one add.
fn commit(engine: &Engine, id: Id, expect: u64, state: &Counter, event: &counter::Added) -> Commit {
    let (commit, key) = (ObjectId::from(engine.id()), Key::Id(id));
    let put = Some(document::of_entity(&key, expect + 1, commit, state));
    let name = document::event_id(Counter::KIND, id, expect + 1, 0);
    let mut row = rawdoc! {
        "_id": name.as_str(),
        "type": "ADDED",
        "kind": Counter::KIND,
        "entity": ObjectId::from(id),
        "version": document::signed(expect + 1),
        "at": bson::DateTime::from_millis(engine.clock.now().millis()),
    };
    row.append(bson::raw::cstr!("data"), document::encode(event));
    let event = Write {
        collection: &EVENTS,
        key: Key::Name(name),
        row: RowWrite::Insert(row),
    };
    let guard = Guard {
        collection: Counter::COLLECTION,
        key,
        expect,
        put,
    };
    Commit {
        id: commit,
        guard: Some(guard),
        writes: vec![event],
    }
}

fn mutexes(
    criterion: &mut Criterion,
    figures: &Figures,
    system: &SystemRunner,
    things: u64,
    outstanding: u64,
) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let footing = system.block_on(async { footing(folder.path()) });
    let locked = Arc::new(Locked::default());
    let mut asked = 0;
    let name = name("mutexes", things, outstanding);
    criterion.bench_function(&name, |bencher| {
        bencher.iter_custom(|times| {
            let first = asked;
            asked += times * outstanding;
            figures.time(&name, times * outstanding, || {
                let caller = |caller| {
                    let (locked, engine) = (Arc::clone(&locked), Arc::clone(&footing.engine));
                    async move {
                        for n in 0..times {
                            locked
                                .add(&engine, id((first + caller + n * outstanding) % things))
                                .await;
                        }
                    }
                };
                system.block_on(async {
                    let callers = (0..outstanding).map(|one| actix_rt::spawn(caller(one)));
                    for done in join_all(callers).await {
                        done.expect("no caller fails");
                    }
                });
            })
        });
    });
    let added: u64 = locked
        .0
        .iter()
        .map(|thing| thing.try_lock().map_or(0, |thing| thing.1))
        .sum();
    assert_eq!(added, asked, "all of it was really done");
    system.block_on(footing.stop());
}
