//! What was begun for a user. It is kept before it is done, so that whoever comes after a crash knows
//! what to look at.

use serde::{Deserialize, Serialize};

use super::Call;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// So much that nobody brought to its end is remembered, the latest.
const BEGUN_MAX: usize = 8;

/// Calls that change something, about to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// By which its end is known.
    pub id: Id,
    /// The runtime that runs them.
    pub by: Id,
    /// Since when.
    pub at: Timestamp,
    /// The calls, in order.
    pub calls: Vec<Call>,
}

/// All that was begun and of which nobody has said what came of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct InHand(Vec<Begun>);

impl InHand {
    pub(super) fn all(&self) -> &[Begun] {
        &self.0
    }

    pub(super) fn begin(&mut self, begun: &Begun) {
        self.0.push(begun.clone());
        self.0.drain(..self.0.len().saturating_sub(BEGUN_MAX));
    }

    /// Says whether any of it was still in hand.
    pub(super) fn end(&mut self, ended: &[Id]) -> bool {
        let before = self.0.len();
        self.0.retain(|begun| !ended.contains(&begun.id));
        self.0.len() < before
    }
}
