//! How many there are of a product, told to everybody who looks at it just now. An owner only
//! notes a change; one task tells the listeners, a few times a second at the most, with one text
//! for all of them: what a change costs does not grow with those who watch it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use dashmap::DashMap;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::stock::Stock;
use crate::store::{Store, Unavailable, Version, document};

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
    news: Mutex<News>,
    told: watch::Sender<u64>,
}

/// What is known of a product, and not told before its turn comes.
#[derive(Default)]
struct News {
    known: Option<(Version, u64)>,
    /// Whether the product stands in the queue already, so that it stands there once.
    queued: bool,
}

/// Somebody who listens to one product.
pub struct Listener {
    product: Id,
    heard: Option<watch::Receiver<u64>>,
    channels: Arc<Channels>,
    news: mpsc::UnboundedSender<Id>,
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

    /// So many are available from this version of the stock on.
    pub fn note(&self, product: Id, version: Version, available: u64) {
        if let Some(channel) = self.channels.get(&product)
            && channel.takes(version, available)
        {
            // An error means that the runtime is ending, and nobody listens any more.
            let _ = self.news.send(product);
        }
    }

    /// Reads what is listened to, for a store that others write to as well: one read for all
    /// products, however many listen. Holds and what is given back are told by no event of a stock,
    /// so there is nothing else to follow. Says how many products it read.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn look(&self, store: &dyn Store) -> Result<usize, Unavailable> {
        let products: Vec<Id> = self.channels.iter().map(|channel| *channel.key()).collect();
        if products.is_empty() {
            return Ok(0);
        }
        let keys = products.iter().map(|product| (*product).into()).collect();
        let found = store.get(Stock::COLLECTION, keys).await?;
        for row in found.iter().flatten() {
            if let Ok(stock) = document::decode::<Stock>(row) {
                self.note(stock.product(), document::version(row), stock.count().available);
            }
        }
        Ok(products.len())
    }

    /// Listens to a product. Whoever does so before he looks misses nothing.
    #[must_use]
    pub fn listen(&self, product: Id) -> Listener {
        let channel = self.channels.entry(product).or_insert_with(Channel::new);
        Listener {
            product,
            heard: Some(channel.told.subscribe()),
            channels: Arc::clone(&self.channels),
            news: self.news.clone(),
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
            news: Mutex::default(),
            told: watch::Sender::new(0),
        }
    }

    /// Takes in a number if it is newer. Says whether the product has to be put into the queue.
    fn takes(&self, version: Version, available: u64) -> bool {
        let mut news = self.news.lock();
        let before = news.known;
        if before.is_some_and(|(known, _)| version <= known) {
            return false;
        }
        news.known = Some((version, available));
        let changed = before.is_none_or(|(_, known)| known != available);
        changed && !std::mem::replace(&mut news.queued, true)
    }

    /// Takes in the first number that is known. Nobody has heard another one.
    fn begins(&self, version: Version, available: u64) -> bool {
        let mut news = self.news.lock();
        let first = news.known.is_none();
        if first {
            news.known = Some((version, available));
        }
        first
    }

    fn newest(&self) -> Option<u64> {
        let news = self.news.lock();
        news.known.map(|(_, available)| available)
    }

    /// What is to be told now that the product's turn has come.
    fn take(&self) -> Option<u64> {
        let mut news = self.news.lock();
        news.queued = false;
        news.known.map(|(_, available)| available)
    }
}

impl Listener {
    /// Begins with a number that was read just now; says the newest one that is known.
    #[must_use]
    pub fn begin(&self, version: Version, available: u64) -> u64 {
        let Some(channel) = self.channels.get(&self.product) else {
            return available;
        };
        if channel.begins(version, available) {
            return available;
        }
        // What was read is newer than what others have heard: they are told, or whoever comes after
        // them with an older number would be left at that.
        if channel.takes(version, available) {
            let _ = self.news.send(self.product);
        }
        channel.newest().unwrap_or(available)
    }

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
            if let Some(channel) = channels.get(&product)
                && let Some(available) = channel.take()
            {
                channel.told.send_replace(available);
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
            live.note(TENT, 1_000 - available, available);
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
        live.note(TENT, 1, 1);
        assert!(live.channels.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_than_what_is_known_is_not_told() {
        let live = LiveStock::start();
        let mut listener = live.listen(TENT);
        assert_eq!(listener.begin(5, 10), 10);
        live.note(TENT, 4, 11);
        live.note(TENT, 6, 10); // the same again is no news
        live.note(TENT, 7, 9);
        assert_eq!(listener.next().await, Some(9));
        assert_eq!(live.listen(TENT).begin(5, 10), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_begins_with_an_older_number_than_somebody_before_is_not_left_at_it() {
        let live = LiveStock::start();
        let listeners = [5, 7, 6].map(|version| (version, live.listen(TENT)));
        let begun = listeners.map(|(version, listener)| {
            let read = if version == 6 { 3 } else { 10 };
            listener.begin(version, read)
        });
        assert_eq!(begun, [10, 10, 10], "seven is newer than six");
        // And whoever listens already hears what somebody else has read.
        let mut first = live.listen(TENT);
        assert_eq!(first.begin(7, 10), 10);
        assert_eq!(live.listen(TENT).begin(8, 2), 2);
        assert_eq!(first.next().await, Some(2));
    }
}
