//! How a round can end, and what its callers hear.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::AskError;
use bazaar::actors::engine::Bounds;
use futures_util::future::join_all;

use crate::support::counter::{Command, Refusal};
use crate::support::faulty::{Fate, Faulty};
use crate::support::node::{Node, embedded, id, on_many_threads, on_one_thread};

fn node(store: &Faulty) -> Node {
    Node::here(Arc::new(store.clone()), Bounds::default(), 1)
}

#[test]
fn what_is_answered_is_stored() {
    on_one_thread(async {
        let store = Faulty::new();
        let answer = node(&store).add(id(1), 5).await.unwrap();
        assert_eq!((answer.reply, answer.version, answer.replayed), (5, 1, false));
        let another = node(&store);
        assert_eq!(another.total(id(1)).await, Ok((5, 1)));
    });
}

#[test]
fn what_is_answered_is_found_in_the_folder_again() {
    let folder = tempfile::tempdir().unwrap();
    on_many_threads(async {
        let (node, footing) = Node::on_threads(embedded(folder.path()), Bounds::default());
        let asked = join_all((1..=100).map(|n| node.add(id(n % 10), 1))).await;
        assert!(asked.iter().all(Result::is_ok));
        footing.stop().await;
    });
    on_many_threads(async {
        let (node, footing) = Node::on_threads(embedded(folder.path()), Bounds::default());
        assert_eq!(node.total(id(1)).await, Ok((10, 10)));
        footing.stop().await;
    });
}

#[test]
fn asks_that_wait_together_are_one_commit() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 1).await.unwrap();
        let held = store.hold();
        let asks = tokio::task::spawn_local({
            let node = node.clone();
            async move { join_all((0..100).map(|_| node.add(id(1), 1))).await }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(held);
        let answers = asks.await.unwrap();
        let last = answers.last().unwrap().as_ref().unwrap();
        assert_eq!((last.reply, last.version), (101, 101));
        assert_eq!(
            node.batches(),
            3,
            "the first, the held one, and one for all who waited"
        );
    });
}

#[test]
fn a_refusal_concerns_its_caller_alone() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (one, other, third) = tokio::join!(node.add(id(1), 5), node.add(id(1), -9), node.add(id(1), 2));
        assert_eq!(one.unwrap().reply, 5);
        let refused = AskError::Refused {
            refusal: Refusal::Short(-4),
            replayed: false,
        };
        assert_eq!(other.unwrap_err(), refused);
        assert_eq!(third.unwrap().reply, 7);
    });
}

#[test]
fn a_panic_in_a_rule_concerns_its_caller_alone() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (one, other, third) = tokio::join!(
            node.add(id(1), 5),
            node.ask(id(1), Command::Panic),
            node.add(id(1), 2)
        );
        assert_eq!(one.unwrap().reply, 5);
        assert_eq!(other.unwrap_err(), AskError::Failed);
        assert_eq!(third.unwrap().reply, 7);
    });
}

#[test]
fn when_the_store_is_unavailable_the_callers_hear_it_and_nothing_moves() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        store.next(Fate::Unavailable);
        let error = node.add(id(1), 1).await.unwrap_err();
        assert!(matches!(error, AskError::Unavailable(_)), "{error:?}");
        assert_eq!(node.total(id(1)).await, Ok((5, 1)));
        assert_eq!(node.add(id(1), 1).await.unwrap().reply, 6);
    });
}
