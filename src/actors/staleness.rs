//! Where several runtimes write to one database: what another one changed is read again here
//! before anybody asks, so that an owner's next round does not begin with a conflict.

use std::collections::HashMap;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::owners::Owners;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;
use crate::store::Version;

type Mark = Box<dyn Fn(Id, Version) + Send + Sync>;

/// The consumer that tells owners of changes that are not their own.
#[derive(Default)]
pub struct Staleness(HashMap<&'static str, Mark>);

impl Staleness {
    /// Tells the owners of this kind too.
    #[must_use]
    pub fn of<E: Entity>(mut self, owners: Owners<E>) -> Self {
        let mark = move |id, version| owners.stale(id, version);
        self.0.insert(E::KIND, Box::new(mark));
        self
    }
}

impl Consumer for Staleness {
    fn name(&self) -> &'static str {
        "staleness"
    }

    fn reach(&self) -> Reach {
        Reach::PerNode
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        for event in events {
            if let Some(mark) = self.0.get(event.kind.as_str()) {
                mark(event.entity, event.version);
            }
        }
        async { Ok(()) }.boxed()
    }
}
