//! The sessions of a node, by the ids that their clients know them by.

use std::net::IpAddr;
use std::sync::{Arc, Weak};

use dashmap::{DashMap, Entry};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::session::Session;

/// So many may be open that nobody was let in to yet.
const OUTSIDE_MAX: usize = 1_000;
/// So many of them may come from one address: the first thing that a client does is to want in, so
/// that those of a whole office are hardly ever outside together.
const OUTSIDE_OF_AN_ADDRESS_MAX: usize = 100;

/// All of them.
#[derive(Clone)]
pub struct Sessions(Arc<Open>);

/// What a session keeps of the others: enough to leave them.
pub(super) struct Home {
    open: Weak<Open>,
    address: Option<IpAddr>,
}

/// A place among those whom nobody has let in. Dropping it gives it back.
pub(super) struct Outside {
    open: Weak<Open>,
    address: Option<IpAddr>,
    _place: OwnedSemaphorePermit,
}

/// There are as many outside as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// From this address.
    Address,
    /// On this node.
    Node,
}

struct Open {
    by_id: DashMap<String, Arc<Session>>,
    outside: Arc<Semaphore>,
    /// How many of those outside come from an address.
    by_address: DashMap<IpAddr, usize>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(Open {
            by_id: DashMap::new(),
            outside: Arc::new(Semaphore::new(OUTSIDE_MAX)),
            by_address: DashMap::new(),
        }))
    }
}

impl Sessions {
    /// Begins one for a client that brought this token or none. Without an address it counts for
    /// the node alone.
    pub(super) fn begin(&self, token: Option<String>, address: Option<IpAddr>) -> Result<Arc<Session>, Full> {
        let open = Arc::downgrade(&self.0);
        let home = Home { open, address };
        let session = Arc::new(Session::new(token, home.outside()?, home));
        self.0.by_id.insert(session.id().to_owned(), Arc::clone(&session));
        Ok(session)
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
        if let Some(open) = self.open.upgrade() {
            open.by_id.remove(id);
        }
    }

    /// A place among those whom nobody has let in.
    pub(super) fn outside(&self) -> Result<Outside, Full> {
        let open = self.open.upgrade().ok_or(Full::Node)?;
        let place = Arc::clone(&open.outside).try_acquire_owned();
        let place = place.map_err(|_| Full::Node)?;
        if let Some(address) = self.address {
            let mut many = open.by_address.entry(address).or_default();
            if *many >= OUTSIDE_OF_AN_ADDRESS_MAX {
                return Err(Full::Address);
            }
            *many += 1;
        }
        Ok(Outside {
            open: Weak::clone(&self.open),
            address: self.address,
            _place: place,
        })
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let Some((open, address)) = self.open.upgrade().zip(self.address) else {
            return;
        };
        if let Entry::Occupied(mut many) = open.by_address.entry(address) {
            *many.get_mut() -= 1;
            if *many.get() == 0 {
                many.remove();
            }
        }
    }
}
