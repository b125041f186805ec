//! What this node counts for itself.

use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::{Rate, TooOften};
use crate::clock::Clock;

/// Counts by name.
pub(super) struct Local(Option<Counts>);

type Counts = RateLimiter<String, DashMapStateStore<String>, Since1970, NoOpMiddleware<Duration>>;

/// The clock of the runtime, in the library's terms.
#[derive(Clone)]
struct Since1970(Clock);

impl governor::clock::Clock for Since1970 {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().millis()).unwrap_or_default())
    }
}

impl Local {
    pub(super) fn new(rate: Option<Rate>, clock: Clock) -> Self {
        let quota = rate.and_then(|rate| {
            Quota::with_period(rate.within / rate.times.get())?
                .allow_burst(rate.times)
                .into()
        });
        Self(quota.map(|quota| RateLimiter::dashmap_with_clock(quota, Since1970(clock))))
    }

    pub(super) fn take(&self, who: &String) -> Result<(), TooOften> {
        let Some(counts) = &self.0 else {
            return Ok(());
        };
        let too_early = |until: governor::NotUntil<Duration>| until.wait_time_from(counts.clock().now());
        counts.check_key(who).map_err(|until| TooOften(too_early(until)))
    }

    pub(super) fn forget(&self) -> usize {
        self.0.as_ref().map_or(0, |counts| {
            let before = counts.len();
            counts.retain_recent();
            counts.shrink_to_fit();
            before.saturating_sub(counts.len())
        })
    }
}
