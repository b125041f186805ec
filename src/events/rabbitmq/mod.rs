//! The bridge to RabbitMQ: every event is published there, and our own consumers may be told from
//! queues of their own there, so that several runtimes share the work. Whatever the broker does,
//! the feed is the truth: events wait in it until the broker has confirmed them.

mod connection;
mod dead_letters;
mod event_reader;
mod fanout;
mod graveyard;
mod joined;
mod letter;
mod message;
mod names;
mod obituary;
mod payment_results;
mod publisher;
mod reading;
mod sickbay;
mod spelling;
mod standing;
mod subscriber;
mod topology;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use self::connection::{Address, Link};
use self::dead_letters::Morgue;
use self::event_reader::EventReader;
use self::graveyard::Graveyard;
use self::payment_results::ResultReader;
use self::publisher::Publisher;
use self::subscriber::Desk;
use self::topology::{OwnQueue, Topology};
use super::consumer::{Consumer, Reach};
use super::ground::Ground;
use super::tally::Tally;
use crate::store::Store;

pub use connection::{Broken, NotABroker};
pub use dead_letters::{DeadLetter, Revival, SHOWN_MAX};
pub use payment_results::{Outcome, PaymentResult, PaymentResults};
pub use standing::Standing;
pub use subscriber::Subscriber;

/// A broker. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct RabbitMq {
    broker: Arc<Broker>,
    seed_queues: bool,
}

/// Those who are told by queues of their own.
#[derive(Default)]
pub struct Readers {
    consumers: Vec<Arc<dyn Consumer>>,
    payment_results: Option<Arc<dyn PaymentResults>>,
}

/// What all who talk to the broker share.
struct Broker {
    address: Address,
    standing: Standing,
    graveyard: Graveyard,
    /// Two who look at the dead letters would each find a half of them.
    morgue: Mutex<()>,
}

impl RabbitMq {
    /// The broker at this URL, to which nothing is sent yet, with the queues of the systems
    /// before this one or without them. Nothing waits for it longer than `patience`.
    ///
    /// # Errors
    /// When the URL is none of a broker.
    pub fn at(url: &str, seed_queues: bool, patience: Duration) -> Result<Self, NotABroker> {
        let broker = Broker {
            address: Address::read(url, patience)?,
            standing: Standing::default(),
            graveyard: Graveyard::default(),
            morgue: Mutex::default(),
        };
        Ok(Self {
            broker: Arc::new(broker),
            seed_queues,
        })
    }

    /// The consumer of the feed that publishes every event, and fills the queues of these
    /// readers. To be called on the runtime that is to do the work.
    #[must_use]
    pub fn publisher(&self, store: Arc<dyn Store>, readers: &Readers) -> Arc<dyn Consumer> {
        let topology = Topology {
            seed_queues: self.seed_queues,
            own: readers.queues(),
        };
        Arc::new(Publisher::new(Arc::clone(&self.broker), store, topology))
    }

    /// Reads the queues of these readers from now on. To be called on a thread where they can wake
    /// owners.
    #[must_use]
    pub fn subscribe(&self, readers: Readers, ground: &Arc<Ground>) -> Subscriber {
        let events = readers.consumers.into_iter().map(|consumer| {
            let (queue, name) = (queue_of(&*consumer), consumer.name());
            let store = Arc::clone(&ground.store);
            self.desk(queue, name, Box::new(EventReader { consumer, store }), ground)
        });
        let results = readers.payment_results.map(|owner| {
            let (queue, name) = (queue_of_results(), "payment-results");
            self.desk(queue, name, Box::new(ResultReader(owner)), ground)
        });
        Subscriber::open(events.chain(results).collect())
    }

    /// The messages that nobody could take, the oldest first and at most [`SHOWN_MAX`] of them.
    ///
    /// # Errors
    /// When the broker does not say.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Broken> {
        let _alone = self.broker.morgue.lock().await;
        Morgue::enter(&self.broker.address).await?.list().await
    }

    /// Puts the dead letters of this id, or all, back into the queues that gave them up.
    ///
    /// # Errors
    /// When the broker does not do it.
    pub async fn revive(&self, id: Option<&str>) -> Result<Revival, Broken> {
        let _alone = self.broker.morgue.lock().await;
        Morgue::enter(&self.broker.address).await?.revive(id).await
    }

    /// How it stands with the broker.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.broker.standing
    }

    /// Whether the broker can be talked to. It is tried, if nobody has lately.
    ///
    /// # Errors
    /// When it cannot, in a sentence.
    pub async fn health(&self) -> Result<(), String> {
        if let Some(found) = self.broker.standing.known() {
            return found;
        }
        let tried = Link::open(&self.broker.address, "health").await;
        tried.map_err(|why| why.to_string())?.close().await;
        Ok(())
    }

    fn desk(
        &self,
        queue: OwnQueue,
        name: &'static str,
        reader: Box<dyn reading::Reader>,
        ground: &Arc<Ground>,
    ) -> Desk {
        Desk {
            broker: Arc::clone(&self.broker),
            queue,
            reader,
            ground: Arc::clone(ground),
            tally: Arc::new(Tally::new(name, Reach::Shared)),
        }
    }
}

impl Readers {
    /// Takes those of the consumers who are told by a queue, and leaves the others.
    #[must_use]
    pub fn among(consumers: &mut Vec<Arc<dyn Consumer>>) -> Self {
        let by_queue =
            |consumer: &Arc<dyn Consumer>| consumer.reach() == Reach::Shared && !consumer.topics().is_empty();
        let (taken, left) = consumers.drain(..).partition(by_queue);
        *consumers = left;
        Self {
            consumers: taken,
            payment_results: None,
        }
    }

    /// And the owner of payments, for what others say of them.
    #[must_use]
    pub fn and_payments(self, owner: Option<Arc<dyn PaymentResults>>) -> Self {
        Self {
            payment_results: owner,
            ..self
        }
    }

    fn queues(&self) -> Vec<OwnQueue> {
        let events = self.consumers.iter().map(|consumer| queue_of(&**consumer));
        let results = self.payment_results.iter().map(|_| queue_of_results());
        events.chain(results).collect()
    }
}

fn queue_of_results() -> OwnQueue {
    OwnQueue {
        name: names::PAYMENT_RESULTS.into(),
        exchange: names::PAYMENT_EVENTS,
        topics: &[""], // a fanout knows no topics
    }
}

fn queue_of(consumer: &dyn Consumer) -> OwnQueue {
    OwnQueue {
        name: names::queue_of(consumer.name()),
        exchange: names::EVENTS,
        topics: consumer.topics(),
    }
}
