//! Who is told of events: mail, projections, search, live streams.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::event::Event;
use crate::store::{FeedPosition, Unavailable};

/// Somebody who is told of every event: at least once, each with the same id on every delivery,
/// and the events of one thing in the order in which they happened.
///
/// A failing consumer is told again, after a pause that grows, until it succeeds; it holds up
/// nobody but itself. An event that it can never take is for it to put aside.
pub trait Consumer: Send + Sync + 'static {
    /// Its name: never given to another, because its place in the feed is kept under it.
    fn name(&self) -> &'static str;

    /// Which runtimes on one database have to tell it.
    fn reach(&self) -> Reach;

    /// The topics (`order.*`, `#`) that a queue of its own collects for it where a broker is
    /// configured, so that several runtimes share the work; none, and it is always told from the
    /// feed. Only a shared consumer can be told by a queue.
    ///
    /// A queue is less than the feed in one thing: an event that failed comes again behind those
    /// that followed it, and two runtimes may be told of one thing at the same time. Whoever asks
    /// for a queue compares versions, and knows an event again by its id.
    fn topics(&self) -> &'static [&'static str] {
        &[]
    }

    /// Called before the first event, when its place in the feed has been fixed: a consumer that
    /// keeps a picture of the store reads it here and misses nothing.
    ///
    /// # Errors
    /// [`Retry`], and it is called again.
    fn begin(&self) -> BoxFuture<'_, Result<(), Retry>> {
        async { Ok(()) }.boxed()
    }

    /// Called when every event before a place in the feed has been taken: a consumer of this node
    /// that keeps its picture through restarts can go on from there.
    fn passed(&self, _place: &FeedPosition) {}

    /// Takes some events, in order. What it does with them is durable when it says so.
    ///
    /// # Errors
    /// [`Retry`], and it is told again what it has not taken.
    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>>;
}

/// Which runtimes on one database tell a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One at a time: what it does is done for all of them. It starts with the oldest event.
    Shared,
    /// Each one, of all events from its start on: what it does, it does to its own memory.
    PerNode,
}

/// A consumer could not take its events now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Retry {
    /// Why, for the log.
    pub why: String,
    /// So many from the front were taken all the same, and need not come again.
    pub taken: usize,
    /// The store did not answer: no event is to blame, and none is given up for it.
    pub outage: bool,
}

impl Retry {
    /// Nothing was taken.
    #[must_use]
    pub fn because(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            taken: 0,
            outage: false,
        }
    }

    /// So many were taken before it went wrong.
    #[must_use]
    pub fn after(mut self, taken: usize) -> Self {
        self.taken = taken;
        self
    }
}

impl From<Unavailable> for Retry {
    fn from(unavailable: Unavailable) -> Self {
        Self {
            outage: true,
            ..Self::because(unavailable.to_string())
        }
    }
}
