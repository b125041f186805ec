//! Asks that take effect once, however often they are sent.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{AskError, Once};
use bazaar::actors::engine::Bounds;
use bazaar::actors::remembered::REMEMBERED;
use bazaar::domain::entity::Key;
use bson::rawdoc;
use futures_util::future::join_all;

use crate::support::counter::{Command, Refusal};
use crate::support::faulty::Faulty;
use crate::support::node::{Asked, Node, embedded, id, on_many_threads, on_one_thread, refused};

fn node(store: &Faulty) -> Node {
    Node::here(Arc::new(store.clone()), Bounds::default(), 1)
}

async fn add_once(node: &Node, key: &str, amount: i64) -> Asked {
    let (id, tag) = (id(1), 0);
    let name = Once {
        key: key.to_owned(),
        body: amount.to_string(),
    };
    let ask = node.ask_for(Command::Add { id, amount, tag });
    node.counters.ask(id, ask.once(Some(name))).await
}

#[test]
fn a_repeat_hears_the_first_answer_even_from_another_runtime() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        let first = add_once(&node, "key", 5).await.unwrap();
        node.add(id(1), 1).await.unwrap();
        for repeat in [
            add_once(&node, "key", 5).await,
            add_once(&self::node(&store), "key", 5).await,
        ] {
            let repeat = repeat.unwrap();
            assert_eq!((repeat.reply, repeat.version), (first.reply, first.version));
            assert!(repeat.replayed && !first.replayed);
        }
        assert_eq!(node.total(id(1)).await, Ok((6, 2)));
    });
}

#[test]
fn a_hundred_at_once_with_one_key_have_one_effect() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let asked = join_all((0..100).map(|_| add_once(&node, "key", 5))).await;
        let answers: Vec<_> = asked.into_iter().map(Result::unwrap).collect();
        assert!(
            answers
                .iter()
                .all(|answer| (answer.reply, answer.version) == (5, 1))
        );
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert_eq!(node.total(id(1)).await, Ok((5, 1)));
    });
}

#[test]
fn a_thousand_times_a_hundred_at_once_have_a_thousand_effects() {
    let folder = tempfile::tempdir().unwrap();
    on_many_threads(async {
        let (node, footing) = Node::on_threads(embedded(folder.path()), Bounds::default());
        for n in 0..1_000 {
            let key = format!("key {n}");
            let asked = join_all((0..100).map(|_| add_once(&node, &key, 1))).await;
            let first = asked.iter().flatten().filter(|answer| !answer.replayed).count();
            assert_eq!(
                (first, asked.iter().filter(|asked| asked.is_ok()).count()),
                (1, 100)
            );
        }
        assert_eq!(node.total(id(1)).await, Ok((1_000, 1_000)));
        footing.stop().await;
    });
}

#[test]
fn the_same_key_with_another_body_is_a_mistake() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        let (first, other) = tokio::join!(add_once(&node, "key", 5), add_once(&node, "key", 6));
        assert_eq!(first.unwrap().reply, 5);
        assert_eq!(other.unwrap_err(), AskError::KeyReused, "in the same round");
        assert_eq!(
            add_once(&node, "key", 7).await.unwrap_err(),
            AskError::KeyReused,
            "from the store"
        );
        assert_eq!(node.total(id(1)).await, Ok((5, 1)));
    });
}

#[test]
fn a_refusal_is_remembered() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        let first = add_once(&node, "key", -5).await.unwrap_err();
        assert_eq!(first, refused(Refusal::Short(-5)));
        node.add(id(1), 100).await.unwrap();
        let again = AskError::Refused {
            refusal: Refusal::Short(-5),
            replayed: true,
        };
        assert_eq!(add_once(&node, "key", -5).await.unwrap_err(), again);
        assert_eq!(node.total(id(1)).await, Ok((100, 1)));
    });
}

#[test]
fn a_version_that_did_not_match_is_remembered() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        node.add(id(1), 1).await.unwrap();
        let add = || {
            let (id, amount, tag) = (id(1), 1, 0);
            let name = Once {
                key: "key".into(),
                body: String::new(),
            };
            let ask = node.ask_for(Command::Add { id, amount, tag });
            node.counters
                .ask(id, ask.if_match(Some(vec![0])).once(Some(name)))
        };
        assert_eq!(
            add().await.unwrap_err(),
            AskError::VersionMismatch {
                current: 1,
                replayed: false
            }
        );
        node.add(id(1), 1).await.unwrap();
        assert_eq!(
            add().await.unwrap_err(),
            AskError::VersionMismatch {
                current: 1,
                replayed: true
            }
        );
    });
}

#[test]
fn a_fault_of_ours_is_not_remembered() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let name = || {
            Some(Once {
                key: "key".into(),
                body: String::new(),
            })
        };
        let ask = node.ask_for(Command::Panic).once(name());
        assert_eq!(node.counters.ask(id(1), ask).await.unwrap_err(), AskError::Failed);
        let ask = node.ask_for(Command::Total).once(name());
        assert!(!node.counters.ask(id(1), ask).await.unwrap().replayed);
    });
}

#[test]
fn what_was_remembered_long_enough_is_written_over() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        add_once(&node, "key", 5).await.unwrap();
        tokio::time::sleep(Duration::from_hours(25)).await;
        let (one, other) = tokio::join!(add_once(&node, "key", 6), add_once(&node, "key", 6));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.reply, one.replayed), (11, false));
        assert_eq!((other.reply, other.replayed), (11, true));
        assert!(add_once(&node, "key", 6).await.unwrap().replayed);
        assert_eq!(node.total(id(1)).await, Ok((11, 2)));
    });
}

#[test]
fn a_crowd_that_repeats_after_a_restart_costs_two_commits() {
    on_one_thread(async {
        let store = Faulty::new();
        let first = node(&store);
        let keys: Vec<_> = (0..200).map(|n| format!("key {n}")).collect();
        join_all(keys.iter().map(|key| add_once(&first, key, 1))).await;
        let later = node(&store);
        later.total(id(1)).await.unwrap();
        let mut asks: Vec<_> = keys.iter().map(|key| add_once(&later, key, 1)).collect();
        asks.push(add_once(&later, "new", 1));
        let answers = join_all(asks).await;
        assert!(answers[..200].iter().flatten().all(|answer| answer.replayed));
        assert_eq!(later.total(id(1)).await, Ok((201, 201)));
        assert!(later.batches() <= 4, "{} batches", later.batches());
    });
}

#[test]
fn a_row_that_cannot_be_read_is_one_callers_error() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        let row = rawdoc! { "_id": "broken", "body": 5 };
        store.with_disk(|disk| disk.overwrite(&REMEMBERED, &Key::Name("broken".into()), &row));
        let (one, broken) = tokio::join!(add_once(&node, "fine", 1), add_once(&node, "broken", 1));
        assert_eq!(one.unwrap().reply, 1);
        assert_eq!(broken.unwrap_err(), AskError::Failed);
    });
}
