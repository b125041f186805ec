//! A day, as days are counted in UTC.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1_000;

/// A day: so many after the first one of 1970 in the store, `2026-11-20` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i64);

impl Day {
    /// The day of a moment.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(moment.millis().div_euclid(MILLIS_A_DAY))
    }

    /// So many days before this one.
    #[must_use]
    pub fn back(self, days: u16) -> Self {
        Self(self.0 - i64::from(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = Timestamp::from_millis(self.0 * MILLIS_A_DAY).to_string();
        f.write_str(midnight.split('T').next().unwrap_or_default())
    }
}
