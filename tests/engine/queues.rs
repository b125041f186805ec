//! Consumers that are told of events by queues of their own on RabbitMQ: several runtimes share the
//! work, what nobody can take goes to the dead letters, and nobody waits for it.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::Bounds;
use bazaar::events::consumer::Consumer;
use bazaar::events::ground::Pace;
use bazaar::events::rabbitmq::{DeadLetter, RabbitMq, Revival};
use bazaar::supervisors::feeds::Feeds;
use lapin::BasicProperties;

use crate::rabbit_server::RabbitServer;
use crate::support::faulty::Faulty;
use crate::support::listener::{Listener, Mood};
use crate::support::node::{Node, id, single_threaded};

const QUEUE: &str = "bazaar.sums";
const DEAD_LETTERS: &str = "bazaar.dead-letters";
const PATIENCE: Duration = Duration::from_secs(5);

/// Short rests, so that five tries are soon over.
fn pace() -> Pace {
    Pace {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(50),
        ..Pace::default()
    }
}

fn broker(server: &RabbitServer) -> RabbitMq {
    RabbitMq::at(&server.url(), false, PATIENCE).expect("the URL of a broker")
}

fn feeds(node: &Node, server: &RabbitServer, consumer: &Arc<Listener>) -> Feeds {
    let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::clone(consumer) as _];
    Feeds::start(&node.engine, consumers, Some((broker(server), None)), pace())
}

/// Runs a test on a clock that goes as all others do: a broker has its own.
fn in_real_time(test: impl Future<Output = ()>) {
    let local = tokio::task::LocalSet::new();
    single_threaded(false).block_on(local.run_until(async {
        let ended = tokio::time::timeout(Duration::from_mins(1), test).await;
        ended.expect("the test ends in a minute");
    }));
}

async fn dead_letters(broker: &RabbitMq, many: usize) -> Vec<DeadLetter> {
    loop {
        let dead = broker
            .dead_letters()
            .await
            .expect("the broker tells of its dead letters");
        if dead.len() >= many {
            return dead;
        }
    }
}

/// All of them are put back, and they were so many.
fn back(many: usize) -> Revival {
    Revival {
        revived: many,
        ..Revival::default()
    }
}

/// A message of somebody else's that says where it came from.
fn with_header(name: &str, value: &str) -> BasicProperties {
    let mut headers = lapin::types::FieldTable::default();
    headers.insert(name.into(), lapin::types::AMQPValue::LongString(value.into()));
    BasicProperties::default().with_headers(headers)
}

#[test]
fn what_nobody_can_take_goes_to_the_dead_letters_and_the_next_ones_go_on() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        sums.cannot_take(Some(id(2)));
        let feeds = feeds(&node, &server, &sums);
        for n in 1..=5 {
            node.add(id(n), 1).await.expect("it is added");
        }
        sums.has_heard(4).await;
        let broker = broker(&server);
        let dead = dead_letters(&broker, 1).await;
        assert_eq!(dead.len(), 1, "{dead:?}");
        assert_eq!(dead[0].queue.as_deref(), Some(QUEUE));
        let event = dead[0].event_id.clone().expect("it tells of an event");
        assert!(event.contains(&id(2).to_string()), "{event}");
        assert!(dead[0].died_at.is_some());
        assert_eq!(dead[0].reason.as_deref(), Some("there is poison among them"));
        assert_eq!(dead[0].tries, Some(5));

        sums.cannot_take(None);
        assert_eq!(broker.revive(Some("no such letter")).await, Ok(back(0)));
        assert_eq!(broker.revive(Some(&dead[0].id)).await, Ok(back(1)));
        sums.has_heard(5).await;
        assert!(sums.ids().contains(&event), "{event} was not told again");
        assert_eq!(broker.dead_letters().await, Ok(Vec::new()));
        feeds.stop().await;
    });
}

#[test]
fn foreign_and_malformed_messages_go_to_the_dead_letters_and_hold_up_nobody() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        let feeds = feeds(&node, &server, &sums);
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(1).await;

        let forged = |name: &str| with_header("event-id", name);
        let strange: [(&[u8], BasicProperties); 4] = [
            (b"", BasicProperties::default()),
            (&[0xff; 3_000], BasicProperties::default()),
            (b"{\"total\":1}", forged("counter/of/nobody")),
            (b"{}", forged(&"x".repeat(5_000))),
        ];
        for (body, properties) in strange {
            server.publish("", QUEUE, body, properties).await;
        }
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(2).await;
        let broker = broker(&server);
        let dead = dead_letters(&broker, 4).await;
        assert_eq!(dead.len(), 4, "{dead:?}");
        for letter in &dead {
            let why = letter.reason.as_deref().unwrap_or_default();
            assert_eq!(why, "it tells of no event of this marketplace", "{letter:?}");
            assert_eq!(letter.tries, Some(1), "{letter:?}");
        }
        assert_eq!(broker.revive(None).await, Ok(back(4)), "they are put back,");
        assert_eq!(dead_letters(&broker, 4).await.len(), 4, "and given up again");
        assert_eq!(sums.ids().len(), 2);
        feeds.stop().await;
    });
}

