//! Two runtimes on one store: who tells whom, and who takes over.

use std::sync::Arc;

use bazaar::actors::engine::Bounds;
use bazaar::actors::event_router::EventRouter;
use bazaar::actors::staleness::Staleness;
use bazaar::events::ground::Pace;
use futures_util::future::join_all;
use tokio::sync::oneshot;

use crate::router::{LEASE, add, assert_complete, assert_told_once, node, quiet, router};
use crate::support::faulty::Faulty;
use crate::support::listener::{Listener, Mood};
use crate::support::node::{DAWN, Node, id, on_one_thread};

#[test]
fn of_two_runtimes_on_one_store_one_tells_a_shared_consumer_and_each_its_own() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let nodes = [1, 2].map(|seed| Node::here(Arc::new(store.clone()), Bounds::default(), seed));
        let mail = Listener::shared("mail");
        let searches = [Listener::per_node("search"), Listener::per_node("search")];
        let routers = [0, 1].map(|n| router(&nodes[n], &[&mail, &searches[n]]));
        join_all(routers.iter().map(quiet)).await;
        for round in 1..=10 {
            add(&nodes[round % 2], 3, 1).await;
            tokio::time::sleep(LEASE / 3).await;
        }
        join_all(routers.iter().map(quiet)).await;
        for listener in [&mail, &searches[0], &searches[1]] {
            assert_complete(listener, 3, 10);
            assert_told_once(listener, 30);
        }
        let tellers = routers.iter().filter(|router| router.tallies()[0].ours()).count();
        assert_eq!(tellers, 1);
    });
}

#[test]
fn another_runtime_takes_over_when_the_lease_of_a_dead_one_runs_out_and_not_before() {
    let store = Faulty::new().shared(true);
    let mail = Listener::shared("mail");
    on_one_thread(async {
        let node = node(&store);
        let router = router(&node, &[&mail]);
        add(&node, 1, 1).await;
        quiet(&router).await;
    });
    on_one_thread(async {
        let node = Node::here(Arc::new(store.clone()), Bounds::default(), 2);
        let _router = router(&node, &[&mail]);
        add(&node, 1, 1).await;
        mail.has_heard(2).await;
        let waited = node.engine.clock.now().since(DAWN);
        assert!(
            waited >= LEASE && waited < LEASE * 2,
            "it waited {waited:?} for a lease of {LEASE:?}"
        );
        assert_told_once(&mail, 2);
    });
}

#[test]
fn a_runtime_that_stops_hands_its_turn_over_long_before_the_lease_runs_out() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let nodes = [1, 2].map(|seed| Node::here(Arc::new(store.clone()), Bounds::default(), seed));
        let mail = Listener::shared("mail");
        let first = router(&nodes[0], &[&mail]);
        quiet(&first).await;
        let second = router(&nodes[1], &[&mail]);
        quiet(&second).await;
        assert!(!second.tallies()[0].ours());
        first.drain().await;
        let stopped = nodes[1].engine.clock.now();
        add(&nodes[1], 1, 1).await;
        mail.has_heard(1).await;
        assert!(nodes[1].engine.clock.now().since(stopped) < LEASE / 2);
    });
}

#[test]
fn a_consumer_that_takes_longer_than_the_lease_is_not_told_by_another_runtime_meanwhile() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let nodes = [1, 2].map(|seed| Node::here(Arc::new(store.clone()), Bounds::default(), seed));
        let mail = Listener::shared("mail");
        let (go_on, word) = oneshot::channel();
        mail.next(Mood::Waits(word));
        add(&nodes[0], 1, 1).await;
        let first = router(&nodes[0], &[&mail]);
        tokio::time::sleep(LEASE / 10).await;
        let _second = router(&nodes[1], &[&mail]);
        tokio::time::sleep(LEASE * 5).await;
        drop(go_on);
        quiet(&first).await;
        assert_told_once(&mail, 1);
    });
}

#[test]
fn an_owner_reads_again_what_another_runtime_changed() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let nodes = [1, 2].map(|seed| Node::here(Arc::new(store.clone()), Bounds::default(), seed));
        let staleness = Arc::new(Staleness::default().of(nodes[1].counters.clone()));
        let router = EventRouter::start(&nodes[1].engine, vec![staleness], Pace::default());
        quiet(&router).await;
        nodes[1].add(id(1), 1).await.unwrap();
        nodes[0].add(id(1), 1).await.unwrap();
        quiet(&router).await;
        let before = nodes[1].batches();
        assert_eq!(nodes[1].add(id(1), 1).await.unwrap().reply, 3);
        assert_eq!(nodes[1].batches() - before, 1, "the round met no conflict");
    });
}
