//! How many there are of a product, told to everybody who looks at it just now. An owner only
//! notes a change; one task tells the listeners, a few times a second at the most, with one text
//! for all of them: what a change costs does not grow with those who watch it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::{mpsc, watch};

use crate::domain::id::Id;

/// Changes within this time are told as one.
const PACE: Duration = Duration::from_millis(100);

/// The products that somebody listens to. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct LiveStock {
    channels: Arc<Channels>,
    news: mpsc::UnboundedSender<Id>,
}

type Channels = DashMap<Id, Channel>;

struct Channel {
    available: AtomicU64,
    /// Whether the product stands in the queue already, so that it stands there once.
    queued: AtomicBool,
    told: watch::Sender<u64>,
}

/// Somebody who listens to one product.
pub struct Listener {
    product: Id,
    heard: Option<watch::Receiver<u64>>,
    channels: Arc<Channels>,
}

impl LiveStock {
    /// Nobody listens yet. Whoever is told is told by a task on the running tokio runtime.
    #[must_use]
    pub fn start() -> Self {
        let channels = Arc::new(Channels::new());
        let (news, queue) = mpsc::unbounded_channel();
        tokio::spawn(tell(Arc::downgrade(&channels), queue));
        Self { channels, news }
    }

    /// So many are available from now on.
    pub fn note(&self, product: Id, available: u64) {
        if let Some(channel) = self.channels.get(&product) {
            channel.available.store(available, Ordering::Release);
            if !channel.queued.swap(true, Ordering::AcqRel) {
                // An error means that the runtime is ending, and nobody listens any more.
                let _ = self.news.send(product);
            }
        }
    }

    /// Listens to a product. Whoever does so before he looks misses nothing.
    #[must_use]
    pub fn listen(&self, product: Id) -> Listener {
        let channel = self.channels.entry(product).or_insert_with(Channel::new);
        Listener {
            product,
            heard: Some(channel.told.subscribe()),
            channels: Arc::clone(&self.channels),
        }
    }

    /// How many listen to a product.
    #[must_use]
    pub fn listeners(&self, product: Id) -> usize {
        let channel = self.channels.get(&product);
        channel.map_or(0, |channel| channel.told.receiver_count())
    }
}

impl Channel {
    fn new() -> Self {
        Self {
            available: AtomicU64::new(0),
            queued: AtomicBool::new(false),
            told: watch::Sender::new(0),
        }
    }
}

impl Listener {
    /// Waits for the next change, and says how many are available then; `None` when there will
    /// be no more.
    pub async fn next(&mut self) -> Option<u64> {
        let heard = self.heard.as_mut()?;
        heard.changed().await.ok()?;
        Some(*heard.borrow_and_update())
    }
}

impl Drop for Listener {
    /// The last one puts out the light.
    fn drop(&mut self) {
        self.heard = None;
        self.channels
            .remove_if(&self.product, |_, channel| channel.told.receiver_count() == 0);
    }
}

async fn tell(channels: Weak<Channels>, mut queue: mpsc::UnboundedReceiver<Id>) {
    let mut products = Vec::new();
    while queue.recv_many(&mut products, usize::MAX).await > 0 {
        let Some(channels) = channels.upgrade() else {
            return;
        };
        for product in products.drain(..) {
            if let Some(channel) = channels.get(&product) {
                channel.queued.store(false, Ordering::Release);
                channel
                    .told
                    .send_replace(channel.available.load(Ordering::Acquire));
            }
        }
        drop(channels);
        tokio::time::sleep(PACE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENT: Id = Id::from_bytes([1; 12]);

    #[tokio::test(start_paused = true)]
    async fn what_changes_often_is_told_now_and_then_and_in_the_end_as_it_is() {
        let live = LiveStock::start();
        let mut listener = live.listen(TENT);
        for available in (0..1_000).rev() {
            live.note(TENT, available);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut heard = Vec::new();
        while heard.last() != Some(&0) {
            heard.push(listener.next().await.unwrap());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(heard.len() <= 12, "a second has room for ten: {heard:?}");
    }

    #[tokio::test]
    async fn nothing_is_kept_for_a_product_that_nobody_listens_to() {
        let live = LiveStock::start();
        let listeners = [live.listen(TENT), live.listen(TENT)];
        assert_eq!(live.listeners(TENT), 2);
        drop(listeners);
        live.note(TENT, 1);
        assert!(live.channels.is_empty());
    }
}