#[test]
fn a_dead_letter_whose_queue_is_gone_holds_up_no_other() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        let feeds = feeds(&node, &server, &sums);
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(1).await; // the queue is there
        let broker = broker(&server);
        let gone = with_header("bazaar-queue", "bazaar.gone");
        server.publish(DEAD_LETTERS, "", b"of no use", gone).await;
        server
            .publish("", QUEUE, b"a stranger", BasicProperties::default())
            .await;
        let dead = dead_letters(&broker, 2).await;
        assert_eq!(dead[0].queue.as_deref(), Some("bazaar.gone"), "{dead:?}");
        let revived = broker.revive(None).await.expect("the broker is there");
        assert_eq!(revived.revived, 1, "the second one has a queue: {revived:?}");
        let stays = [("there is no queue bazaar.gone any more".to_owned(), 1)];
        assert_eq!(
            revived.left,
            stays.into(),
            "the first one stays, and it is said why"
        );
        assert_eq!(dead_letters(&broker, 2).await.len(), 2, "and was given up again");
        feeds.stop().await;
    });
}

#[test]
fn dead_letters_are_put_back_however_many_there_are() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        let feeds = feeds(&node, &server, &sums);
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(1).await; // the queue is there
        feeds.stop().await;
        let letters: Vec<_> = (0..1_100).map(|n: u32| n.to_string().into_bytes()).collect();
        for (queue, letters) in [("bazaar.gone", &letters[..1_050]), (QUEUE, &letters)] {
            let from = with_header("bazaar-queue", queue);
            server.publish_all(DEAD_LETTERS, "", letters, from).await;
        }
        server
            .publish(DEAD_LETTERS, "", b"who knows", BasicProperties::default())
            .await;
        let broker = broker(&server);
        let revived = broker.revive(None).await.expect("the broker is there");
        assert_eq!(revived.revived, 1_100, "{revived:?}");
        let stays = [
            ("nobody knows which queue gave it up".to_owned(), 1),
            ("there is no queue bazaar.gone any more".to_owned(), 1_050),
        ];
        assert_eq!(revived.left, stays.into());
        assert_eq!(server.waiting(QUEUE).await, Some(1_100));
        assert_eq!(broker.dead_letters().await.expect("they are listed").len(), 1_000);
    });
}

#[test]
fn a_broker_that_takes_no_messages_moves_a_dead_letter_by_itself() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        let first = feeds(&node, &server, &sums);
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(1).await; // the queue is there
        first.stop().await;
        server
            .publish("", QUEUE, b"a stranger", BasicProperties::default())
            .await;
        server.alarm(true).await;
        let patience = Duration::from_secs(1);
        let hasty = RabbitMq::at(&server.url(), false, patience).expect("the URL of a broker");
        let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::clone(&sums) as _];
        let second = Feeds::start(&node.engine, consumers, Some((hasty, None)), pace());
        let dead = dead_letters(&broker(&server), 1).await;
        assert_eq!(dead[0].queue.as_deref(), Some(QUEUE), "{dead:?}");
        assert_eq!(
            dead[0].reason.as_deref(),
            Some("rejected"),
            "by the broker's own account"
        );
        server.alarm(false).await;
        node.add(id(1), 1).await.expect("it is added");
        sums.has_heard(2).await;
        second.stop().await;
    });
}

