//! Leaves a service alone that keeps failing, so that nobody waits for it in vain; after a while
//! one call goes through to see whether it is back.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use tracing::{info, warn};

/// After so many failures in a row a service is left alone,
const FAILURES_MAX: u32 = 5;
/// for so long.
const REST: Duration = Duration::from_secs(10);

/// How a service has been doing.
pub struct Breaker {
    name: &'static str,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Until when it is left alone.
    rests: Option<Instant>,
}

impl Breaker {
    /// A service of which nothing is known.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            state: Mutex::default(),
        }
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether a call may be made now.
    #[must_use]
    pub fn lets_through(&self) -> bool {
        let mut state = self.state.lock();
        match state.rests {
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                // This one sees whether it is back, and the others wait for what it finds.
                state.rests = Some(Instant::now() + REST);
                true
            }
            None => true,
        }
    }

    /// Whether it is left alone at this moment.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.state.lock().rests.is_some()
    }

    /// A call was answered.
    pub fn succeeded(&self) {
        let mut state = self.state.lock();
        if state.rests.is_some() {
            info!(service = self.name, "is back");
        }
        *state = State::default();
    }

    /// A call failed.
    pub fn failed(&self) {
        let mut state = self.state.lock();
        state.failures += 1;
        if state.failures >= FAILURES_MAX {
            if state.rests.is_none() {
                warn!(service = self.name, "keeps failing and is left alone for a while");
            }
            state.rests = Some(Instant::now() + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_service_that_keeps_failing_is_left_alone_and_tried_again_later() {
        let breaker = Breaker::new("a service");
        for _ in 0..FAILURES_MAX {
            assert!(breaker.lets_through());
            breaker.failed();
        }
        assert!(!breaker.lets_through());
        tokio::time::advance(REST).await;
        assert!(breaker.lets_through(), "one sees whether it is back");
        assert!(!breaker.lets_through(), "and one is enough");
        breaker.succeeded();
        assert!(breaker.lets_through());
        breaker.failed();
        assert!(breaker.lets_through(), "one failure is none of the past");
    }
}
