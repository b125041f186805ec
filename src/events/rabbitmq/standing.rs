//! How it stands with the broker, as those who talk to it find: for /readyz, metrics and
//! operators.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tracing::{info, warn};

/// How it stands.
#[derive(Debug, Default)]
pub struct Standing {
    /// What each who talks to it found last.
    found: Mutex<BTreeMap<String, Result<(), String>>>,
    unconfirmed: AtomicU64,
    confirmed: AtomicU64,
}

impl Standing {
    /// How the broker is, as far as anybody has found out.
    #[must_use]
    pub fn known(&self) -> Option<Result<(), String>> {
        let found = self.found.lock();
        let trouble = found.values().find(|found| found.is_err());
        trouble.or_else(|| found.values().next()).cloned()
    }

    /// Messages that went out and are not confirmed.
    #[must_use]
    pub fn unconfirmed(&self) -> u64 {
        self.unconfirmed.load(Ordering::Relaxed)
    }

    /// Messages that the broker has confirmed to this runtime.
    #[must_use]
    pub fn confirmed(&self) -> u64 {
        self.confirmed.load(Ordering::Relaxed)
    }

    /// Somebody talks to the broker, or cannot. It is said once.
    pub(super) fn note(&self, who: &str, found: Result<(), String>) {
        let mut all = self.found.lock();
        let before = all.get(who);
        if before.map(Result::is_ok) != Some(found.is_ok()) {
            match &found {
                Ok(()) => info!(who, "RabbitMQ answers"),
                Err(why) => warn!(who, why, "RabbitMQ is of no use; events wait"),
            }
        }
        all.insert(who.to_owned(), found);
    }

    /// Somebody does not talk to the broker any more.
    pub(super) fn forget(&self, who: &str) {
        self.found.lock().remove(who);
    }

    /// So many messages go out.
    pub(super) fn sends(&self, many: usize) {
        self.unconfirmed.store(many as u64, Ordering::Relaxed);
    }

    /// One of them is confirmed.
    pub(super) fn confirms_one(&self) {
        self.unconfirmed.fetch_sub(1, Ordering::Relaxed);
        self.confirmed.fetch_add(1, Ordering::Relaxed);
    }
}
