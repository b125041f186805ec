//! What the index of the products has yet to hear of, and when it is time to tell it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::domain::id::Id;
use crate::store::FeedPosition;

/// Changes within this time are told together: each telling costs a sync of the disk.
const PACE: Duration = Duration::from_millis(150);
/// Somebody who has just changed something and looks for it waits no longer than this.
const REST: Duration = Duration::from_millis(10);
/// How far the feed was read is written down this often, even when no product has changed.
const MARKED_EVERY: Duration = Duration::from_mins(1);
/// So many are told at once.
const AT_ONCE: usize = 2_000;

/// What has changed. Cloning it gives another handle to the same.
#[derive(Clone, Default)]
pub struct Changes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    pending: Mutex<Pending>,
    woken: Notify,
    /// The number of the last visible change that the index knows of.
    known: watch::Sender<u64>,
}

#[derive(Default)]
struct Pending {
    products: BTreeSet<Id>,
    since: Option<Instant>,
    /// The number of the last change that whoever made it may look for at once.
    visible: u64,
    hurry: bool,
    place: Option<FeedPosition>,
    event: Option<String>,
    /// Since when the place that was written down last is not the place any more.
    moved: Option<Instant>,
    told: Option<Instant>,
}

/// Some changes, on their way to the index.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) products: Vec<Id>,
    /// All that was pending is in it: after it the index knows everything up to here.
    pub(super) up_to: Option<UpTo>,
}

/// How far an index knows what happened.
#[derive(Debug)]
pub(super) struct UpTo {
    visible: u64,
    pub(super) place: Option<FeedPosition>,
    pub(super) event: Option<String>,
}

impl Changes {
    /// Notes that something is different about a product; visible to whoever changed it, or only
    /// a sale among others.
    pub fn note(&self, product: Id, visible: bool) {
        let mut pending = self.0.pending.lock();
        pending.products.insert(product);
        pending.since.get_or_insert_with(Instant::now);
        if visible {
            pending.visible += 1;
        }
        drop(pending);
        self.0.woken.notify_one();
    }

    /// Notes that every event before this place has been noted.
    pub(super) fn passed(&self, place: &FeedPosition) {
        let mut pending = self.0.pending.lock();
        if pending.place.as_ref() != Some(place) {
            pending.place = Some(place.clone());
            pending.moved.get_or_insert_with(Instant::now);
        }
    }

    /// Notes that there is this event.
    pub(super) fn heard(&self, event: &str) {
        self.0.pending.lock().event = Some(event.to_owned());
    }

    /// Waits until the index knows of every change that was visible before, as long as it is worth
    /// the wait. Says whether it does.
    pub async fn known(&self, patience: Duration) -> bool {
        let visible = self.0.pending.lock().visible;
        if *self.0.known.borrow() >= visible {
            return true;
        }
        self.0.pending.lock().hurry = true;
        self.0.woken.notify_one();
        let mut known = self.0.known.subscribe();
        let known = known.wait_for(|known| *known >= visible);
        tokio::time::timeout(patience, known).await.is_ok()
    }

    /// Waits until it is time to tell the index something. May be dropped at any time.
    pub(super) async fn due(&self) {
        loop {
            let woken = self.0.woken.notified();
            let wait = self.0.pending.lock().wait(Instant::now());
            if wait.is_zero() {
                return;
            }
            tokio::select! {
                biased;
                () = woken => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// What the index is to be told now.
    pub(super) fn take(&self) -> Batch {
        let mut pending = self.0.pending.lock();
        let mut products = BTreeSet::new();
        std::mem::swap(&mut products, &mut pending.products);
        if products.len() > AT_ONCE {
            let middle = products.iter().nth(AT_ONCE).copied();
            pending.products = middle
                .map(|middle| products.split_off(&middle))
                .unwrap_or_default();
        }
        let all = pending.products.is_empty();
        if all {
            pending.since = None;
            pending.hurry = false;
        }
        Batch {
            products: products.into_iter().collect(),
            up_to: all.then(|| UpTo {
                visible: pending.visible,
                place: pending.place.clone(),
                event: pending.event.clone(),
            }),
        }
    }

    /// The index could not be told; it is told again.
    pub(super) fn put_back(&self, batch: Batch) {
        let mut pending = self.0.pending.lock();
        pending.products.extend(batch.products);
        pending.since.get_or_insert_with(Instant::now);
    }

    /// The index knows now; and it has written down the place if it was `kept`.
    pub(super) fn told(&self, batch: Batch, kept: bool) {
        let mut pending = self.0.pending.lock();
        pending.told = Some(Instant::now());
        let Some(up_to) = batch.up_to else { return };
        if kept {
            pending.moved = (pending.place != up_to.place).then(Instant::now);
        }
        self.0.known.send_replace(up_to.visible);
    }

    /// Whether it is time to write down the place alone.
    pub(super) fn place_is_due(&self) -> bool {
        let moved = self.0.pending.lock().moved;
        moved.is_some_and(|moved| moved.elapsed() >= MARKED_EVERY)
    }
}

impl Pending {
    fn wait(&self, now: Instant) -> Duration {
        let left = |since: Instant, pace: Duration| (since + pace).saturating_duration_since(now);
        let marked = self.moved.map_or(MARKED_EVERY, |moved| left(moved, MARKED_EVERY));
        match self.since {
            None => marked,
            Some(_) if self.hurry => self.told.map_or(Duration::ZERO, |told| left(told, REST)),
            Some(since) => left(since, PACE),
        }
    }
}
