//! How a round can end, and what its callers hear.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::AskError;
use bazaar::actors::crew::Watcher;
use bazaar::actors::engine::Bounds;
use futures_util::future::join_all;
use parking_lot::Mutex;

use crate::support::counter::{COUNTERS, Command, Counter, Refusal};
use crate::support::disk::DOCUMENT_BYTES_MAX;
use crate::support::faulty::{Fate, Faulty};
use crate::support::node::{Node, embedded, id, on_many_threads, on_one_thread, refused};

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
        assert_eq!(other.unwrap_err(), refused(Refusal::Short(-4)));
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

#[test]
fn what_another_runtime_wrote_is_read_and_the_round_decided_again() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let (node, other) = (node(&store), self::node(&store));
        node.add(id(1), 5).await.unwrap();
        other.add(id(1), 10).await.unwrap();
        let answer = node.add(id(1), 1).await.unwrap();
        assert_eq!((answer.reply, answer.version), (16, 3));
    });
}

#[test]
fn a_write_of_its_own_is_recognised_and_not_repeated() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        store.next(Fate::LandsAsConflict);
        let answer = node.add(id(1), 1).await.unwrap();
        assert_eq!((answer.reply, answer.version), (6, 2));
        assert_eq!(node.total(id(1)).await, Ok((6, 2)));
    });
}

#[test]
fn a_write_of_its_own_is_recognised_even_after_a_failure_of_the_owner() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        store.next(Fate::LandsAsConflict);
        store.slow_down(Duration::from_millis(20));
        let adding = tokio::task::spawn_local({
            let node = node.clone();
            async move { node.add(id(1), 1).await }
        });
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert!(node.counters.fail(id(1)), "it reads its state and is awake");
        let answer = adding.await.unwrap().unwrap();
        assert_eq!((answer.reply, answer.version), (6, 2));
        assert_eq!(node.total(id(1)).await, Ok((6, 2)));
    });
}

#[test]
fn callers_hear_it_when_others_write_all_the_time() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let node = node(&store);
        node.add(id(1), 5).await.unwrap();
        for _ in 0..65 {
            store.next(Fate::After(Box::new(|disk| disk.touch(&COUNTERS, id(1)))));
        }
        let error = node.add(id(1), 1).await.unwrap_err();
        assert!(matches!(error, AskError::Unavailable(_)), "{error:?}");
        assert_eq!(node.add(id(1), 1).await.unwrap().reply, 6);
    });
}

#[test]
fn a_ticket_that_was_spent_before_is_refused_by_whoever_knows_nothing_of_it() {
    on_one_thread(async {
        let store = Faulty::new();
        let spend = |node: Node, ticket: &'static str| async move {
            let (id, ticket) = (id(1), ticket.to_owned());
            node.ask(id, Command::Spend { id, ticket, tag: 0 }).await
        };
        assert_eq!(spend(node(&store), "a").await.unwrap().reply, 1);
        let later = node(&store);
        let (again, other) = tokio::join!(spend(later.clone(), "a"), spend(later.clone(), "b"));
        assert_eq!(again.unwrap_err(), refused(Refusal::Spent));
        assert_eq!(other.unwrap().reply, 2);
        let (one, two) = tokio::join!(spend(later.clone(), "c"), spend(later.clone(), "c"));
        assert_eq!(one.unwrap().reply, 3, "the first of one round has it");
        assert_eq!(two.unwrap_err(), refused(Refusal::Spent));
    });
}

#[test]
fn a_name_that_is_taken_is_refused_to_whoever_wanted_it() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let name = |n, name: &str| {
            let (id, name) = (id(n), name.to_owned());
            Command::Name { id, name }
        };
        node.ask(id(1), name(1, "anna")).await.unwrap();
        let (add, free, taken) = tokio::join!(
            node.add(id(2), 5),
            node.ask(id(2), name(2, "ben")),
            node.ask(id(2), name(2, "anna"))
        );
        assert_eq!(add.unwrap().reply, 5);
        assert_eq!(taken.unwrap_err(), refused(Refusal::NameTaken));
        assert!(free.is_ok(), "{free:?}");
    });
}

