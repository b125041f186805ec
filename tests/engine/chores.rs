//! What is done every while: what has expired is forgotten, and whom nobody asks falls asleep.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Once;
use bazaar::actors::engine::Bounds;
use bazaar::actors::remembered::REMEMBERED;
use bazaar::domain::entity::Key;
use bazaar::domain::id::Id;
use bazaar::store::expiry::forget_expired;
use bazaar::supervisors::sweeper::{Chore, Sweeper};
use bson::rawdoc;
use futures_util::FutureExt;
use tokio::sync::watch;

use crate::support::counter::Command;
use crate::support::faulty::{Fate, Faulty};
use crate::support::node::{Node, embedded, id, on_one_thread};

const REMEMBERED_FOR: Duration = Duration::from_hours(1);

fn node(store: Arc<dyn bazaar::store::Store>) -> Node {
    let bounds = Bounds {
        remembered: REMEMBERED_FOR,
        idle: Duration::from_mins(1),
        ..Bounds::default()
    };
    Node::here(store, bounds, 1)
}

async fn add_once(node: &Node, counter: Id, key: &str) -> bool {
    let add = Command::Add {
        id: counter,
        amount: 1,
        tag: 0,
    };
    let name = Once {
        key: key.into(),
        body: "the same".into(),
    };
    let ask = node.ask_for(add).once(Some(name));
    node.counters.ask(counter, ask).await.unwrap().replayed
}

async fn forget(node: &Node) -> usize {
    let ways = (&*node.engine.store, &node.engine.committer);
    let name = || node.engine.id().into();
    forget_expired(ways, &REMEMBERED, node.engine.clock.now(), name)
        .await
        .unwrap()
}

#[test]
fn the_outcome_of_an_idempotent_ask_is_forgotten_when_it_has_expired_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn bazaar::store::Store>; 2] = [Arc::new(Faulty::new()), embedded(folder.path())];
    for store in stores {
        on_one_thread(async {
            let node = node(store);
            for n in 0..600 {
                add_once(&node, id(n % 7), &format!("key {n}")).await;
            }
            assert_eq!(forget(&node).await, 0);
            assert!(add_once(&node, id(1), "key 1").await, "it is still remembered");
            tokio::time::advance(REMEMBERED_FOR * 2).await;
            assert_eq!(forget(&node).await, 600, "more than one batch of them");
            assert_eq!(forget(&node).await, 0);
            assert!(!add_once(&node, id(1), "key 1").await, "it takes effect anew");
        });
    }
}

#[test]
fn an_outcome_that_was_written_anew_while_it_was_being_forgotten_stays() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(Arc::new(store.clone()));
        add_once(&node, id(1), "key").await;
        tokio::time::advance(REMEMBERED_FOR * 2).await;
        let row = rawdoc! { "_id": "key", "version": 7_i64 };
        let overwrite = move |disk: &mut crate::support::disk::Disk| {
            disk.overwrite(&REMEMBERED, &Key::Name("key".into()), &row);
        };
        store.next(Fate::After(Box::new(overwrite)));
        assert_eq!(forget(&node).await, 0);
        assert_eq!(store.with_disk(|disk| disk.all(&REMEMBERED).count()), 1);
    });
}

#[test]
fn the_sweeper_forgets_and_puts_to_sleep_by_itself() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(Arc::new(store.clone()));
        let chores = vec![
            Chore::sleep(node.counters.clone()),
            Chore::forget(Arc::clone(&node.engine), &REMEMBERED),
        ];
        let sweeper = Sweeper::start(chores);
        add_once(&node, id(1), "key").await;
        assert_eq!(node.counters.awake(), 1);
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(node.counters.awake(), 0, "nobody asked it for two minutes");
        assert_eq!(store.with_disk(|disk| disk.all(&REMEMBERED).count()), 1);
        tokio::time::sleep(REMEMBERED_FOR).await;
        assert_eq!(store.with_disk(|disk| disk.all(&REMEMBERED).count()), 0);
        assert_eq!(node.total(id(1)).await, Ok((1, 1)), "what was asked once stands");
        sweeper.stop().await;
    });
}

#[test]
fn a_chore_that_panics_is_done_again_and_holds_up_no_other() {
    on_one_thread(async {
        let (turns, mut seen) = watch::channel(0);
        let fails = Chore::new("fails".into(), Duration::from_secs(1), move || {
            turns.send_modify(|turns| *turns += 1);
            panic!("the chore of the test has a fault")
        });
        let (done, mut works) = watch::channel(0);
        let works_on = Chore::new("works".into(), Duration::from_secs(1), move || {
            done.send_modify(|done| *done += 1);
            async { Ok(1) }.boxed()
        });
        let sweeper = Sweeper::start(vec![fails, works_on]);
        seen.wait_for(|turns| *turns == 3).await.unwrap();
        works.wait_for(|done| *done >= 3).await.unwrap();
        sweeper.stop().await;
    });
}
