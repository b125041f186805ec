//! What can befall MongoDB and the way to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bazaar::store::mongo::{ConnectError, Mongo, Settings};
use bazaar::store::{Commit, Outcome, Query, Store, document};
use bson::{Document, doc};
use mongodb::Client;

use crate::child;
use crate::documents::{THINGS, With, change, id, make, thing};
use crate::mongod::{self, Mongod};
use crate::opened::{Opened, settings};
use crate::proxy::{Proxy, Weather};

const DEADLINE: Duration = Duration::from_secs(2);
/// Room for a busy machine beyond the deadline.
const SLACK: Duration = Duration::from_secs(3);
const BACK_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_standalone_server_is_refused_with_the_way_out() {
    let Some(server) = Mongod::standalone().await else {
        return;
    };
    let refused = Mongo::connect(settings(server.uri())).await.err();
    assert!(
        matches!(refused, Some(ConnectError::Standalone(_))),
        "{refused:?}"
    );
    let sentence = refused.unwrap().to_string();
    assert!(
        sentence.contains("--replSet rs0") && sentence.contains("rs.initiate()"),
        "{sentence}"
    );
    assert!(sentence.contains(&server.address()), "{sentence}");
}

#[tokio::test]
async fn a_server_that_waits_to_be_made_a_set_is_refused_with_the_way_out() {
    let Some(server) = Mongod::uninitiated().await else {
        return;
    };
    for uri in [
        server.uri(),
        format!("mongodb://{}/?replicaSet=rs0", server.address()),
    ] {
        let refused = Mongo::connect(impatient(uri)).await.err();
        assert!(
            matches!(refused, Some(ConnectError::Uninitiated(_))),
            "{refused:?}"
        );
        assert!(refused.unwrap().to_string().contains("rs.initiate()"));
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_within_the_deadline() {
    let proxy = Proxy::before("127.0.0.1:1").await;
    for weather in [Weather::Fair, Weather::BlackHole, Weather::Cut] {
        proxy.turn(weather);
        let asked = Instant::now();
        let refused = Mongo::connect(impatient(through(&proxy))).await.err();
        assert!(
            matches!(refused, Some(ConnectError::Unreachable(_))),
            "{refused:?}"
        );
        assert!(
            asked.elapsed() < 2 * DEADLINE + SLACK,
            "{weather:?}: {:?}",
            asked.elapsed()
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let Some(uri) = mongod::shared() else { return };
    let uri = uri.replace("mongodb://", "mongodb://anna:open-sesame@");
    let refused = Mongo::connect(impatient(uri))
        .await
        .err()
        .expect("a wrong password")
        .to_string();
    assert!(refused.contains("uthentication"), "{refused}");
    assert!(!refused.contains("open-sesame"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_in_doubt_until_it_is_known_to_have_landed() {
    let Some((proxy, _, opened)) = behind_a_proxy().await else {
        return;
    };
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    proxy.turn(Weather::NoAnswersAfter("commitTransaction"));
    let commit = change(1, 1, doc! { "n": 2 });
    let settled = in_doubt(&opened, commit.clone()).await;
    proxy.turn(Weather::Fair);
    soon(settled.wait()).await;
    let found = opened
        .store
        .get(&THINGS, vec![id(1).into()])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    assert_eq!(
        document::commit(&found),
        Some(commit.id),
        "its own commit is recognised"
    );
    assert_eq!(document::version(&found), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_was_lost_on_its_way_is_in_doubt_until_it_can_never_land() {
    let Some((proxy, ours, opened)) = behind_a_proxy().await else {
        return;
    };
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    proxy.turn(Weather::CutAt("commitTransaction"));
    let settled = in_doubt(&opened, change(1, 1, doc! { "n": 2 })).await;
    // What the server had of it is gone, as after a change of the primary.
    forget_sessions(&ours).await;
    proxy.turn(Weather::Fair);
    soon(settled.wait()).await;
    assert_eq!(
        thing(&*opened.store, 1)
            .await
            .unwrap()
            .get_i64("version")
            .unwrap(),
        1
    );
    opened.given(vec![change(1, 1, doc! { "n": 3 })]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_way_is_a_way() {
    let Some((proxy, _, opened)) = behind_a_proxy().await else {
        return;
    };
    proxy.turn(Weather::Slow(Duration::from_millis(20)));
    opened
        .given(vec![
            make(1, doc! { "n": 1 }).event(1, 1),
            make(2, doc! { "n": 1 }),
        ])
        .await;
    assert!(thing(&*opened.store, 2).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_swallowed_before_the_commit_changed_nothing_and_holds_nothing_up() {
    let Some((proxy, ours, opened)) = behind_a_proxy().await else {
        return;
    };
    opened.given(vec![make(1, doc! { "n": 1 })]).await;
    // The guarded change has been answered by then, and its lock stands on the server.
    proxy.turn(Weather::BlackHoleAt("bookkeeping"));
    let asked = Instant::now();
    let outcome = opened
        .commit(change(1, 1, doc! { "n": 2 }).put_note("bookkeeping", doc! {}))
        .await;
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
    assert!(asked.elapsed() < DEADLINE + SLACK, "{:?}", asked.elapsed());
    // The lock goes with the session as soon as the server can be reached again, and not after the
    // server's minute: another runtime, which has a way of its own, changes the same thing.
    proxy.turn(Weather::Fair);
    let fair = Instant::now();
    let uri = mongod::shared().unwrap();
    let other = Opened::at(Settings { uri, ..ours }).await;
    back(&other, change(1, 1, doc! { "n": 3 })).await;
    assert!(fair.elapsed() < Duration::from_secs(20), "{:?}", fair.elapsed());
    let found = thing(&*opened.store, 1).await.unwrap();
    assert_eq!(found.get_i32("n").unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_is_unavailable_and_comes_back_without_a_start_of_ours() {
    let Some(mut server) = Mongod::replica_set().await else {
        return;
    };
    let opened = Opened::at(impatient(server.uri())).await;
    opened
        .given(vec![
            make(1, doc! { "n": 1, "email": "anna@example.org" }).event(1, 1),
        ])
        .await;
    let position = opened.store.feed(None, 10).await.unwrap().next;

    server.kill().await;
    let store = &opened.store;
    let asked = Instant::now();
    let outcome = opened.commit(change(1, 1, doc! { "n": 2 })).await;
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{outcome:?}");
    assert!(store.get(&THINGS, vec![id(1).into()]).await.is_err());
    assert!(store.versions(vec![(&THINGS, id(1).into())]).await.is_err());
    assert!(
        store
            .find(Query::by_index(&THINGS, "email", vec![]))
            .await
            .is_err()
    );
    assert!(store.feed(Some(position.clone()), 10).await.is_err());
    assert!(store.health().await.is_err());
    assert!(asked.elapsed() < 6 * DEADLINE + SLACK, "{:?}", asked.elapsed());

    server.start().await;
    back(&opened, change(1, 1, doc! { "n": 3 }).event(1, 2)).await;
    assert!(store.health().await.is_ok());
    let page = store.feed(Some(position), 10).await.unwrap();
    assert_eq!(page.events.len(), 1, "the feed goes on where it was");
}

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
    let command = child::running("mongo_faults::a_runtime_that_is_killed", &place);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_the_server_has_forgotten_is_made_up_for_by_a_scan() {
    let Some(opened) = Opened::mongo().await else {
        return;
    };
    opened
        .given((0..10).map(|n| make(n, doc! {}).event(n, 1)).collect())
        .await;
    let end = opened.store.feed_end().await.unwrap();
    opened
        .given((0..10).map(|n| change(n, 1, doc! {}).event(n, 2)).collect())
        .await;

    // The token's time stands behind its first two digits: this one is from 1970.
    let mut position: Document = bson::deserialize_from_slice(&end.0).unwrap();
    let token = position.get_document_mut("token").unwrap();
    let data = token.get_str("_data").unwrap().to_owned();
    token.insert("_data", format!("{}00000001{}", &data[..2], &data[10..]));
    let mut position = bazaar::store::FeedPosition(bson::serialize_to_vec(&position).unwrap());

    let mut seen = Vec::new();
    for _ in 0..20 {
        let page = opened.store.feed(Some(position), 4).await.unwrap();
        seen.extend(
            page.events
                .iter()
                .map(|event| event.get_str("_id").unwrap().to_owned()),
        );
        position = page.next;
    }
    for n in 0..10 {
        let second = document::event_id("thing", id(n), 2, 0);
        assert!(seen.contains(&second), "{second} is missing from {seen:?}");
    }
    opened.given(vec![change(0, 2, doc! {}).event(0, 3)]).await;
    let page = opened.store.feed(Some(position), 4).await.unwrap();
    assert_eq!(page.events.len(), 1, "the stream goes on after the scan");
}

/// A store behind a proxy, in a database of its own.
async fn behind_a_proxy() -> Option<(Proxy, Settings, Opened)> {
    let uri = mongod::shared()?;
    let proxy = Proxy::before(address(&uri)).await;
    let ours = impatient(through(&proxy));
    let opened = Opened::at(ours.clone()).await;
    Some((proxy, ours, opened))
}

fn impatient(uri: String) -> Settings {
    Settings {
        deadline: DEADLINE,
        ..settings(uri)
    }
}

fn through(proxy: &Proxy) -> String {
    format!("mongodb://{}/?directConnection=true", proxy.address())
}

/// Where the first server of a connection string listens.
fn address(uri: &str) -> String {
    let hosts = uri
        .trim_start_matches("mongodb://")
        .split('/')
        .next()
        .unwrap_or_default();
    hosts.split(',').next().unwrap_or_default().to_owned()
}

/// Ends the sessions of all runtimes on a database, past the proxy.
async fn forget_sessions(settings: &Settings) {
    let client = Client::with_uri_str(mongod::shared().unwrap()).await.unwrap();
    let database = client.database(settings.database.as_ref().unwrap());
    let runtime = database
        .collection::<Document>("runtimes")
        .find_one(doc! {})
        .await
        .unwrap()
        .unwrap();
    let sessions = runtime.get_array("sessions").unwrap().clone();
    client
        .database("admin")
        .run_command(doc! { "killSessions": sessions })
        .await
        .unwrap();
}

async fn in_doubt(opened: &Opened, commit: Commit) -> bazaar::store::Settled {
    let asked = Instant::now();
    let outcome = opened.commit(commit).await;
    assert!(asked.elapsed() < DEADLINE + SLACK, "{:?}", asked.elapsed());
    match outcome {
        Outcome::InDoubt(settled) => settled,
        other => panic!("{other:?}"),
    }
}

/// Tries until the store stores again.
async fn back(opened: &Opened, commit: Commit) {
    soon(async {
        loop {
            match opened.commit(commit.clone()).await {
                Outcome::Stored => return,
                Outcome::Unavailable(_) => {}
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(BACK_WITHIN, what)
        .await
        .expect("it should not take a minute")
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
