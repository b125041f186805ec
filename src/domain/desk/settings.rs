//! What a seller has set.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::domain::stock::ON_HAND_MAX;

/// The settings. Their version is their own: the desk's moves with every sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// A product of which no more than so many can be bought is low in stock.
    pub low_stock_at: u64,
    /// The series shows so many days.
    pub series_days: u16,
    /// How often they were changed.
    pub revision: u64,
}

/// What shall be different.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// See [`Settings::low_stock_at`].
    pub low_stock_at: Option<u64>,
    /// See [`Settings::series_days`].
    pub series_days: Option<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            low_stock_at: 5,
            series_days: 30,
            revision: 0,
        }
    }
}

impl Settings {
    /// The most days of a series.
    pub const SERIES_DAYS_MAX: u16 = 366;

    /// The same with a change; `None` when it makes no difference.
    pub(super) fn with(self, change: Change) -> Result<Option<Self>, Refusal> {
        let next = Self {
            low_stock_at: change.low_stock_at.unwrap_or(self.low_stock_at),
            series_days: change.series_days.unwrap_or(self.series_days),
            ..self
        };
        if next.low_stock_at > ON_HAND_MAX || !(1..=Self::SERIES_DAYS_MAX).contains(&next.series_days) {
            return Err(Refusal::OutOfRange);
        }
        let revision = self.revision + 1;
        Ok((next != self).then_some(Self { revision, ..next }))
    }
}
