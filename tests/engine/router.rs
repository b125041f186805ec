//! Who is told of what happened, and what the telling survives.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::Bounds;
use bazaar::actors::event_router::EventRouter;
use bazaar::clock::Chance;
use bazaar::domain::id::Id;
use bazaar::events::consumer::{Consumer, Reach, Retry};
use bazaar::events::event::Event;
use bazaar::events::ground::Pace;
use bazaar::events::timeline::timeline;
use bazaar::store::Store;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::oneshot;

use crate::support::faulty::{Fate, Faulty, Weather};
use crate::support::listener::{Listener, Mood};
use crate::support::node::{Node, embedded, id, on_many_threads, on_one_thread};

pub(crate) const LEASE: Duration = Duration::from_secs(15);

pub(crate) fn node(store: &Faulty) -> Node {
    Node::here(Arc::new(store.clone()), Bounds::default(), 1)
}

pub(crate) fn router(node: &Node, listeners: &[&Arc<Listener>]) -> EventRouter {
    let consumers = listeners
        .iter()
        .map(|listener| Arc::clone(listener) as Arc<dyn Consumer>);
    let pace = Pace {
        lease: LEASE,
        ..Pace::default()
    };
    EventRouter::start(&node.engine, consumers.collect(), pace)
}

/// Waits until everything has been told. An hour of the test's clock is for ever.
pub(crate) async fn quiet(router: &EventRouter) {
    let quiet = tokio::time::timeout(Duration::from_hours(1), router.quiet());
    quiet
        .await
        .expect("every consumer has taken everything in the end");
}

/// Adds to so many counters so often, all at once, and expects every one to be stored.
pub(crate) async fn add(node: &Node, counters: u64, times: u64) {
    let asked = join_all((0..times * counters).map(|n| node.add(id(n % counters), 1))).await;
    assert!(asked.iter().all(Result::is_ok));
}

pub(crate) fn assert_complete(listener: &Listener, counters: u64, times: u64) {
    for (counter, history) in listener.histories() {
        let whole: Vec<_> = (1..=times).collect();
        assert_eq!(history, whole, "the history of {counter} as it was told");
    }
    assert_eq!(listener.histories().len() as u64, counters);
}

pub(crate) fn assert_told_once(listener: &Listener, many: usize) {
    let ids = listener.ids();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), many);
    assert_eq!(ids.len(), many, "nothing is told twice: {ids:?}");
}

#[test]
fn every_consumer_is_told_of_every_event_in_the_order_of_each_thing() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, search) = (Listener::shared("mail"), Listener::per_node("search"));
        let router = router(&node, &[&mail, &search]);
        quiet(&router).await;
        add(&node, 7, 100).await;
        quiet(&router).await;
        for listener in [&mail, &search] {
            assert_complete(listener, 7, 100);
            assert_told_once(listener, 700);
        }
        let delivered: Vec<_> = router.tallies().iter().map(|tally| tally.delivered()).collect();
        assert_eq!(delivered, [700, 700]);
    });
}

#[test]
fn a_shared_consumer_is_told_what_happened_before_it_came_and_a_per_node_one_is_not() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        add(&node, 1, 3).await;
        let (mail, search) = (Listener::shared("mail"), Listener::per_node("search"));
        quiet(&router(&node, &[&mail, &search])).await;
        assert_eq!((mail.ids().len(), search.ids().len()), (3, 0));
    });
}

#[test]
fn quiet_comes_when_what_happened_because_of_an_event_has_been_told_too() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, echo) = (Listener::per_node("mail"), Echo(node.clone(), id(2)));
        let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::clone(&mail) as _, Arc::new(echo)];
        let router = EventRouter::start(&node.engine, consumers, Pace::default());
        quiet(&router).await;
        node.add(id(1), 1).await.unwrap();
        quiet(&router).await;
        let told: Vec<_> = mail.histories().into_keys().collect();
        assert_eq!(told, [id(1), id(2)]);
    });
}

/// Adds to one counter for every event of another.
struct Echo(Node, Id);

