//! What the owners of one kind share beside the engine: who watches them, and their figures.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::error;

use super::engine::Engine;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::store::Version;

/// Sees every change of a kind as soon as it is durable, before its callers hear of it; and what
/// an owner finds when it reads its thing anew, since a commit that got no answer may have landed,
/// or another runtime's. It runs on the owner's thread: it may note something down, and nothing
/// else.
pub type Watcher<E> = Box<dyn Fn(&Changed<'_, E>) + Send + Sync>;

/// What a watcher sees: a thing after a round that changed it, or as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a, E: Entity> {
    /// The thing.
    pub id: Id,
    /// As it is from now on.
    pub state: &'a E,
    /// Its version from now on.
    pub version: Version,
    /// What happened to it, in order; nothing is known of it when it was read anew.
    pub events: &'a [E::Event],
}

/// The owners of one kind.
pub struct Crew<E: Entity> {
    /// What all owners of the node share.
    pub engine: Arc<Engine>,
    watchers: Vec<Watcher<E>>,
    restarts: AtomicU64,
}

impl<E: Entity> Crew<E> {
    /// A crew and who watches it.
    #[must_use]
    pub fn new(engine: Arc<Engine>, watchers: Vec<Watcher<E>>) -> Self {
        Self {
            engine,
            watchers,
            restarts: AtomicU64::new(0),
        }
    }

    /// Shows a change to everybody who watches.
    pub fn show(&self, changed: &Changed<'_, E>) {
        for watcher in &self.watchers {
            // What is durable is answered, whatever a watcher makes of it.
            if catch_unwind(AssertUnwindSafe(|| watcher(changed))).is_err() {
                error!(kind = E::KIND, id = %changed.id, "a watcher panicked");
            }
        }
    }

    /// Notes that an owner had to start anew.
    pub fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// How often an owner had to start anew.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }
}
