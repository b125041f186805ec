//! Several runtimes on one MongoDB: who dies there, and who works on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bazaar::store::mongo::{Mongo, Settings};
use bazaar::store::{Outcome, Store};
use bson::{Document, doc};
use mongodb::Client;

use crate::child;
use crate::documents::{THINGS, change, id, make};
use crate::mongod;
use crate::opened::{Opened, settings};
use crate::proxy::{Proxy, Weather};

use crate::mongo_faults::{address, soon, through};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runtime_killed_inside_a_transaction_holds_nobody_up() {
    let Some(uri) = mongod::shared() else { return };
    let proxy = Proxy::before(address(&uri)).await;
    let ours = settings(uri);
    let opened = Opened::at(ours.clone()).await;
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    drop(opened);

    proxy.turn(Weather::BlackHoleAt("commitTransaction"));
    let place = format!("{} {}", through(&proxy), ours.database.clone().unwrap());
    let command = child::running("mongo_runtimes::a_runtime_that_is_killed", &place);
    let mut child = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon(proxy.turned(Weather::BlackHole)).await;
    child.kill().await.unwrap();
    proxy.turn(Weather::Cut);
    assert!(is_locked(&ours).await, "the dead runtime's lock stands");

    let started = Instant::now();
    let opened = Opened::at(ours).await;
    opened.given(vec![change(1, 1, doc! { "n": 3 })]).await;
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[test]
#[ignore = "another process, started by a test"]
fn a_runtime_that_is_killed() {
    let Some(place) = child::place() else { return };
    let (uri, database) = place.split_once(' ').unwrap();
    let settings = Settings {
        database: Some(database.to_owned()),
        ..settings(uri.to_owned())
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Mongo::connect(settings).await.unwrap();
        store.commit(vec![change(1, 1, doc! { "n": 2 })]).await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sessions_of_a_runtime_that_fell_silent_are_ended() {
    let Some(uri) = mongod::shared() else { return };
    let ours = settings(uri);
    let opened = Opened::at(ours.clone()).await;
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    drop(opened);
    let client = Client::with_uri_str(&ours.uri).await.unwrap();
    let database = client.database(ours.database.as_ref().unwrap());
    let mut session = client.start_session().await.unwrap();
    session.start_transaction().await.unwrap();
    let things = database.collection::<Document>("things");
    things
        .update_many(doc! {}, doc! { "$set": { "n": 2 } })
        .session(&mut session)
        .await
        .unwrap();
    let long_ago = bson::DateTime::from_millis(0);
    let row = doc! { "_id": "elsewhere", "host": "elsewhere", "sessions": [session.id()], "beat": long_ago };
    database.collection("runtimes").insert_one(row).await.unwrap();
    assert!(is_locked(&ours).await);

    let opened = Opened::at(ours).await;
    opened.given(vec![change(1, 1, doc! { "n": 3 })]).await;
    assert!(session.commit_transaction().await.is_err(), "it comes too late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_that_comes_late_does_not_forget_the_sessions_opened_meanwhile() {
    let Some(uri) = mongod::shared() else { return };
    let proxy = Proxy::before(address(&uri)).await;
    let ours = settings(through(&proxy));
    proxy.turn(Weather::DetainAt("$currentDate"));
    let opened = Opened::at(ours.clone()).await;
    soon(proxy.turned(Weather::Detaining)).await;
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    let enrolled = row(&ours).await;
    assert_eq!(enrolled.get_array("sessions").unwrap().len(), 1, "{enrolled}");

    proxy.turn(Weather::Fair);
    let beaten = soon(async {
        loop {
            let now = row(&ours).await;
            if now.get("beat") != enrolled.get("beat") {
                return now;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(beaten.await.get("sessions"), enrolled.get("sessions"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runtimes_that_share_a_hot_thing_lose_no_change_of_the_others() {
    let Some(uri) = mongod::shared() else { return };
    let ours = settings(uri);
    let first = Arc::new(Opened::at(ours.clone()).await);
    let second = Arc::new(Opened::at(ours).await);
    first.given(vec![make(0, doc! { "n": 0 })]).await;
    let runs = [(Arc::clone(&first), 1_000), (second, 2_000)].map(|(opened, from)| {
        tokio::spawn(async move {
            let mut won = 0;
            for round in 0..20 {
                let hot = opened
                    .store
                    .versions(vec![(&THINGS, id(0).into())])
                    .await
                    .unwrap()[0];
                let mut batch = vec![change(0, hot, doc! { "n": round })];
                batch.extend((0..20).map(|n| make(from + round * 20 + n, doc! {})));
                let mut outcomes = opened.batch(batch).await;
                let cold = outcomes.split_off(1);
                assert!(
                    cold.iter().all(|outcome| matches!(outcome, Outcome::Stored)),
                    "{cold:?}"
                );
                match outcomes[0] {
                    Outcome::Stored => won += 1,
                    Outcome::Conflict => {}
                    ref other => panic!("{other:?}"),
                }
            }
            won
        })
    });
    let mut won = 0;
    for run in runs {
        won += run.await.unwrap();
    }
    let version = first.store.versions(vec![(&THINGS, id(0).into())]).await.unwrap()[0];
    assert_eq!(
        version,
        1 + won,
        "every change that was told stands, and no other"
    );
}

/// Ends the sessions of all runtimes on a database, past the proxy.
pub(crate) async fn forget_sessions(settings: &Settings) {
    let client = Client::with_uri_str(mongod::shared().unwrap()).await.unwrap();
    let sessions = row(settings).await.get_array("sessions").unwrap().clone();
    client
        .database("admin")
        .run_command(doc! { "killSessions": sessions })
        .await
        .unwrap();
}

/// By which the only runtime of a database shows that it lives, read past the proxy.
async fn row(settings: &Settings) -> Document {
    let client = Client::with_uri_str(mongod::shared().unwrap()).await.unwrap();
    let database = client.database(settings.database.as_ref().unwrap());
    let row = database
        .collection::<Document>("runtimes")
        .find_one(doc! {})
        .await;
    row.unwrap().expect("a runtime that is there")
}

/// Whether a write to the things has to wait for somebody.
async fn is_locked(settings: &Settings) -> bool {
    let client = Client::with_uri_str(&settings.uri).await.unwrap();
    let touch = doc! {
        "update": "things",
        "updates": [{ "q": { "_id": bson::oid::ObjectId::from(id(1)) }, "u": { "$set": { "n": 9 } } }],
        "maxTimeMS": 300,
    };
    let database = client.database(settings.database.as_ref().unwrap());
    database.run_command(touch).await.is_err()
}
