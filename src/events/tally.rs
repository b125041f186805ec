//! How the delivery to one consumer goes, for metrics and operators.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::consumer::Reach;
use crate::domain::time::Timestamp;

/// The figures of one consumer on this runtime.
#[derive(Debug)]
pub struct Tally {
    consumer: &'static str,
    reach: Reach,
    delivered: AtomicU64,
    retries: AtomicU64,
    ours: AtomicBool,
    /// When the oldest event happened that is known and not taken yet; 0 if there is none.
    oldest: AtomicI64,
    behind: AtomicU64,
    last: Mutex<Last>,
}

/// What happened last at a consumer.
#[derive(Debug, Clone, Default)]
pub struct Last {
    /// The last event that it took from this runtime.
    pub event: Option<String>,
    /// When it last failed, and why.
    pub failure: Option<(Timestamp, String)>,
}

impl Tally {
    /// Nothing done yet.
    #[must_use]
    pub fn new(consumer: &'static str, reach: Reach) -> Self {
        Self {
            consumer,
            reach,
            delivered: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            ours: AtomicBool::new(false),
            oldest: AtomicI64::new(0),
            behind: AtomicU64::new(0),
            last: Mutex::default(),
        }
    }

    /// The consumer's name.
    #[must_use]
    pub fn consumer(&self) -> &'static str {
        self.consumer
    }

    /// Which runtimes tell it.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// How many events it has taken from this runtime.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// How often it had to be told again.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Whether it is this runtime that tells it.
    #[must_use]
    pub fn ours(&self) -> bool {
        self.ours.load(Ordering::Relaxed)
    }

    /// For how long the oldest event that it has not taken has been waiting for it.
    #[must_use]
    pub fn lag(&self, now: Timestamp) -> Duration {
        match self.oldest.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            oldest => now.since(Timestamp::from_millis(oldest)),
        }
    }

    /// About how many events it has not taken, as of its last step.
    #[must_use]
    pub fn behind(&self) -> u64 {
        self.behind.load(Ordering::Relaxed)
    }

    /// What happened last.
    #[must_use]
    pub fn last(&self) -> Last {
        self.last.lock().clone()
    }

    pub(super) fn took(&self, many: usize) {
        self.delivered.fetch_add(many as u64, Ordering::Relaxed);
        let left = |behind: u64| Some(behind.saturating_sub(many as u64));
        // The closure always gives a number.
        let _ = self
            .behind
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }

    pub(super) fn took_last(&self, event: &str) {
        self.last.lock().event = Some(event.to_owned());
    }

    pub(super) fn failed(&self, now: Timestamp, why: &str) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.last.lock().failure = Some((now, why.to_owned()));
    }

    pub(super) fn is_behind(&self, many: u64) {
        self.behind.store(many, Ordering::Relaxed);
    }

    /// So many are seen to wait; there may be more of them.
    pub(super) fn is_behind_at_least(&self, many: u64) {
        self.behind.fetch_max(many, Ordering::Relaxed);
    }

    pub(super) fn is_ours(&self, ours: bool) {
        self.ours.store(ours, Ordering::Relaxed);
    }

    pub(super) fn waits_since(&self, oldest: Option<Timestamp>) {
        self.oldest
            .store(oldest.map_or(0, Timestamp::millis), Ordering::Relaxed);
    }
}
