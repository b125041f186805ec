//! Entities over which transactions clashed lately. They travel alone for a while, because a
//! clash aborts everything in its transaction and names nobody.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::domain::entity::Key;
use crate::store::Commit;

const HOT_FOR: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Hot(Mutex<HashMap<(&'static str, Key), Instant>>);

impl Hot {
    pub(super) fn mark(&self, commit: &Commit) {
        let Some(guard) = &commit.guard else { return };
        let now = Instant::now();
        let mut hot = self.0.lock();
        hot.retain(|_, since| now.duration_since(*since) < HOT_FOR);
        hot.insert((guard.collection.name, guard.key.clone()), now);
    }

    pub(super) fn holds(&self, commit: &Commit) -> bool {
        let Some(guard) = &commit.guard else { return false };
        let hot = self.0.lock();
        // Mostly nothing is hot, and then nothing has to be looked up.
        !hot.is_empty()
            && hot
                .get(&(guard.collection.name, guard.key.clone()))
                .is_some_and(|since| since.elapsed() < HOT_FOR)
    }
}
