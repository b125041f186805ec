//! How many orders of a seller have come how far: kept, because counting a million takes too long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::order::Status;

/// How many orders stand at each status, by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Standing(BTreeMap<String, u64>);

impl Standing {
    /// How many there are at this status, or in all.
    #[must_use]
    pub fn count(&self, status: Option<Status>) -> u64 {
        match status {
            Some(status) => self.0.get(status.name()).copied().unwrap_or(0),
            None => self.0.values().sum(),
        }
    }

    /// An order has come from here, unless it is new, to there.
    pub(super) fn turn(&mut self, from: Option<Status>, to: Status) {
        if let Some(left) = from.and_then(|from| self.0.get_mut(from.name())) {
            *left -= 1;
        }
        *self.0.entry(to.name().to_owned()).or_default() += 1;
    }
}