#[test]
fn nothing_that_was_taken_after_a_rest_stays_in_the_queue() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        sums.cannot_take(Some(id(2)));
        let pace = Pace {
            first_pause: Duration::from_millis(8),
            ..Pace::default()
        };
        let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::clone(&sums) as _];
        let feeds = Feeds::start(&node.engine, consumers, Some((broker(&server), None)), pace);
        for _ in 0..50 {
            node.add(id(2), 1).await.expect("it is added");
        }
        let queue = feeds.tallies().iter().find(|tally| tally.consumer() == "sums");
        let queue = Arc::clone(queue.expect("it is told by a queue"));
        while queue.retries() < 50 {
            tokio::task::yield_now().await;
        }
        // All of them rest, each for another while. The first who are back wait until the others
        // are due, and those come together and in no order.
        let (go_on, word) = tokio::sync::oneshot::channel();
        sums.next(Mood::Waits(word));
        sums.cannot_take(None);
        assert_eq!(dead_letters(&broker(&server), 0).await, []);
        let _ = go_on.send(());
        sums.has_heard(50).await;
        feeds.stop().await;
        assert_eq!(server.waiting(QUEUE).await, Some(0), "they were not acknowledged");
    });
}

#[test]
fn the_figures_of_a_queue_say_how_far_behind_its_reader_is() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let sums = Listener::by_queue("sums", &["#"]);
        let long = Duration::from_mins(5);
        let pace = Pace {
            first_pause: long,
            longest_pause: long,
            ..Pace::default()
        };
        let consumers: Vec<Arc<dyn Consumer>> = vec![Arc::clone(&sums) as _];
        let feeds = Feeds::start(&node.engine, consumers, Some((broker(&server), None)), pace);
        let queue = feeds.tallies().iter().find(|tally| tally.consumer() == "sums");
        let queue = Arc::clone(queue.expect("it is told by a queue"));
        let hour = Duration::from_hours(1);
        let in_an_hour = node.engine.clock.now().after(hour);
        let is = async |what: &str, so: &dyn Fn() -> bool| {
            let waited = tokio::time::timeout(PATIENCE * 5, async {
                while !so() {
                    tokio::task::yield_now().await;
                }
            });
            let figures = || (queue.lag(in_an_hour), queue.behind(), queue.last());
            assert!(waited.await.is_ok(), "{what}: {:?}", figures());
        };

        let (go_on, word) = tokio::sync::oneshot::channel();
        sums.next(Mood::Waits(word));
        node.add(id(1), 1).await.expect("it is added");
        let minute = Duration::from_mins(1);
        let late = || queue.behind() == 1 && queue.lag(in_an_hour) + minute > hour;
        is("an event waits for its reader", &late).await;
        let _ = go_on.send(());
        let taken = || sums.ids().last() == queue.last().event.as_ref() && queue.delivered() == 1;
        is("the event was taken", &taken).await;
        let done = || queue.behind() == 0 && queue.lag(in_an_hour) == Duration::ZERO;
        is("nothing waits any more", &done).await;

        sums.next(Mood::Fails);
        node.add(id(1), 1).await.expect("it is added");
        is("an event failed and rests", &|| queue.retries() == 1).await;
        node.add(id(2), 1).await.expect("it is added");
        sums.has_heard(2).await;
        is("those behind it go on", &|| queue.delivered() == 2).await;
        is("the one that rests still waits", &late).await;
        feeds.stop().await;
    });
}

#[test]
fn runtimes_share_the_work_of_a_queue_and_an_outage_of_the_store_gives_nothing_up() {
    in_real_time(async {
        let Some(server) = RabbitServer::start().await else {
            return;
        };
        let store = Faulty::new().shared(true);
        let nodes = [1, 2].map(|seed| Node::here(Arc::new(store.clone()), Bounds::default(), seed));
        let sums = [0, 1].map(|_| Listener::by_queue("sums", &["#"]));
        let feeds = [0, 1].map(|n| feeds(&nodes[n], &server, &sums[n]));
        // One of them is slow, so that the other one shows that it has work too.
        let (go_on, word) = tokio::sync::oneshot::channel();
        sums[0].next(Mood::Waits(word));
        for n in 1..=600 {
            nodes[0].add(id(n % 7), 1).await.expect("it is added");
        }
        sums[1].has_heard(200).await;
        let _ = go_on.send(());
        while sums[0].ids().len() + sums[1].ids().len() < 600 {
            tokio::task::yield_now().await;
        }
        let mut told = [sums[0].ids(), sums[1].ids()].concat();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 600, "each event is told to one of them");
        assert!(!sums[0].ids().is_empty(), "both had work");

        for _ in 0..20 {
            for sums in &sums {
                sums.next(Mood::Outage);
            }
        }
        nodes[0].add(id(1), 1).await.expect("it is added");
        while sums[0].ids().len() + sums[1].ids().len() < 601 {
            tokio::task::yield_now().await;
        }
        let broker = broker(&server);
        assert_eq!(broker.dead_letters().await, Ok(Vec::new()));
        for feeds in feeds {
            feeds.stop().await;
        }
    });
}
