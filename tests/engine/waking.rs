//! Who is let in, and that there is exactly one owner for each thing, awake or asleep.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bazaar::actors::ask::AskError;
use bazaar::actors::engine::Bounds;
use futures_util::future::join_all;
use tokio::time::sleep;

use crate::support::counter::Command;
use crate::support::faulty::Faulty;
use crate::support::node::{Asked, Node, embedded, id, on_many_threads, on_one_thread};

const MOMENT: Duration = Duration::from_millis(1);

fn node(store: &Faulty, bounds: Bounds) -> Node {
    Node::here(Arc::new(store.clone()), bounds, 1)
}

fn adding(node: &Node, n: u64) -> tokio::task::JoinHandle<Asked> {
    let node = node.clone();
    tokio::task::spawn_local(async move { node.add(id(n), 1).await })
}

fn overloaded(asked: &Asked) -> bool {
    asked == &Err(AskError::Overloaded)
}

#[test]
fn one_more_than_an_owner_has_places_for_is_turned_away_at_once() {
    on_one_thread(async {
        let store = Faulty::new();
        let per_owner = 3;
        let node = node(
            &store,
            Bounds {
                per_owner,
                ..Bounds::default()
            },
        );
        let held = store.hold();
        let inside: Vec<_> = (0..3).map(|_| adding(&node, 1)).collect();
        sleep(MOMENT).await;
        assert!(overloaded(&node.add(id(1), 1).await));
        assert!(node.total(id(1)).await.is_err(), "a look needs a place as well");
        let elsewhere = adding(&node, 2);
        drop(held);
        assert!(
            join_all(inside)
                .await
                .iter()
                .all(|asked| matches!(asked, Ok(Ok(_))))
        );
        assert!(
            elsewhere.await.unwrap().is_ok(),
            "another owner has places of its own"
        );
        assert!(node.add(id(1), 1).await.is_ok());
    });
}

#[test]
fn one_more_than_the_node_has_places_for_is_turned_away_at_once() {
    on_one_thread(async {
        let store = Faulty::new();
        let per_node = 3;
        let node = node(
            &store,
            Bounds {
                per_node,
                ..Bounds::default()
            },
        );
        let held = store.hold();
        let inside: Vec<_> = (0..3).map(|n| adding(&node, n)).collect();
        sleep(MOMENT).await;
        assert!(overloaded(&node.add(id(9), 1).await));
        drop(held);
        join_all(inside).await;
        assert!(node.add(id(9), 1).await.is_ok());
    });
}

#[test]
fn the_runtime_gets_through_a_crowd_of_shoppers() {
    on_one_thread(async {
        let store = Faulty::new();
        let (per_owner, per_node, for_runtime) = (2, 2, 1);
        let bounds = Bounds {
            per_owner,
            per_node,
            for_runtime,
            ..Bounds::default()
        };
        let node = node(&store, bounds);
        let held = store.hold();
        let shoppers: Vec<_> = (0..2).map(|_| adding(&node, 1)).collect();
        sleep(MOMENT).await;
        let release = || {
            let add = Command::Add {
                id: id(1),
                amount: 1,
                tag: 0,
            };
            node.counters.ask_as_runtime(id(1), node.ask_for(add))
        };
        let (first, second, ()) = tokio::join!(release(), release(), async {
            assert!(overloaded(&node.add(id(1), 1).await));
            drop(held);
        });
        assert!(first.is_ok(), "{first:?}");
        assert!(overloaded(&second), "its own budget is bounded as well");
        join_all(shoppers).await;
    });
}

