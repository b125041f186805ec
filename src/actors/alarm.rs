//! An alarm that rings at the earliest of the times it was set to, so that what is due at a
//! second is done in that second without looking every second.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::time::Timestamp;

const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// One alarm. Cloning it gives another handle to the same one.
#[derive(Debug, Clone)]
pub struct Alarm(watch::Sender<Timestamp>);

impl Default for Alarm {
    /// An alarm that rings at once, since nothing is known yet.
    fn default() -> Self {
        Self(watch::Sender::new(Timestamp::default()))
    }
}

impl Alarm {
    /// It rings at this time if not before.
    pub fn no_later_than(&self, time: Timestamp) {
        self.0.send_if_modified(|at| {
            let earlier = time < *at;
            if earlier {
                *at = time;
            }
            earlier
        });
    }

    /// Forgets every time it was set to. Whoever has heard it ring does this first and then looks
    /// at what there is: what comes up while he looks sets it anew.
    pub fn reset(&self) {
        self.0.send_replace(NEVER);
    }

    /// Waits until it rings, but no longer than this.
    pub async fn rings(&self, clock: &Clock, longest: Duration) {
        let mut set = self.0.subscribe();
        let give_up = tokio::time::sleep(longest);
        tokio::pin!(give_up);
        loop {
            let at = *set.borrow_and_update();
            let left = at.since(clock.now()).min(longest);
            tokio::select! {
                // One after the other, so that a simulation that is played again sees the same.
                biased;
                () = tokio::time::sleep(left) => return,
                () = &mut give_up => return,
                // The sender is this alarm's own, and so it is there.
                _ = set.changed() => {}
            }
        }
    }
}
