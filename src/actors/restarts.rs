//! How often an actor may start anew, and how long it rests before it does.

use std::time::Duration;

use crate::domain::time::Timestamp;

const WINDOW: Duration = Duration::from_mins(1);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The restarts of one actor within the last window.
#[derive(Debug, Default)]
pub struct Restarts {
    since: Timestamp,
    count: u32,
}

impl Restarts {
    /// Counts one more, and says how long to rest before it: twice as long with each one of the
    /// same minute, so that an actor that cannot stand does not burn a core with falling.
    pub fn count(&mut self, now: Timestamp) -> Duration {
        if now.since(self.since) > WINDOW {
            self.since = now;
            self.count = 0;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.count.min(16));
        self.count += 1;
        pause.min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_restart_of_a_minute_rests_twice_as_long() {
        let mut restarts = Restarts::default();
        let now = Timestamp::from_millis(1_700_000_000_000);
        let pauses: Vec<_> = (0..4).map(|_| restarts.count(now).as_millis()).collect();
        assert_eq!(pauses, [1, 2, 4, 8]);
        assert_eq!((0..20).map(|_| restarts.count(now)).max(), Some(LONGEST_PAUSE));
        let later = now.after(WINDOW * 2);
        assert_eq!(restarts.count(later), FIRST_PAUSE);
    }
}
