//! Owners that fail, and commits whose fate nobody knows.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::AskError;
use bazaar::actors::engine::Bounds;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::support::counter::{COUNTERS, Command, Counter};
use crate::support::faulty::{Fate, Faulty};
use crate::support::node::{Asked, Node, id, on_one_thread};

const MOMENT: Duration = Duration::from_millis(1);

fn node(store: &Faulty) -> Node {
    Node::here(Arc::new(store.clone()), Bounds::default(), 1)
}

fn adding(node: &Node, amount: i64) -> tokio::task::JoinHandle<Asked> {
    let node = node.clone();
    tokio::task::spawn_local(async move { node.add(id(1), amount).await })
}

fn is_unavailable(asked: &Asked) -> bool {
    matches!(asked, Err(AskError::Unavailable(_)))
}

#[test]
fn a_change_in_doubt_that_lands_is_never_decided_again() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        let after = Duration::from_secs(10);
        store.next(Fate::InDoubt { lands: true, after });
        assert!(is_unavailable(&node.add(id(1), 1).await), "its fate is unknown");
        sleep(Duration::from_secs(5)).await;
        assert!(
            is_unavailable(&node.add(id(1), 1).await),
            "and until it is known, so is the state"
        );
        assert!(node.total(id(1)).await.is_err());
        sleep(Duration::from_secs(6)).await;
        assert_eq!(node.total(id(1)).await, Ok((6, 2)));
        assert_eq!(node.add(id(1), 1).await.unwrap().version, 3);
    });
}

#[test]
fn a_change_in_doubt_that_never_lands_leaves_no_trace() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        let after = Duration::from_secs(10);
        store.next(Fate::InDoubt { lands: false, after });
        let asked = join_all([adding(&node, 1), adding(&node, 1)]).await;
        assert!(asked.into_iter().all(|asked| is_unavailable(&asked.unwrap())));
        sleep(Duration::from_secs(11)).await;
        assert_eq!(node.add(id(1), 1).await.unwrap().version, 2);
    });
}

#[test]
fn an_owner_in_doubt_does_not_fall_asleep_over_it() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        let after = Duration::from_mins(10);
        store.next(Fate::InDoubt { lands: true, after });
        assert!(is_unavailable(&node.add(id(1), 1).await));
        sleep(Duration::from_mins(5)).await;
        assert_eq!(
            node.counters.sweep(),
            0,
            "another owner would not know of the doubt"
        );
        assert!(is_unavailable(&node.add(id(1), 1).await));
        assert!(node.counters.fail(id(1)));
        sleep(MOMENT).await;
        assert!(
            is_unavailable(&node.add(id(1), 1).await),
            "nor does a failure end it"
        );
        sleep(Duration::from_mins(6)).await;
        assert_eq!(node.total(id(1)).await, Ok((6, 2)));
        sleep(Duration::from_mins(6)).await;
        assert_eq!(node.counters.sweep(), 1);
    });
}

#[test]
fn a_fault_in_the_store_leaves_a_change_in_doubt_and_the_others_served() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        store.next(Fate::Panics);
        assert!(is_unavailable(&node.add(id(1), 1).await));
        assert_eq!(node.add(id(2), 1).await.unwrap().reply, 1);
    });
}

#[test]
fn an_owner_that_fails_starts_anew_with_its_callers() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        let held = store.hold();
        let in_flight = adding(&node, 1);
        sleep(MOMENT).await;
        let waiting: Vec<_> = (0..10).map(|_| adding(&node, 1)).collect();
        sleep(MOMENT).await;
        assert!(node.counters.fail(id(1)));
        sleep(MOMENT).await;
        let look = tokio::task::spawn_local({
            let node = node.clone();
            async move { node.total(id(1)).await }
        });
        sleep(MOMENT).await;
        drop(held);
        assert_eq!(in_flight.await.unwrap().unwrap().reply, 6, "its fate was awaited");
        let last = join_all(waiting).await.pop().unwrap().unwrap().unwrap();
        assert_eq!((last.reply, last.version), (16, 12));
        let (total, _) = look.await.unwrap().unwrap();
        assert!(
            total >= 6,
            "a look sees what is, never the empty hands of a restart: {total}"
        );
        assert_eq!(node.counters.awake(), 1);
    });
}

#[test]
fn an_owner_that_fails_again_and_again_rests_longer_each_time() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        node.add(id(1), 5).await.unwrap();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert!(node.counters.fail(id(1)));
            let start = Instant::now();
            assert_eq!(node.total(id(1)).await.unwrap(), (5, 1));
            pauses.push(start.elapsed().as_millis());
        }
        assert!(pauses.is_sorted() && pauses[7] >= 100, "{pauses:?}");
        assert_eq!(node.counters.restarts(), 8);
        for _ in 0..6 {
            assert!(node.counters.fail(id(1)));
        }
        let asked = node.add(id(1), 1).await;
        assert!(
            asked.is_ok() || is_unavailable(&asked),
            "an answer comes in any case"
        );
    });
}

#[test]
fn a_state_that_cannot_be_read_is_an_outage_and_not_a_wait_without_end() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        let nonsense = bson::rawdoc! { "_id": "nonsense", "version": 3_i64 };
        store.with_disk(|disk| disk.overwrite(&COUNTERS, &id(1).into(), &nonsense));
        assert!(is_unavailable(&node.add(id(1), 1).await));
        assert!(node.total(id(1)).await.is_err());
    });
}

#[test]
fn a_store_that_cannot_be_read_is_asked_again_by_the_next_caller() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        store.unreadable(1);
        assert!(is_unavailable(&node.add(id(1), 1).await));
        assert_eq!(node.add(id(1), 1).await.unwrap().reply, 1);
    });
}

#[test]
fn a_look_with_a_fault_costs_nobody_else_anything() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        node.add(id(1), 5).await.unwrap();
        let fault = |_: Option<&Counter>, _| -> () { panic!("a look of the test has a fault") };
        assert_eq!(node.counters.view(id(1), fault).await, Err(AskError::Failed));
        assert_eq!(node.counters.restarts(), 0);
        assert_eq!(node.ask(id(1), Command::Total).await.unwrap().reply, 5);
    });
}

#[test]
fn a_fault_of_the_store_while_it_reads_costs_whoever_waits_an_answer_and_no_more() {
    on_one_thread(async {
        for shared in [false, true] {
            let store = Faulty::new().shared(shared);
            let node = Node::here(Arc::new(store.clone()), Bounds::default(), 1);
            store.panic_at_a_read();
            assert!(is_unavailable(&node.add(id(1), 1).await), "shared: {shared}");
            assert_eq!(node.add(id(1), 1).await.unwrap().reply, 1);
            store.panic_at_a_read();
            let seen = node.total(id(1)).await;
            assert!(seen == Ok((1, 1)) || shared, "shared: {shared}, {seen:?}");
            assert_eq!(node.total(id(1)).await, Ok((1, 1)), "shared: {shared}");
        }
    });
}
