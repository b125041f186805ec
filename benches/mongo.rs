//! What the committer saves on MongoDB: 128 changes that wait together, against one
//! `findOneAndUpdate` for each by as many callers. Runs where `BAZAAR_TEST_MONGO_URI` names a
//! replica set; both sides ask for the majority's journal.

mod figures;

use std::sync::Arc;
use std::time::Duration;

use bazaar::domain::collection::Collection;
use bazaar::domain::entity::Key;
use bazaar::domain::id::Id;
use bazaar::store::committer::Committer;
use bazaar::store::mongo::{Mongo, Settings};
use bazaar::store::{Commit, Guard, Outcome, Store, Version, document};
use bson::oid::ObjectId;
use bson::{Document, doc};
use criterion::Criterion;
use figures::Figures;
use futures_util::future::join_all;
use mongodb::options::{Acknowledgment, WriteConcern};
use mongodb::{Client, Collection as Documents};
use tokio::runtime::Runtime;

const WAITING: u64 = 128;
/// As many batches side by side as the runtime sends.
const LANES: u32 = 4;

static THINGS: Collection = Collection::plain("things");

fn main() {
    let Ok(uri) = std::env::var("BAZAAR_TEST_MONGO_URI") else {
        println!("skipped: BAZAAR_TEST_MONGO_URI is not set");
        return;
    };
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let figures = Figures::default();
    let runtime = Runtime::new().expect("the machine gives threads");
    let database = format!("bench-{}", ObjectId::new().to_hex());
    committer(&mut criterion, &figures, &runtime, &uri, &database);
    one_by_one(&mut criterion, &figures, &runtime, &uri, &database);
    criterion.final_summary();
    figures.compare("committer/128", "findOneAndUpdate/128", Some(8.0));
    runtime.block_on(async {
        let client = Client::with_uri_str(&uri).await.expect("the URI is right");
        client.database(&database).drop().await.expect("MongoDB answers");
    });
}

fn key(n: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn state(version: Version) -> Document {
    doc! { "title": format!("thing at version {version}"), "description": "x".repeat(450) }
}

fn change(n: u64, version: Version) -> Commit {
    let (id, key) = (ObjectId::new(), Key::Id(Id::from_bytes(key(n))));
    let put = document::of_entity(&key, version, id, &state(version));
    Commit {
        id,
        guard: Some(Guard {
            collection: &THINGS,
            key,
            expect: version - 1,
            put: Some(put),
        }),
        writes: Vec::new(),
    }
}

fn committer(criterion: &mut Criterion, figures: &Figures, runtime: &Runtime, uri: &str, database: &str) {
    let store = runtime.block_on(async {
        let settings = Settings {
            uri: uri.to_owned(),
            database: Some(database.to_owned()),
            deadline: Duration::from_secs(10),
            shared: false,
        };
        let store = Mongo::connect(settings).await.expect("MongoDB is there");
        store.prepare(&[&THINGS]).await.expect("MongoDB answers");
        Arc::new(store)
    });
    let (committer, run) = Committer::new(store, LANES);
    runtime.spawn(run);
    let mut version = 0;
    criterion.bench_function("committer/128", |bencher| {
        bencher.iter_custom(|times| {
            figures.time("committer/128", times * WAITING, || {
                for _ in 0..times {
                    version += 1;
                    let changes = (0..WAITING).map(|n| committer.commit(change(n, version)));
                    let outcomes = runtime.block_on(join_all(changes));
                    let stored = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored));
                    assert!(stored, "all of it was really done: {outcomes:?}");
                }
            })
        });
    });
}

fn one_by_one(criterion: &mut Criterion, figures: &Figures, runtime: &Runtime, uri: &str, database: &str) {
    let majority = WriteConcern::builder()
        .w(Acknowledgment::Majority)
        .journal(true)
        .build();
    let things: Documents<Document> = runtime.block_on(async {
        let client = Client::with_uri_str(uri).await.expect("the URI is right");
        client.database(database).collection("things_one_by_one")
    });
    let mut version = 0;
    criterion.bench_function("findOneAndUpdate/128", |bencher| {
        bencher.iter_custom(|times| {
            figures.time("findOneAndUpdate/128", times * WAITING, || {
                for _ in 0..times {
                    version += 1;
                    let updates = (0..WAITING).map(|n| {
                        let mut set = state(version);
                        set.insert("version", document::signed(version));
                        let filter = doc! { "_id": ObjectId::from_bytes(key(n)) };
                        let update = things.find_one_and_update(filter, doc! { "$set": set });
                        update.upsert(true).write_concern(majority.clone()).into_future()
                    });
                    let answers = runtime.block_on(join_all(updates));
                    assert!(answers.iter().all(Result::is_ok), "all of it was really done");
                }
            })
        });
    });
}
