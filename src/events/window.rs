//! What a consumer has taken lately, so that an event that comes by twice is not handed to it
//! twice: after a place in the feed could not be saved, or where a store scans what it may have
//! missed.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The ids of the last so many events.
#[derive(Debug)]
pub struct Window {
    ids: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
    size: usize,
}

impl Window {
    /// A window of this size with nothing in it.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            ids: HashSet::new(),
            order: VecDeque::new(),
            size,
        }
    }

    /// Whether this event was taken lately.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Notes an event as taken, and forgets the oldest when it is full.
    pub fn note(&mut self, id: &str) {
        let id: Arc<str> = id.into();
        if !self.ids.insert(Arc::clone(&id)) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > self.size
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_forgets_the_oldest() {
        let mut window = Window::new(2);
        for id in ["a", "b", "b", "c"] {
            window.note(id);
        }
        let held = ["a", "b", "c"].map(|id| window.holds(id));
        assert_eq!(held, [false, true, true]);
    }
}
