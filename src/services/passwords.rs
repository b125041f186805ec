//! Hashing passwords, which is slow on purpose: on threads of its own, so few at a time that the
//! rest of the shop goes on, and with a queue that is refused before it is long.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::Semaphore;
use tracing::error;

use crate::domain::account::PasswordHash;

/// So many characters has a password.
pub const CHARACTERS: RangeInclusive<usize> = 6..=128;

/// Who would have to wait longer than this is told to come back.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// About how long one step of the cost takes, until it was measured.
const STEP: Duration = Duration::from_micros(50);

/// Makes hashes and compares passwords with them.
#[derive(Clone)]
pub struct Passwords {
    cost: u32,
    /// A well-formed hash that no password is known to match.
    nobody: PasswordHash,
    pool: Arc<Pool>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Too many are waiting.
    #[error("too many passwords are waiting to be hashed")]
    Crowded,
    /// A fault of ours.
    #[error("a password could not be hashed")]
    Failed,
}

struct Pool {
    places: Arc<Semaphore>,
    of: u64,
    waiting: AtomicUsize,
    took_micros: AtomicU64,
}

/// One more who waits, until dropped.
struct Turn<'a>(&'a AtomicUsize);

/// Whether a password has as many characters as it should have.
#[must_use]
pub fn is_acceptable(password: &str) -> bool {
    CHARACTERS.contains(&password.chars().count())
}

impl Passwords {
    /// Hashes at this cost, on all cores but one.
    #[must_use]
    pub fn new(cost: u32, cores: usize) -> Self {
        let places = cores.saturating_sub(1).max(1);
        let guess = STEP.saturating_mul(1 << cost.min(20));
        Self {
            cost,
            nobody: PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(53))),
            pool: Arc::new(Pool {
                places: Arc::new(Semaphore::new(places)),
                of: places as u64,
                waiting: AtomicUsize::new(0),
                took_micros: AtomicU64::new(micros(guess)),
            }),
        }
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn hash(&self, password: &str) -> Result<PasswordHash, NoAnswer> {
        let (digest, cost) = (digest(password), self.cost);
        let hashed = self
            .pool
            .run(move || bcrypt::non_truncating_hash(digest, cost))
            .await?;
        hashed.map(PasswordHash::new).map_err(failed)
    }

    /// Whether a password is the one that was hashed. Where there is no hash, because there is no
    /// such user, the answer takes as long and is no.
    ///
    /// # Errors
    /// When too many are waiting.
    pub async fn matches(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, NoAnswer> {
        let (digest, known) = (digest(password), hash.is_some());
        let hash = hash.unwrap_or(&self.nobody).clone();
        let compared = self
            .pool
            .run(move || bcrypt::non_truncating_verify(digest, hash.reveal()))
            .await?;
        Ok(compared.map_err(failed)? && known)
    }
}

impl Pool {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NoAnswer> {
        let turn = self.queue()?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(failed)?;
        drop(turn);
        let began = Instant::now();
        // The place goes along: it stays taken until the work is done, even if its caller leaves.
        let done = tokio::task::spawn_blocking(move || (work(), place)).await;
        let (done, _place) = done.map_err(failed)?;
        self.learn(began.elapsed());
        Ok(done)
    }

    /// One slow hash says little about the next, so each counts for an eighth.
    fn learn(&self, took: Duration) {
        let known = self.took_micros.load(Ordering::Relaxed);
        let learnt = (known * 7 + micros(took)) / 8;
        self.took_micros.store(learnt, Ordering::Relaxed);
    }

    fn queue(&self) -> Result<Turn<'_>, NoAnswer> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed) as u64;
        let turn = Turn(&self.waiting);
        let wait = before * self.took_micros.load(Ordering::Relaxed) / self.of;
        if wait > micros(WAIT_MAX) {
            return Err(NoAnswer::Crowded);
        }
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// bcrypt reads 72 bytes and no zero byte, so it gets a digest instead, as OWASP describes: every
/// character of a long password counts. The key tells it from digests that leaked elsewhere.
fn digest(password: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"bazaar password").expect("a key of any length will do");
    mac.update(password.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn failed(error: impl std::fmt::Display) -> NoAnswer {
    error!(%error, "a password could not be hashed");
    NoAnswer::Failed
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn every_character_of_a_long_password_counts() {
        let passwords = Passwords::new(4, 2);
        for long in ["a".repeat(73), "🔑".repeat(64), "ä".repeat(128)] {
            assert!(is_acceptable(&long), "{long}");
            let hash = passwords.hash(&long).await.unwrap();
            assert_eq!(passwords.matches(&long, Some(&hash)).await, Ok(true), "{long}");
            let mut other: Vec<char> = long.chars().collect();
            *other.last_mut().unwrap() = 'b';
            let other: String = other.into_iter().collect();
            assert_eq!(passwords.matches(&other, Some(&hash)).await, Ok(false), "{other}");
        }
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        for (password, acceptable) in [
            ("12345".to_owned(), false),
            ("123456".to_owned(), true),
            ("ä".repeat(128), true),
            ("a".repeat(129), false),
        ] {
            assert_eq!(is_acceptable(&password), acceptable, "{password}");
        }
    }

    #[tokio::test]
    async fn nobody_matches_where_there_is_no_hash() {
        let passwords = Passwords::new(4, 2);
        assert_eq!(passwords.matches("anything", None).await, Ok(false));
    }

    #[tokio::test]
    async fn a_queue_that_is_too_long_is_refused_at_once() {
        let passwords = Passwords::new(4, 1);
        passwords
            .pool
            .took_micros
            .store(micros(WAIT_MAX), Ordering::Relaxed);
        let place = Arc::clone(&passwords.pool.places).acquire_owned().await.unwrap();
        let asked = (0..3).map(|_| passwords.matches("anything", None));
        let answers = join_all(asked);
        tokio::pin!(answers);
        assert!(
            futures_util::poll!(&mut answers).is_pending(),
            "two wait for their turn"
        );
        drop(place);
        assert_eq!(answers.await, [Ok(false), Ok(false), Err(NoAnswer::Crowded)]);
    }
}
