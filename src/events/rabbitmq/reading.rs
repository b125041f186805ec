//! What becomes of the messages in a queue of ours is for a reader to say.

use futures_util::future::BoxFuture;
use lapin::message::Delivery;

use super::message::event_id;

/// Whoever makes something of messages.
pub(super) trait Reader: Send + Sync + 'static {
    /// Reads some messages and says of each what became of it.
    fn read<'a>(&'a self, messages: &'a [Incoming]) -> BoxFuture<'a, Vec<Verdict>>;

    /// What a message that was taken is known by afterwards.
    fn name_of(&self, message: &Incoming) -> Option<String> {
        message.event.clone()
    }
}

/// A message as it came in.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    /// The event that it tells of, by its header; none if it is not from us.
    pub(super) event: Option<String>,
    /// What it says.
    pub(super) body: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has done what it came for.
    Taken,
    /// Nobody will ever make anything of it.
    Never(String),
    /// It failed. It may be its own fault.
    Failed(String),
    /// The store does not answer. That is not its fault.
    Outage(String),
}

impl Incoming {
    pub(super) fn of(delivery: &Delivery) -> Self {
        Self {
            event: event_id(&delivery.properties),
            body: delivery.data.clone(),
        }
    }
}
