//! What is heard of money that went back: from providers that tell of every refund, and of those
//! that a service outside makes, which has no name for them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::{Bond, Capture, Payment, Refund, Refusal, Status};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::time::Timestamp;

/// The longest rest after a refund that could not be made,
const REST_MAX: Duration = Duration::from_mins(10);
/// and the first one, which doubles with every attempt.
const REST: Duration = Duration::from_secs(10);

/// A capture that could not be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rest {
    /// Its name at the provider.
    capture: String,
    /// How often.
    times: u32,
    /// When that is tried again.
    until: Timestamp,
}

impl Payment {
    /// When a capture that could not be given back is tried again.
    pub(super) fn rests_until(&self, capture: &str) -> Option<Timestamp> {
        let rest = self.rests.iter().find(|rest| rest.capture == capture);
        rest.map(|rest| rest.until)
    }

    pub(super) fn refunded(&self, capture: &str, refund: &Refund, at: &Circumstances) -> Decision<Self> {
        let mut draft = Draft::of(self, at);
        if !draft.hear(capture, refund) {
            return self.unchanged();
        }
        draft.settle(capture);
        draft.done()
    }

    /// What came through a provider is back: one capture, whether or not that was asked for, or
    /// all whose refunds are in hand.
    pub(super) fn given_back(
        &self,
        provider: &str,
        one: Option<&str>,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        let meant =
            |capture: &&Capture| capture.provider == provider && one.is_none_or(|id| capture.id == id);
        let meant: Vec<_> = self.captures.iter().filter(meant).collect();
        if meant.is_empty() {
            return Err(Refusal::NotPaid);
        }
        let in_hand = |capture: &&&Capture| one.is_some() || capture.is_under_way();
        let back = meant.iter().filter(in_hand);
        let back: Vec<_> = back
            .filter_map(|capture| Some((&capture.id, capture.made_good()?)))
            .collect();
        if back.is_empty() {
            let all = meant.iter().all(|capture| capture.is_back());
            return if all {
                Ok(self.unchanged())
            } else {
                Err(Refusal::NotNow(self.status))
            };
        }
        // After this point it must succeed.
        let mut draft = Draft::of(self, at);
        for (capture, refund) in &back {
            draft.hear(capture, refund);
            draft.settle(capture);
        }
        Ok(draft.done())
    }
}

impl Draft {
    /// Leaves a capture alone for a while, and longer each time. All others may still go back.
    pub(super) fn rest(&mut self, capture: &str) {
        let known = self.payment.rests.iter().find(|rest| rest.capture == capture);
        let times = known.map_or(0, |rest| rest.times);
        let rest = REST.saturating_mul(1 << times.min(16)).min(REST_MAX);
        let until = self.now.after(rest);
        self.rested(capture);
        self.payment.rests.push(Rest {
            capture: capture.to_owned(),
            times: times.saturating_add(1),
            until,
        });
    }

    /// It went back, or is tried again.
    pub(super) fn rested(&mut self, capture: &str) {
        self.payment.rests.retain(|rest| rest.capture != capture);
    }

    /// When all of what pays the order is back, the order goes without it.
    fn settle(&mut self, capture: &str) {
        let recorded = self.payment.recorded.as_deref() == Some(capture);
        if !recorded || !self.payment.capture(capture).is_some_and(Capture::is_back) {
            return;
        }
        // Somebody may have given it back at the provider's own pages.
        if matches!(self.payment.bond, Bond::Tying | Bond::Tied) {
            self.payment.bond = Bond::Untying;
        }
        self.becomes(Status::Refunded);
    }
}
