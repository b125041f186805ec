//! Questions to a user that travel with the program in between: each is sealed, so that only a yes
//! to the very same words counts, from the same user, in time and once.
//!
//! Nothing is kept of a question that was asked, so any node takes the answer to it. What is kept,
//! on the node, is which answers were taken. One that is brought to two nodes is answered for as if
//! it had been asked twice: the words are made anew from what is so then, and must be the same.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use rand::RngExt;

use super::tokens::Tokens;
use crate::domain::time::Timestamp;

/// So many answers are remembered: more than can be given before they are too late anyway.
const TAKEN_MAX: u64 = 100_000;

/// Seals questions and takes the answers.
pub struct Consents {
    tokens: Arc<Tokens>,
    lifetime: Duration,
    taken: Cache<String, ()>,
}

impl Consents {
    /// Questions that stand for so long.
    #[must_use]
    pub fn new(tokens: Arc<Tokens>, lifetime: Duration) -> Self {
        let taken = Cache::builder()
            .max_capacity(TAKEN_MAX)
            .time_to_live(lifetime * 2)
            .build();
        Self {
            tokens,
            lifetime,
            taken,
        }
    }

    /// What goes with a question about this and comes back with the answer.
    #[must_use]
    pub fn ask(&self, about: &str, now: Timestamp) -> String {
        let nonce = hex::encode(rand::rng().random::<[u8; 16]>());
        let until = now.after(self.lifetime).seconds();
        let seal = self.seal(about, &nonce, until);
        format!("{nonce}.{until}.{seal}")
    }

    /// Whether this came with a question about the same, in time, and for the first time.
    #[must_use]
    pub fn take(&self, state: &str, about: &str, now: Timestamp) -> bool {
        let mut parts = state.split('.');
        let (Some(nonce), Some(until), Some(seal), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let Ok(until) = until.parse::<i64>() else {
            return false;
        };
        // Sealed once more, so that how long the comparison takes tells nothing of the seal.
        let right = self.tokens.seal(&self.seal(about, nonce, until)) == self.tokens.seal(seal);
        right && now.seconds() <= until && self.taken.entry(nonce.to_owned()).or_insert(()).is_fresh()
    }

    fn seal(&self, about: &str, nonce: &str, until: i64) -> String {
        self.tokens.seal(&format!("consent {nonce} {until} {about}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_yes_counts_once_in_time_and_for_the_same_words() {
        let day = Duration::from_hours(24);
        let tokens = Tokens::new(&[7; 32], day, Clock::system()).expect("tokens");
        let consents = Consents::new(Arc::new(tokens), Duration::from_mins(2));
        let (now, later) = (
            Timestamp::from_millis(1_000_000),
            Timestamp::from_millis(1_121_001),
        );
        let state = consents.ask("order two socks", now);
        assert!(!consents.take(&state, "order three socks", now));
        assert!(!consents.take(&state, "order two socks", later), "too late");
        assert!(!consents.take(&state.replacen('.', ".9", 1), "order two socks", now));
        assert!(!consents.take("", "order two socks", now));
        assert!(consents.take(&state, "order two socks", now));
        assert!(!consents.take(&state, "order two socks", now), "it was taken");
        let (one, other) = (consents.ask("a", now), consents.ask("a", now));
        assert_ne!(one, other, "each question is one of its own");
    }
}
