//! Those who look at a thing just now, and hear when it has changed on this node.

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::watch;

use super::crew::{Changed, Watcher};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::store::Version;

/// The things of one kind that somebody looks at, each with the version it has come to. Cloning
/// it gives another handle to the same ones.
#[derive(Clone, Default)]
pub struct Onlookers(Arc<Watched>);

type Watched = DashMap<Id, watch::Sender<Version>>;

/// Somebody who looks at one thing.
pub struct Onlooker {
    thing: Id,
    seen: Option<watch::Receiver<Version>>,
    watched: Arc<Watched>,
}

impl Onlookers {
    /// Tells them of every change.
    #[must_use]
    pub fn watcher<E: Entity>(&self) -> Watcher<E> {
        let told = Arc::clone(&self.0);
        Box::new(move |changed: &Changed<'_, E>| {
            if let Some(onlookers) = told.get(&changed.id) {
                onlookers.send_replace(changed.version);
            }
        })
    }

    /// Looks at a thing from now on.
    #[must_use]
    pub fn watch(&self, thing: Id) -> Onlooker {
        let onlookers = self.0.entry(thing).or_default();
        Onlooker {
            thing,
            seen: Some(onlookers.subscribe()),
            watched: Arc::clone(&self.0),
        }
    }
}

impl Onlooker {
    /// Waits until something has changed on this node. May be dropped at any time.
    pub async fn change(&mut self) {
        match &mut self.seen {
            // An error would mean that the sender is gone, and it stays as long as this one does.
            Some(seen) => drop(seen.changed().await),
            None => std::future::pending().await,
        }
    }
}

impl Drop for Onlooker {
    /// The last one puts out the light.
    fn drop(&mut self) {
        self.seen = None;
        self.watched
            .remove_if(&self.thing, |_, onlookers| onlookers.receiver_count() == 0);
    }
}
