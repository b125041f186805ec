//! What there has to be on the broker before anything is sent to it or read from it. To declare
//! what is there already changes nothing, so every connection does it again.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use super::connection::{Address, Broken};
use super::names;

/// What is to be there.
#[derive(Debug, Clone)]
pub(super) struct Topology {
    /// Whether the queues of the systems before this one are.
    pub(super) seed_queues: bool,
    /// The queues of our own.
    pub(super) own: Vec<OwnQueue>,
}

/// A queue that nobody but us reads from.
#[derive(Debug, Clone)]
pub(super) struct OwnQueue {
    /// Its name.
    pub(super) name: String,
    /// The exchange that fills it.
    pub(super) exchange: &'static str,
    /// The topics that it collects.
    pub(super) topics: &'static [&'static str],
}

impl Topology {
    /// Makes it so.
    pub(super) async fn declare(&self, address: &Address, channel: &Channel) -> Result<(), Broken> {
        let exchanges = [
            (names::EVENTS, ExchangeKind::Topic),
            (names::ORDER_EVENTS, ExchangeKind::Fanout),
            (names::PAYMENT_EVENTS, ExchangeKind::Fanout),
            (names::DEAD_LETTERS, ExchangeKind::Fanout),
        ];
        for (name, kind) in exchanges {
            let durable = ExchangeDeclareOptions {
                durable: true,
                ..ExchangeDeclareOptions::default()
            };
            let declare = channel.exchange_declare(name.into(), kind, durable, FieldTable::default());
            address.within(name, declare).await?;
        }
        queue(address, channel, names::DEAD_LETTERS, FieldTable::default()).await?;
        bind(address, channel, names::DEAD_LETTERS, (names::DEAD_LETTERS, "")).await?;
        if self.seed_queues {
            for seed in names::SEED_QUEUES {
                // Without arguments, as their consumers declare them: others would clash.
                queue(address, channel, seed.name, FieldTable::default()).await?;
            }
        }
        for own in &self.own {
            own.declare(address, channel).await?;
        }
        Ok(())
    }
}

impl OwnQueue {
    async fn declare(&self, address: &Address, channel: &Channel) -> Result<(), Broken> {
        let mut arguments = FieldTable::default();
        let exchange = AMQPValue::LongString(names::DEAD_LETTERS.into());
        arguments.insert("x-dead-letter-exchange".into(), exchange);
        queue(address, channel, &self.name, arguments).await?;
        for topic in self.topics {
            bind(address, channel, &self.name, (self.exchange, topic)).await?;
        }
        Ok(())
    }
}

async fn queue(
    address: &Address,
    channel: &Channel,
    name: &str,
    arguments: FieldTable,
) -> Result<(), Broken> {
    let declare = channel.queue_declare(name.into(), QueueDeclareOptions::durable(), arguments);
    address.within(name, declare).await.map(drop)
}

async fn bind(
    address: &Address,
    channel: &Channel,
    name: &str,
    (exchange, topic): (&str, &str),
) -> Result<(), Broken> {
    let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
    let bind = channel.queue_bind(name.into(), exchange.into(), topic.into(), options, arguments);
    address.within(name, bind).await
}