impl Consumer for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        let Self(node, to) = self;
        let others = events.iter().filter(|event| event.entity != *to);
        async move {
            for _ in others {
                let added = node.add(*to, 1).await;
                added.map_err(|error| Retry::because(error.to_string()))?;
            }
            Ok(())
        }
        .boxed()
    }
}

#[test]
fn a_router_that_fails_again_and_again_loses_nothing() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, search) = (Listener::shared("mail"), Listener::per_node("search"));
        let router = router(&node, &[&mail, &search]);
        quiet(&router).await;
        for _ in 0..20 {
            router.fail();
            add(&node, 3, 1).await;
            router.fail();
        }
        quiet(&router).await;
        for listener in [&mail, &search] {
            assert_complete(listener, 3, 20);
            assert_told_once(listener, 60);
        }
    });
}

#[test]
fn a_consumer_that_fails_holds_up_nobody_else() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, search) = (Listener::shared("mail"), Listener::shared("search"));
        (0..8).for_each(|_| mail.next(Mood::Fails));
        let router = router(&node, &[&mail, &search]);
        add(&node, 2, 5).await;
        search.has_heard(10).await;
        assert!(mail.ids().is_empty());
        quiet(&router).await;
        assert_complete(&mail, 2, 5);
        assert_eq!(router.tallies()[0].retries(), 8);
        assert_eq!(router.tallies()[0].lag(node.engine.clock.now()), Duration::ZERO);
    });
}

#[test]
fn a_consumer_that_is_stuck_holds_up_nobody_else_and_shows_in_the_lag() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, search) = (Listener::shared("mail"), Listener::shared("search"));
        let (go_on, word) = oneshot::channel();
        mail.next(Mood::Waits(word));
        let router = router(&node, &[&mail, &search]);
        add(&node, 1, 1).await;
        search.has_heard(1).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        let lags: Vec<_> = router
            .tallies()
            .iter()
            .map(|tally| tally.lag(node.engine.clock.now()))
            .collect();
        assert_eq!((lags[0].as_secs(), lags[1].as_secs()), (60, 0));
        drop(go_on);
        quiet(&router).await;
        assert_told_once(&mail, 1);
    });
}

#[test]
fn a_panic_of_a_consumer_costs_its_events_a_second_telling_and_nothing_else() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        let (mail, search) = (Listener::shared("mail"), Listener::per_node("search"));
        let router = router(&node, &[&mail, &search]);
        quiet(&router).await;
        mail.next(Mood::Panics);
        search.next(Mood::Panics);
        add(&node, 1, 4).await;
        quiet(&router).await;
        for listener in [&mail, &search] {
            assert_complete(listener, 1, 4);
            assert_told_once(listener, 4);
        }
    });
}

#[test]
fn what_was_taken_before_a_failure_is_not_told_again() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        add(&node, 1, 10).await;
        let mail = Listener::shared("mail");
        mail.next(Mood::Takes(4));
        quiet(&router(&node, &[&mail])).await;
        assert_complete(&mail, 1, 10);
        assert_told_once(&mail, 10);
    });
}

#[test]
fn what_was_taken_is_not_told_again_when_its_place_could_not_be_saved() {
    on_one_thread(async {
        let store = Faulty::new();
        let node = node(&store);
        add(&node, 1, 3).await;
        store.next(Fate::Unavailable);
        store.next(Fate::InDoubt {
            lands: true,
            after: Duration::from_millis(500),
        });
        let mail = Listener::shared("mail");
        let router = router(&node, &[&mail]);
        quiet(&router).await;
        assert_told_once(&mail, 3);
        assert_eq!(router.tallies()[0].retries(), 2);
    });
}

#[test]
fn after_a_crash_an_event_whose_place_was_not_saved_comes_again_under_the_same_id() {
    let (store, mail) = (Faulty::new(), Listener::shared("mail"));
    on_one_thread(async {
        let node = node(&store);
        add(&node, 1, 1).await;
        let _crash = store.hold();
        let _router = router(&node, &[&mail]);
        mail.has_heard(1).await;
    });
    on_one_thread(async {
        quiet(&router(&node(&store), &[&mail])).await;
        let ids = mail.ids();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
    });
}

