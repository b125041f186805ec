//! Messages that failed and rest before they are tried again, while those behind them go on.

use std::collections::BTreeMap;

use lapin::message::Delivery;
use tokio::time::{Instant, sleep_until};

use super::message::happened_at;
use crate::domain::time::Timestamp;

/// A message and what it has been through.
pub(super) struct Patient {
    pub(super) delivery: Delivery,
    /// When that happened of which it tells, or when it came in if it does not say so.
    pub(super) since: Timestamp,
    /// How often it failed.
    pub(super) failures: u32,
    /// How often it came at a bad moment.
    pub(super) outages: u32,
}

/// Those who rest, by the time when they are due.
#[derive(Default)]
pub(super) struct Sickbay {
    resting: BTreeMap<(Instant, u64), Patient>,
    admitted: u64,
}

impl Patient {
    /// A message that came in now.
    pub(super) fn new(delivery: Delivery, now: Timestamp) -> Self {
        Self {
            since: happened_at(&delivery.properties).unwrap_or(now),
            delivery,
            failures: 0,
            outages: 0,
        }
    }
}

impl Sickbay {
    pub(super) fn is_empty(&self) -> bool {
        self.resting.is_empty()
    }

    /// How many rest.
    pub(super) fn len(&self) -> usize {
        self.resting.len()
    }

    /// Since when the one has waited that has waited longest.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.resting.values().map(|patient| patient.since).min()
    }

    /// Lets one rest until then.
    pub(super) fn admit(&mut self, patient: Patient, until: Instant) {
        self.admitted += 1;
        self.resting.insert((until, self.admitted), patient);
    }

    /// Waits until some are due, and lets them go in the order in which they came. May be dropped
    /// at any time.
    pub(super) async fn recovered(&mut self) -> Vec<Patient> {
        match self.resting.first_key_value() {
            Some(((due, _), _)) => sleep_until(*due).await,
            None => std::future::pending().await,
        }
        let later = self.resting.split_off(&(Instant::now(), u64::MAX));
        let due = std::mem::replace(&mut self.resting, later);
        due.into_values().collect()
    }
}
