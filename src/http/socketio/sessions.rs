//! The sessions of a node, by the ids that their clients know them by.

use std::sync::{Arc, Weak};

use dashmap::DashMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::session::Session;

/// So many may be open that nobody was let in to yet.
const OUTSIDE_MAX: usize = 1_000;

/// All of them.
#[derive(Clone)]
pub struct Sessions(Arc<Open>);

/// What a session keeps of the others: enough to leave them.
pub(super) struct Home(Weak<Open>);

struct Open {
    by_id: DashMap<String, Arc<Session>>,
    outside: Arc<Semaphore>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(Open {
            by_id: DashMap::new(),
            outside: Arc::new(Semaphore::new(OUTSIDE_MAX)),
        }))
    }
}

impl Sessions {
    /// Begins one for a client that brought this token or none; `None` when too many others wait.
    pub(super) fn begin(&self, token: Option<String>) -> Option<Arc<Session>> {
        let place = Arc::clone(&self.0.outside).try_acquire_owned().ok()?;
        let session = Arc::new(Session::new(token, place, Home(Arc::downgrade(&self.0))));
        self.0.by_id.insert(session.id().to_owned(), Arc::clone(&session));
        Some(session)
    }

    /// The one of this id, for whoever comes with this token or none.
    pub(super) fn find(&self, id: &str, token: Option<&str>) -> Option<Arc<Session>> {
        let session = self.0.by_id.get(id)?;
        session.is_open_to(token).then(|| Arc::clone(&session))
    }
}

impl Home {
    /// Forgets a session.
    pub(super) fn leave(&self, id: &str) {
        if let Some(open) = self.0.upgrade() {
            open.by_id.remove(id);
        }
    }

    /// A place among those whom nobody has let in.
    pub(super) fn outside(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.upgrade()?.outside).try_acquire_owned().ok()
    }
}
