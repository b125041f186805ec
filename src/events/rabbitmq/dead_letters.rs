//! The messages that nobody could take: what they are, and their way back into the queue that
//! gave them up. They stay in the broker; whoever looks at them takes them out for a moment and
//! lets go of them again.

use std::collections::BTreeMap;

use lapin::Confirmation;
use lapin::message::{BasicGetMessage, Delivery};
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::connection::{Address, Broken, Link};
use super::message::event_id;
use super::names::DEAD_LETTERS;
use super::obituary::{Obituary, alive_again};
use super::topology::Topology;
use crate::domain::time::Timestamp;

/// Nobody is shown more than so many.
pub const SHOWN_MAX: usize = 1_000;
/// So much of what a message says is shown.
const SHOWN: usize = 4_096;

/// A message that nobody could take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// What it is known by here.
    pub id: String,
    /// The queue that gave it up.
    pub queue: Option<String>,
    /// The event that it tells of, if it is from us.
    pub event_id: Option<String>,
    /// Why it was given up.
    pub reason: Option<String>,
    /// How often it was tried by the one who gave it up.
    pub tries: Option<u32>,
    /// When that was.
    pub died_at: Option<Timestamp>,
    /// What it says, or the beginning of that.
    pub body: String,
}

/// What came of putting dead letters back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revival {
    /// So many are in their queues again.
    pub revived: usize,
    /// So many were to go back and stay, by why they do.
    pub left: BTreeMap<String, usize>,
}

/// A look at the dead letters.
pub(super) struct Morgue<'a> {
    address: &'a Address,
    link: Link,
    waiting: u32,
}

impl<'a> Morgue<'a> {
    /// Begins to look at them.
    pub(super) async fn enter(address: &'a Address) -> Result<Self, Broken> {
        let link = Link::open(address, "dead letters").await?;
        let topology = Topology {
            seed_queues: false,
            own: Vec::new(),
        };
        topology.declare(address, &link.channel).await?;
        let confirm = link.channel.confirm_select(ConfirmSelectOptions::default());
        address.within("to ask for confirmations", confirm).await?;
        let passive = QueueDeclareOptions::durable().passive();
        let declare = link
            .channel
            .queue_declare(DEAD_LETTERS.into(), passive, FieldTable::default());
        let waiting = address
            .within("to count dead letters", declare)
            .await?
            .message_count();
        Ok(Self {
            address,
            link,
            waiting,
        })
    }

    /// Lists them, the oldest first.
    pub(super) async fn list(self) -> Result<Vec<DeadLetter>, Broken> {
        let mut letters = Vec::new();
        for _ in 0..SHOWN_MAX {
            let Some(message) = self.next().await? else { break };
            letters.push(DeadLetter::of(&message.delivery));
        }
        self.link.close().await; // and they are all back in their place
        Ok(letters)
    }

    /// Puts back into their queues those of this id, or all, however many there are. What is given
    /// up again meanwhile is behind them and not looked at, or this would never end.
    pub(super) async fn revive(self, id: Option<&str>) -> Result<Revival, Broken> {
        let mut revival = Revival::default();
        for _ in 0..self.waiting {
            let Some(message) = self.next().await? else { break };
            let letter = DeadLetter::of(&message.delivery);
            if id.is_some_and(|id| id != letter.id) {
                continue;
            }
            let why = match letter.queue {
                None => "nobody knows which queue gave it up".to_owned(),
                Some(queue) if self.put_back(&message.delivery, &queue).await? => {
                    revival.revived += 1;
                    continue;
                }
                Some(queue) => format!("there is no queue {queue} any more"),
            };
            *revival.left.entry(why).or_default() += 1;
        }
        self.link.close().await;
        Ok(revival)
    }

    async fn next(&self) -> Result<Option<BasicGetMessage>, Broken> {
        let get = self
            .link
            .channel
            .basic_get(DEAD_LETTERS.into(), BasicGetOptions::default());
        self.address.within("to read a dead letter", get).await
    }

    /// Whether its queue took it. One whose queue is gone stays here, and holds up no other.
    async fn put_back(&self, delivery: &Delivery, queue: &str) -> Result<bool, Broken> {
        let mandatory = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = alive_again(&delivery.properties);
        let (channel, body) = (&self.link.channel, &delivery.data);
        let publish = channel.basic_publish("".into(), queue.into(), mandatory, body, properties);
        let confirm = self.address.within("to put it back", publish).await?;
        match self.address.within("to put it back", confirm).await? {
            Confirmation::Ack(None) => {}
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => return Ok(false),
            _ => return Err(Broken(format!("{queue} does not take its message back"))),
        }
        let ack = delivery.ack(BasicAckOptions::default());
        self.address.within("to acknowledge", ack).await.map(|_| true)
    }
}

impl DeadLetter {
    fn of(delivery: &Delivery) -> Self {
        let event_id = event_id(&delivery.properties);
        let Obituary {
            queue,
            reason,
            tries,
            died_at,
        } = Obituary::read(&delivery.properties);
        let mut hash = Sha256::new();
        hash.update(queue.as_deref().unwrap_or_default());
        hash.update([0]);
        hash.update(event_id.as_deref().unwrap_or_default());
        hash.update([0]);
        hash.update(&delivery.data);
        let shown = &delivery.data[..delivery.data.len().min(SHOWN)];
        Self {
            id: hex::encode(&hash.finalize()[..12]),
            queue,
            event_id,
            reason,
            tries,
            died_at,
            body: String::from_utf8_lossy(shown).into_owned(),
        }
    }
}
