//! Wrong passwords, counted by account and address: whoever guesses is kept out of that account,
//! while its owner gets in from elsewhere.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;

use super::shared::Shared;
use super::{Lockout, TooOften, network};
use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// The outcome of an attempt under way is worth waiting for.
const SOON: Duration = Duration::from_secs(1);

/// Counts wrong passwords.
#[derive(Clone)]
pub struct Failures {
    lockout: Lockout,
    clock: Clock,
    counts: Arc<DashMap<String, Count>>,
    shared: Option<Shared>,
}

/// Of one account and address.
#[derive(Default)]
struct Count {
    failed: u32,
    /// Attempts whose outcome is not known yet count as if they failed, or a thousand at once
    /// would all get in.
    under_way: u32,
    last: Timestamp,
}

/// An attempt to get in. Dropped without an outcome, it was none.
pub struct Attempt {
    failures: Failures,
    who: String,
}

impl Failures {
    pub(super) fn new(lockout: Lockout, clock: Clock, shared: Option<Shared>) -> Self {
        Self {
            lockout,
            clock,
            counts: Arc::default(),
            shared,
        }
    }

    /// Somebody at this address wants to try a password on this account.
    ///
    /// # Errors
    /// When too many were wrong lately.
    pub async fn attempt(&self, account: &str, address: IpAddr) -> Result<Attempt, TooOften> {
        let who = format!("{}/{account}", network(address));
        self.enter(&who)?;
        let attempt = Attempt {
            failures: self.clone(),
            who,
        };
        if let Some(shared) = &self.shared {
            shared.failures(&attempt.who, self.lockout).await?;
        }
        Ok(attempt)
    }

    fn enter(&self, who: &str) -> Result<(), TooOften> {
        let Lockout { failures, rest } = self.lockout;
        let now = self.clock.now();
        let mut count = self.counts.entry(who.to_owned()).or_default();
        let rested = now.since(count.last);
        if rested >= rest {
            count.failed = 0;
        }
        if count.failed >= failures {
            return Err(TooOften(rest.saturating_sub(rested)));
        }
        if count.failed + count.under_way >= failures {
            return Err(TooOften(SOON));
        }
        count.under_way += 1;
        count.last = now;
        Ok(())
    }

    /// Forgets what has had its rest, and says how much there was of it.
    pub(super) fn forget(&self) -> usize {
        let (now, rest) = (self.clock.now(), self.lockout.rest);
        let mut forgotten = 0;
        self.counts.retain(|_, count| {
            let stays = count.under_way > 0 || now.since(count.last) < rest;
            forgotten += usize::from(!stays);
            stays
        });
        forgotten
    }
}

impl Attempt {
    /// The password was wrong.
    pub async fn failed(self) {
        if let Some(mut count) = self.failures.counts.get_mut(&self.who) {
            count.failed += 1;
            count.last = self.failures.clock.now();
        }
        if let Some(shared) = &self.failures.shared {
            shared.failed(&self.who, self.failures.lockout).await;
        }
    }

    /// The password was right: what was wrong before is forgotten.
    pub async fn succeeded(self) {
        if let Some(mut count) = self.failures.counts.get_mut(&self.who) {
            count.failed = 0;
        }
        if let Some(shared) = &self.failures.shared {
            shared.succeeded(&self.who).await;
        }
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({})", self.who)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if let Some(mut count) = self.failures.counts.get_mut(&self.who) {
            count.under_way = count.under_way.saturating_sub(1);
        }
    }
}
