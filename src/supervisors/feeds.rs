//! How consumers are told of events: from the feed by the event router, or from queues of their own
//! where a broker is configured.

use std::sync::Arc;

use crate::actors::engine::Engine;
use crate::actors::event_router::EventRouter;
use crate::events::consumer::Consumer;
use crate::events::ground::Pace;
use crate::events::rabbitmq::{PaymentResults, RabbitMq, Readers, Subscriber};
use crate::events::tally::Tally;

/// Everybody who is told, being told.
pub struct Feeds {
    router: EventRouter,
    subscriber: Option<Subscriber>,
    tallies: Arc<[Arc<Tally>]>,
}

/// The broker, and whoever wants to hear what others say there of payments.
pub type Exchange = (RabbitMq, Option<Arc<dyn PaymentResults>>);

impl Feeds {
    /// Begins to tell these consumers. To be called on a thread where they can wake owners.
    #[must_use]
    pub fn start(
        engine: &Engine,
        mut consumers: Vec<Arc<dyn Consumer>>,
        exchange: Option<Exchange>,
        pace: Pace,
    ) -> Self {
        let subscriber = exchange.map(|(broker, payment_results)| {
            let readers = Readers::among(&mut consumers).and_payments(payment_results);
            consumers.push(broker.publisher(Arc::clone(&engine.store), &readers));
            broker.subscribe(readers, &engine.ground(pace))
        });
        let router = EventRouter::start(engine, consumers, pace);
        let by_queue = subscriber.iter().flat_map(Subscriber::tallies);
        let tallies = router.tallies().iter().chain(by_queue).cloned().collect();
        Self {
            router,
            subscriber,
            tallies,
        }
    }

    /// Whoever tells them from the feed.
    #[must_use]
    pub fn router(&self) -> &EventRouter {
        &self.router
    }

    /// The figures of each consumer.
    #[must_use]
    pub fn tallies(&self) -> &Arc<[Arc<Tally>]> {
        &self.tallies
    }

    /// Lets what is being told be told to its end, and stops.
    pub async fn stop(self) {
        self.router.drain().await;
        if let Some(subscriber) = self.subscriber {
            subscriber.stop().await;
        }
    }
}
