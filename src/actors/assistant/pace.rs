//! How much a connection sends.

use parking_lot::Mutex;

use super::Assistant;
use crate::domain::time::Timestamp;

const MINUTE_MILLIS: i64 = 60_000;

/// More came than anybody can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much was sent at once")]
pub struct Flood;

/// How many frames of a connection came in this minute.
#[derive(Debug, Default)]
pub struct Pace(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    minute: i64,
    frames: u32,
}

impl Pace {
    /// Counts a frame.
    ///
    /// # Errors
    /// When there are more than anybody can mean: the connection is to be closed.
    pub fn keep(&self, assistant: &Assistant) -> Result<(), Flood> {
        let now: Timestamp = assistant.engine().clock.now();
        let minute = now.millis().div_euclid(MINUTE_MILLIS);
        let mut counted = self.0.lock();
        if counted.minute != minute {
            *counted = Counted { minute, frames: 0 };
        }
        counted.frames = counted.frames.saturating_add(1);
        if counted.frames > assistant.0.limits.frames_a_minute {
            return Err(Flood);
        }
        Ok(())
    }
}
