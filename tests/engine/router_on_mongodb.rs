//! The telling of events by two runtimes on one MongoDB.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::Bounds;
use bazaar::actors::event_router::EventRouter;
use bazaar::actors::remembered::REMEMBERED;
use bazaar::events::consumer::Consumer;
use bazaar::events::cursor::CURSORS;
use bazaar::events::ground::Pace;
use bazaar::store::mongo::{Mongo, Settings};
use bazaar::store::{EVENTS, Store};
use bazaar::supervisors::engine::Footing;
use futures_util::future::join_all;

use crate::mongod;
use crate::support::counter::{COUNTERS, PARTS, SPENT};
use crate::support::listener::{Listener, Mood};
use crate::support::node::{Node, id, on_many_threads};

const COUNTED: u64 = 5;

struct Runtime {
    node: Node,
    footing: Footing,
    router: EventRouter,
}

impl Runtime {
    async fn start(settings: &Settings, listeners: [&Arc<Listener>; 2]) -> Self {
        let store = Mongo::connect(settings.clone())
            .await
            .expect("a replica set that is up");
        let collections = [&EVENTS, &CURSORS, &REMEMBERED, &COUNTERS, &PARTS, &SPENT];
        store.prepare(&collections).await.expect("a store that is up");
        let (node, footing) = Node::on_threads(Arc::new(store), Bounds::default());
        let pace = Pace {
            lease: Duration::from_secs(2),
            ..Pace::default()
        };
        let consumers = listeners.map(|listener| Arc::clone(listener) as Arc<dyn Consumer>);
        let router = EventRouter::start(&node.engine, consumers.to_vec(), pace);
        router.quiet().await;
        Self {
            node,
            footing,
            router,
        }
    }

    /// Adds one to each counter.
    async fn add(&self) {
        let asked = join_all((0..COUNTED).map(|n| self.node.add(id(n), 1))).await;
        assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    }

    async fn stop(self) {
        self.router.drain().await;
        self.footing.stop().await;
    }
}

/// Waits until so many events of each counter have been told, in order.
async fn complete(listener: &Listener, times: u64) {
    listener
        .has_heard(usize::try_from(COUNTED * times).unwrap())
        .await;
    let whole: Vec<_> = (1..=times).collect();
    for (counter, history) in listener.histories() {
        assert_eq!(history, whole, "the history of {counter} as it was told");
    }
}

#[test]
fn two_runtimes_on_one_mongodb_tell_everything_and_one_takes_over_from_the_other() {
    let Some(uri) = mongod::shared() else { return };
    let settings = Settings {
        uri,
        database: Some(format!("test_{}", bson::oid::ObjectId::new())),
        deadline: Duration::from_secs(10),
        shared: true,
    };
    on_many_threads(async {
        let mail = Listener::shared("mail");
        let searches = [Listener::per_node("search"), Listener::per_node("search")];
        let one = Runtime::start(&settings, [&mail, &searches[0]]).await;
        let other = Runtime::start(&settings, [&mail, &searches[1]]).await;
        mail.next(Mood::Fails);
        mail.next(Mood::Panics);
        for _ in 0..10 {
            one.add().await;
            other.add().await;
        }
        for listener in [&mail, &searches[0], &searches[1]] {
            complete(listener, 20).await;
        }
        assert!(one.router.tallies()[0].ours() && !other.router.tallies()[0].ours());
        one.stop().await;
        other.add().await;
        complete(&mail, 21).await;
        other.stop().await;
    });
}
