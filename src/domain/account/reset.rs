//! A new password that was asked for by mail. What is kept is of no use to whoever has the store
//! alone: the secret of the link follows from the seed only with the shop's own secret.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// A link is good for so long,
const LIFETIME: Duration = Duration::from_hours(1);
/// and the next one is sent after this at the earliest.
const PAUSE: Duration = Duration::from_mins(1);

/// A link that was asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// What the secret follows from.
    pub seed: String,
    digest: String,
    asked: Timestamp,
}

impl Reset {
    /// A link that is asked for now.
    #[must_use]
    pub fn new(seed: &str, digest: &str, now: Timestamp) -> Self {
        Self {
            seed: seed.to_owned(),
            digest: digest.to_owned(),
            asked: now,
        }
    }

    /// Whether it is too early for another one.
    #[must_use]
    pub fn was_just_asked(&self, now: Timestamp) -> bool {
        now < self.asked.after(PAUSE)
    }

    /// Whether a secret with this digest is that of the link, in time. Digests may be compared as
    /// texts are: whoever sees how far one matches learns nothing about the secret.
    #[must_use]
    pub fn opens_with(&self, digest: &str, now: Timestamp) -> bool {
        self.digest == digest && now < self.asked.after(LIFETIME)
    }
}

impl std::fmt::Debug for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reset(…)")
    }
}