#[test]
fn a_caller_who_goes_away_leaves_his_place_when_his_ask_is_done() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store, Bounds::default());
        let held = store.hold();
        let leaving: Vec<_> = (0..5).map(|_| adding(&node, 1)).collect();
        sleep(MOMENT).await;
        leaving.iter().for_each(tokio::task::JoinHandle::abort);
        sleep(MOMENT).await;
        assert_eq!(node.engine.shoppers.taken(), 5, "what was asked is still in hand");
        drop(held);
        node.engine.quiet().await;
        assert_eq!((node.engine.shoppers.taken(), node.counters.pending()), (0, 0));
        assert_eq!(node.total(id(1)).await, Ok((5, 5)), "and it has taken effect");
    });
}

#[test]
fn an_owner_that_nobody_asks_falls_asleep_and_keeps_its_state() {
    on_one_thread(async {
        let node = node(&Faulty::new(), Bounds::default());
        let part = "left".to_owned();
        let add = Command::AddTo {
            id: id(1),
            part,
            amount: 4,
            tag: 0,
        };
        node.ask(id(1), add).await.unwrap();
        sleep(Duration::from_secs(59)).await;
        assert_eq!(node.counters.sweep(), 0);
        sleep(Duration::from_secs(2)).await;
        assert_eq!((node.counters.sweep(), node.counters.awake()), (1, 0));
        let parts = node.counters.view(id(1), |counter, version| {
            let counter = counter.expect("it was made");
            (counter.total, counter.parts.clone(), version)
        });
        assert_eq!(parts.await.unwrap(), (4, [("left".to_owned(), 4)].into(), 1));
    });
}

#[test]
fn an_owner_with_an_ask_in_hand_never_falls_asleep() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store, Bounds::default());
        let held = store.hold();
        let asked = adding(&node, 1);
        sleep(Duration::from_mins(5)).await;
        assert_eq!((node.counters.sweep(), node.counters.awake()), (0, 1));
        drop(held);
        assert!(asked.await.unwrap().is_ok());
    });
}

/// A thousand callers at once, on threads, while somebody does what must not disturb them.
/// Exactly one owner means that every version was given once and no commit met a conflict.
fn a_thousand_callers(bounds: Bounds, disturb: impl Fn(&Node) + Send + 'static) {
    let folder = tempfile::tempdir().unwrap();
    on_many_threads(async {
        let (node, footing) = Node::on_threads(embedded(folder.path()), bounds);
        let over = Arc::new(AtomicBool::new(false));
        let disturber = std::thread::spawn({
            let (node, over) = (node.clone(), Arc::clone(&over));
            move || {
                while !over.load(Ordering::Relaxed) {
                    disturb(&node);
                    std::thread::yield_now();
                }
            }
        });
        let callers: Vec<_> = (0..1_000)
            .map(|_| {
                let node = node.clone();
                tokio::spawn(async move { node.add(id(1), 1).await })
            })
            .collect();
        let asked: Vec<_> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
        over.store(true, Ordering::Relaxed);
        disturber.join().unwrap();
        let versions: BTreeSet<_> = asked.iter().flatten().map(|answer| answer.version).collect();
        assert_eq!(versions.len(), 1_000, "every caller has a version of his own");
        assert_eq!(node.total(id(1)).await, Ok((1_000, 1_000)));
        assert!(node.counters.awake() <= 1);
        footing.stop().await;
    });
}

#[test]
fn a_thousand_callers_at_once_wake_one_owner() {
    a_thousand_callers(Bounds::default(), |_| {});
}

#[test]
fn a_thousand_callers_find_one_owner_while_it_falls_asleep() {
    let idle = Duration::ZERO;
    a_thousand_callers(
        Bounds {
            idle,
            ..Bounds::default()
        },
        |node| {
            let _asleep = node.counters.sweep();
        },
    );
}

#[test]
fn a_thousand_callers_find_one_owner_while_it_fails() {
    let failures = AtomicUsize::new(0);
    a_thousand_callers(Bounds::default(), move |node| {
        // More often, and callers are not made to wait for it.
        if failures.load(Ordering::Relaxed) < 8 && node.counters.fail(id(1)) {
            failures.fetch_add(1, Ordering::Relaxed);
        }
    });
}
