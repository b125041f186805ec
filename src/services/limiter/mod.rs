//! How often somebody may ask. This node counts for itself; with Redis, all nodes count together
//! as well. A Redis that is down only means that each node counts alone.

mod failures;
mod local;
mod shared;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use self::local::Local;
use self::shared::Shared;
use super::redis::Redis;
use crate::clock::Clock;
use crate::domain::id::Id;

pub use self::failures::{Attempt, Failures};

/// Counts who asks how often.
pub struct Limiter {
    /// Wrong passwords, by account and address.
    pub failures: Failures,
    sign_in: Option<Rate>,
    local: Local,
    shared: Option<Shared>,
}

/// So many times within a while, all at once if need be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How often.
    pub times: NonZeroU32,
    /// Within which time.
    pub within: Duration,
}

/// When many wrong passwords are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    /// After so many an account rests for the address they came from.
    pub failures: u32,
    /// For so long.
    pub rest: Duration,
}

/// It was asked too often; after this while it may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too often; ask again in {0:?}")]
pub struct TooOften(pub Duration);

impl Limiter {
    /// A limiter. Without a rate, signing in is not limited but by failures.
    #[must_use]
    pub fn new(sign_in: Option<Rate>, lockout: Lockout, clock: &Clock, redis: Option<Redis>) -> Self {
        let shared = redis.map(Shared::new);
        Self {
            failures: Failures::new(lockout, clock.clone(), shared.clone()),
            sign_in,
            local: Local::new(sign_in, clock.clone()),
            shared,
        }
    }

    /// Somebody at this address wants to sign in, register or the like.
    ///
    /// # Errors
    /// When too many did lately.
    pub async fn sign_in_from(&self, address: IpAddr) -> Result<(), TooOften> {
        self.take(format!("address/{}", network(address))).await
    }

    /// This user wants to do something with the account that costs us much or helps a thief.
    ///
    /// # Errors
    /// When it was too often lately.
    pub async fn sign_in_of(&self, user: Id) -> Result<(), TooOften> {
        self.take(format!("user/{user}")).await
    }

    /// This node's own count comes first, so it is right when Redis goes away.
    async fn take(&self, who: String) -> Result<(), TooOften> {
        let Some(rate) = self.sign_in else {
            return Ok(());
        };
        self.local.take(&who)?;
        match &self.shared {
            Some(shared) => shared.take(&who, rate).await,
            None => Ok(()),
        }
    }

    /// Forgets who has not asked for long, and says how many were forgotten.
    #[must_use]
    pub fn forget(&self) -> usize {
        self.local.forget() + self.failures.forget()
    }
}

/// Whoever has one address of IPv6 has the whole network of 64 bits, so it counts as one.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn limiter(times: u32) -> Limiter {
        let rate = Rate {
            times: NonZeroU32::new(times).unwrap(),
            within: Duration::from_mins(1),
        };
        let lockout = Lockout {
            failures: 3,
            rest: Duration::from_mins(15),
        };
        let clock = Clock::simulated(Timestamp::from_millis(1_700_000_000_000));
        Limiter::new(Some(rate), lockout, &clock, None)
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_may_ask_as_often_as_its_rate_allows() {
        let limiter = limiter(2);
        let (one, other) = ("203.0.113.7".parse().unwrap(), "203.0.113.8".parse().unwrap());
        assert_eq!(limiter.sign_in_from(one).await, Ok(()));
        assert_eq!(limiter.sign_in_from(one).await, Ok(()));
        let refused = limiter.sign_in_from(one).await;
        assert_eq!(refused, Err(TooOften(Duration::from_secs(30))));
        assert_eq!(
            limiter.sign_in_from(other).await,
            Ok(()),
            "another address counts by itself"
        );
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(limiter.sign_in_from(one).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_of_one_household_counts_as_one_address() {
        let limiter = limiter(1);
        assert_eq!(
            limiter.sign_in_from("2001:db8:1:2::1".parse().unwrap()).await,
            Ok(())
        );
        assert!(
            limiter
                .sign_in_from("2001:db8:1:2:ffff::9".parse().unwrap())
                .await
                .is_err()
        );
        assert_eq!(
            limiter.sign_in_from("2001:db8:1:3::1".parse().unwrap()).await,
            Ok(())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_rests_after_too_many_failures_from_one_address() {
        let failures = limiter(100).failures;
        let (thief, owner) = ("203.0.113.7".parse().unwrap(), "203.0.113.8".parse().unwrap());
        for _ in 0..3 {
            failures
                .attempt("anna@example.com", thief)
                .await
                .unwrap()
                .failed()
                .await;
        }
        let refused = failures.attempt("anna@example.com", thief).await.unwrap_err();
        assert_eq!(refused, TooOften(Duration::from_mins(15)));
        assert!(
            failures.attempt("anna@example.com", owner).await.is_ok(),
            "from elsewhere it is let in"
        );
        assert!(
            failures.attempt("bert@example.com", thief).await.is_ok(),
            "and so is another account"
        );
        tokio::time::advance(Duration::from_mins(15)).await;
        assert!(failures.attempt("anna@example.com", thief).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_right_password_makes_up_for_wrong_ones() {
        let failures = limiter(100).failures;
        let address = "203.0.113.7".parse().unwrap();
        for _ in 0..4 {
            failures.attempt("anna", address).await.unwrap().failed().await;
            failures.attempt("anna", address).await.unwrap().failed().await;
            failures.attempt("anna", address).await.unwrap().succeeded().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_attempts_are_under_way_than_may_fail() {
        let failures = limiter(100).failures;
        let address = "203.0.113.7".parse().unwrap();
        let mut under_way = Vec::new();
        for _ in 0..3 {
            under_way.push(failures.attempt("anna", address).await.unwrap());
        }
        let refused = failures.attempt("anna", address).await.unwrap_err();
        assert_eq!(
            refused,
            TooOften(Duration::from_secs(1)),
            "it is worth waiting for their outcome"
        );
        under_way.clear();
        assert!(
            failures.attempt("anna", address).await.is_ok(),
            "an attempt that broke off is none"
        );
        assert_eq!(failures.forget(), 0);
        tokio::time::advance(Duration::from_secs(901)).await;
        assert_eq!(failures.forget(), 1);
    }
}
