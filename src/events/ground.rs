//! What all deliveries of a runtime stand on.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Chance, Clock};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::committer::Committer;
use crate::store::{CommitId, Store};

/// The ground that deliveries stand on.
#[derive(Clone)]
pub struct Ground {
    /// Where the events are.
    pub store: Arc<dyn Store>,
    /// The way in for cursors.
    pub committer: Committer,
    /// What time it is.
    pub clock: Clock,
    /// Where names of commits come from.
    pub chance: Chance,
    /// The name of this runtime among those on one database; a new one with every start.
    pub runtime: Id,
    /// How fast and how patiently it goes.
    pub pace: Pace,
}

/// How fast and how patiently deliveries go.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Events handed over at once.
    pub batch: usize,
    /// Ids remembered of what a consumer has taken.
    pub window: usize,
    /// How long a shared consumer stays with a runtime that gives no sign of life.
    pub lease: Duration,
    /// The pause after a first failure. It doubles with each one after it.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            batch: 256,
            window: 4_096,
            lease: Duration::from_secs(15),
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl Ground {
    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A name for a commit.
    #[must_use]
    pub fn commit_id(&self) -> CommitId {
        self.chance.id(self.now()).into()
    }

    /// The rest after so many failures in a row: each twice as long as the one before, and cut by
    /// chance to something between half and all of it, so that those who failed together do not
    /// come back together.
    #[must_use]
    pub fn pause(&self, failures: u32) -> Duration {
        let doubled = self.pace.first_pause.saturating_mul(1 << failures.min(16));
        let half = doubled.min(self.pace.longest_pause) / 2;
        let more = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        half + Duration::from_millis(self.chance.below(more.saturating_add(1)))
    }
}
