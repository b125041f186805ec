//! The consumer of the feed that publishes every event. It counts as told when the broker has
//! confirmed each of its messages; whatever goes wrong before that, it is published again. One
//! channel carries all messages of a moment in the order of the feed, so the events of one thing
//! stay in order, with many confirmations outstanding.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Confirmation, PublisherConfirm};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::Broker;
use super::connection::{Broken, Link};
use super::joined::Joined;
use super::message::Message;
use super::topology::Topology;
use super::writing::messages;
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::store::Store;

const NAME: &str = "rabbitmq";

/// Whoever publishes. Its work is done on the threads of the runtime it was made on, not on the
/// thread of the event router, where owners live.
pub(super) struct Publisher {
    threads: Handle,
    press: Arc<Press>,
}

struct Press {
    broker: Arc<Broker>,
    store: Arc<dyn Store>,
    topology: Topology,
    way: Mutex<Way>,
}

/// The way to the broker.
#[derive(Default)]
enum Way {
    #[default]
    None,
    /// Everything sent on it has been confirmed.
    Clear(Link),
    /// What was sent on it may still arrive, so nothing more goes out on it.
    Spent(Link),
}

impl Publisher {
    pub(super) fn new(broker: Arc<Broker>, store: Arc<dyn Store>, topology: Topology) -> Self {
        let press = Press {
            broker,
            store,
            topology,
            way: Mutex::default(),
        };
        Self {
            threads: Handle::current(),
            press: Arc::new(press),
        }
    }
}

impl Consumer for Publisher {
    fn name(&self) -> &'static str {
        NAME
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        let (press, events) = (Arc::clone(&self.press), events.to_vec());
        let published = self.threads.spawn(async move { press.publish(&events).await });
        async move {
            let ended = published.await;
            ended.unwrap_or_else(|_| Err(Retry::because("the publisher failed")))
        }
        .boxed()
    }
}

impl Press {
    async fn publish(&self, events: &[Event]) -> Result<(), Retry> {
        let joined = Joined::read(&*self.store, events).await?;
        let written: Vec<_> = events
            .iter()
            .map(|event| messages(event, &joined, &self.topology))
            .collect();
        let mut way = self.way.lock().await;
        let link = self.clear(&mut way).await.map_err(|why| self.trouble(&why))?;
        let sent = self.send(&link, &written).await;
        *way = match sent {
            Ok(()) => Way::Clear(link),
            Err(_) => Way::Spent(link),
        };
        sent.map_err(|(taken, why)| self.trouble(&why).after(taken))?;
        self.broker.standing.note(NAME, Ok(()));
        Ok(())
    }

    fn trouble(&self, why: &Broken) -> Retry {
        self.broker.standing.note(NAME, Err(why.to_string()));
        Retry::because(why.to_string())
    }

    /// A link on which nothing is outstanding.
    async fn clear(&self, way: &mut Way) -> Result<Link, Broken> {
        match std::mem::take(way) {
            // A blocked broker reads nothing, not even a goodbye: each new connection to it would
            // be one more that hangs.
            Way::Clear(link) | Way::Spent(link) if link.is_blocked() => {
                *way = Way::Spent(link);
                return Err(Broken("the broker takes no messages for now".into()));
            }
            Way::Clear(link) if link.is_whole() => return Ok(link),
            Way::Clear(link) | Way::Spent(link) => link.close().await,
            Way::None => {}
        }
        self.open().await
    }

    async fn open(&self) -> Result<Link, Broken> {
        let address = &self.broker.address;
        let link = Link::open(address, "publisher").await?;
        self.topology.declare(address, &link.channel).await?;
        let confirm = link.channel.confirm_select(ConfirmSelectOptions::default());
        address.within("to ask for confirmations", confirm).await?;
        Ok(link)
    }

    /// Sends everything and waits for all confirmations. A failure says how many events were
    /// confirmed whole before the first that was not.
    async fn send(&self, link: &Link, written: &[Vec<Message>]) -> Result<(), (usize, Broken)> {
        self.broker.standing.sends(written.iter().map(Vec::len).sum());
        let mut outstanding = Vec::new();
        for (n, messages) in written.iter().enumerate() {
            for message in messages {
                let sent = self.send_one(link, message).await.map_err(|why| (0, why))?;
                outstanding.push((n, sent));
            }
        }
        for (n, confirm) in outstanding {
            self.confirmed(confirm)
                .await
                .map_err(|(all, why)| (if all { 0 } else { n }, why))?;
            self.broker.standing.confirms_one();
        }
        Ok(())
    }

    async fn send_one(&self, link: &Link, message: &Message) -> Result<PublisherConfirm, Broken> {
        let options = BasicPublishOptions {
            mandatory: message.mandatory,
            ..BasicPublishOptions::default()
        };
        let (exchange, key) = (message.exchange.into(), message.key.as_str().into());
        let properties = message.properties.clone();
        let publish = link
            .channel
            .basic_publish(exchange, key, options, &message.body, properties);
        self.broker.address.within("to publish", publish).await
    }

    /// Whether one message has arrived. A message that came back as undeliverable is found with
    /// some confirmation, not always with its own: none of those who wait can be sure then.
    async fn confirmed(&self, confirm: PublisherConfirm) -> Result<(), (bool, Broken)> {
        let confirmed = self.broker.address.within("to be confirmed", confirm).await;
        match confirmed.map_err(|why| (false, why))? {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(back)) | Confirmation::Nack(Some(back)) => {
                let why = format!("{} came back: {}", back.delivery.routing_key, back.reply_text);
                Err((true, Broken(why)))
            }
            Confirmation::Nack(None) => Err((false, Broken("the broker refused a message".into()))),
            Confirmation::NotRequested => Err((true, Broken("the broker confirms nothing".into()))),
        }
    }
}