#[test]
fn a_place_in_the_feed_is_found_in_the_folder_again() {
    let folder = tempfile::tempdir().unwrap();
    let mail = Listener::shared("mail");
    for round in 1..=3 {
        on_many_threads(async {
            let (node, footing) = Node::on_threads(embedded(folder.path()), Bounds::default());
            add(&node, 5, 10).await;
            let router = router(&node, &[&mail]);
            quiet(&router).await;
            assert_told_once(&mail, round * 100 - 50);
            add(&node, 5, 10).await;
            router.drain().await;
            footing.stop().await;
        });
    }
    on_many_threads(async {
        let (node, footing) = Node::on_threads(embedded(folder.path()), Bounds::default());
        let router = router(&node, &[&mail]);
        quiet(&router).await;
        assert_complete(&mail, 5, 60);
        router.drain().await;
        footing.stop().await;
    });
}

#[test]
fn a_drain_lets_what_is_being_handed_over_end() {
    on_one_thread(async {
        let node = node(&Faulty::new());
        add(&node, 1, 1).await;
        let mail = Listener::shared("mail");
        let (go_on, word) = oneshot::channel();
        mail.next(Mood::Waits(word));
        let first = router(&node, &[&mail]);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let (drained, ()) = tokio::join!(
            tokio::time::timeout(Duration::from_mins(1), first.drain()),
            async { drop(go_on) }
        );
        drained.expect("the drain ends when the consumer has taken its event");
        quiet(&router(&node, &[&mail])).await;
        assert_told_once(&mail, 1);
    });
}

#[test]
fn a_timeline_tells_the_history_of_one_thing_page_by_page() {
    on_one_thread(async {
        let store = Faulty::new();
        add(&node(&store), 3, 5).await;
        let mut versions = Vec::new();
        let mut after = None;
        loop {
            let page = timeline(&store, ("counter", id(1)), after, 2).await.unwrap();
            assert!(
                page.events
                    .iter()
                    .all(|event| event.entity == id(1) && event.name == "ADDED")
            );
            versions.extend(page.events.iter().map(|event| event.version));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(versions, [1, 2, 3, 4, 5]);
    });
}

/// Two runtimes, leases, a router that fails, a store that is slow, unavailable and in doubt.
#[test]
fn in_any_weather_every_event_arrives_in_order() {
    let stormy = Weather {
        delay_millis_max: 200,
        unavailable: 100,
        in_doubt: 100,
        unreadable: 100,
        on_its_way: 0,
    };
    for seed in 0..40 {
        on_one_thread(async {
            let store = Faulty::new().shared(true).weather(stormy, Chance::seeded(seed));
            let nodes = [1, 2].map(|n| Node::here(Arc::new(store.clone()), Bounds::default(), seed * 2 + n));
            let (mail, search) = (Listener::shared("mail"), Listener::per_node("search"));
            let routers = [router(&nodes[0], &[&mail, &search]), router(&nodes[1], &[&mail])];
            quiet(&routers[0]).await;
            let chance = Chance::seeded(seed);
            for n in 0..60 {
                // A loss is part of the weather; what counts is what the store has in the end.
                let _ = nodes[n % 2].add(id(chance.below(3)), 1).await;
                if chance.below(10) == 0 {
                    routers[n % 2].fail();
                }
                tokio::time::sleep(Duration::from_millis(chance.below(1_000))).await;
            }
            // What is in doubt has landed by then, and the last lease has run out.
            tokio::time::sleep(LEASE * 2).await;
            join_all(routers.iter().map(quiet)).await;
            let feed = calm_feed(&store).await;
            for listener in [&mail, &search] {
                let told: BTreeSet<_> = listener.ids().into_iter().collect();
                assert_eq!(told, feed, "seed {seed}");
                for (counter, history) in listener.histories() {
                    assert!(
                        history.is_sorted(),
                        "seed {seed}: {counter} as it was told: {history:?}"
                    );
                }
            }
        });
    }
}

/// The ids of all events in the store, asked until it answers.
async fn calm_feed(store: &Faulty) -> BTreeSet<String> {
    loop {
        if let Ok(page) = store.feed(None, usize::MAX).await {
            let ids = page
                .events
                .iter()
                .map(|event| event.get_str("_id").unwrap().to_owned());
            return ids.collect();
        }
    }
}