#[test]
fn what_is_too_large_to_store_is_one_callers_error() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 1).await.unwrap();
        let held = store.hold();
        let first = node.add(id(1), 1);
        let bytes = DOCUMENT_BYTES_MAX;
        let large = node.ask(id(1), Command::Load { id: id(1), bytes });
        let release = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            drop(held);
        };
        let (first, before, large, after, ()) =
            tokio::join!(first, node.add(id(1), 1), large, node.add(id(1), 1), release);
        assert_eq!(first.unwrap().reply, 2);
        assert_eq!(before.unwrap().reply, 3);
        assert!(matches!(large, Err(AskError::Rejected(_))), "{large:?}");
        assert_eq!(after.unwrap().reply, 4);
    });
}

#[test]
fn of_two_who_know_one_version_only_the_first_gets_it() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        node.add(id(1), 1).await.unwrap();
        let add = |amount| {
            let (id, tag) = (id(1), 0);
            let ask = node.ask_for(Command::Add { id, amount, tag });
            node.counters.ask(id, ask.if_match(Some(vec![1])))
        };
        let (one, other) = tokio::join!(add(1), add(2));
        assert_eq!(one.unwrap().version, 2);
        assert_eq!(
            other.unwrap_err(),
            AskError::VersionMismatch {
                current: 2,
                replayed: false
            }
        );
    });
}

#[test]
fn what_changes_nothing_writes_nothing() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 3).await.unwrap();
        let before = node.batches();
        let answer = node.ask(id(1), Command::Total).await.unwrap();
        assert_eq!((answer.reply, answer.version), (3, 1));
        assert!(node.add(id(1), -9).await.is_err());
        assert_eq!(node.batches(), before);
    });
}

#[test]
fn an_answer_that_rests_on_no_write_is_checked_where_others_write() {
    on_one_thread(async {
        let store = Faulty::new().shared(true);
        let (node, other) = (node(&store), self::node(&store));
        node.add(id(1), 3).await.unwrap();
        other.add(id(1), 4).await.unwrap();
        assert_eq!(node.total(id(1)).await, Ok((7, 2)), "a look");
        other.add(id(1), -7).await.unwrap();
        assert_eq!(node.ask(id(1), Command::Total).await.unwrap().reply, 0, "a no-op");
        other.add(id(1), 1).await.unwrap();
        assert_eq!(
            node.add(id(1), -2).await.unwrap_err(),
            refused(Refusal::Short(-1)),
            "a refusal"
        );
    });
}

#[test]
fn a_look_waits_for_no_commit_where_nobody_else_writes() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 3).await.unwrap();
        let held = store.hold();
        let adding = tokio::task::spawn_local({
            let node = node.clone();
            async move { node.add(id(1), 1).await }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(
            node.total(id(1)).await,
            Ok((3, 1)),
            "what is not durable is not seen"
        );
        drop(held);
        adding.await.unwrap().unwrap();
        assert_eq!(node.total(id(1)).await, Ok((4, 2)));
    });
}

#[test]
fn whoever_was_told_of_a_version_sees_none_from_before_it() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        node.add(id(1), 3).await.unwrap();
        let held = store.hold();
        let adding = tokio::task::spawn_local({
            let node = node.clone();
            async move { node.add(id(1), 1).await }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        let looking = tokio::task::spawn_local({
            let node = node.clone();
            let seen = |counter: Option<&Counter>, version| (counter.map(|counter| counter.total), version);
            async move { node.counters.view_since(id(1), 2, seen).await }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(!looking.is_finished(), "version 2 is not there yet");
        drop(held);
        adding.await.unwrap().unwrap();
        assert_eq!(looking.await.unwrap(), Ok((Some(4), 2)));
    });
}

#[test]
fn a_watcher_sees_a_change_before_its_caller_hears_of_it() {
    on_one_thread(async {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let watcher: Watcher<Counter> = Box::new(move |changed| {
            let tags: Vec<_> = changed.events.iter().map(|event| event.tag).collect();
            noted.lock().push((changed.state.total, changed.version, tags));
        });
        let faulty: Watcher<Counter> = Box::new(|_| panic!("a watcher of the test has a fault"));
        let store = Arc::new(Faulty::new());
        let node = Node::watched(store, Bounds::default(), 1, vec![faulty, watcher]);
        let add = |tag| {
            node.ask(
                id(1),
                Command::Add {
                    id: id(1),
                    amount: 1,
                    tag,
                },
            )
        };
        let (one, other) = tokio::join!(add(7), add(8));
        assert_eq!((one.unwrap().version, other.unwrap().version), (1, 2));
        let rounds = seen.lock().clone();
        assert_eq!(rounds, [(2, 2, vec![7, 8])]);
    });
}
