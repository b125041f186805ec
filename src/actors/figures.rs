//! What operators may know of the owners of a kind, and the one thing they may do to them,
//! whatever kind it is.

use super::owners::Owners;
use crate::domain::entity::Entity;
use crate::domain::id::Id;

/// The owners of one kind, as operators see them.
pub trait Figures: Send + Sync {
    /// The kind: `account`.
    fn kind(&self) -> &'static str;
    /// How many owners are awake.
    fn awake(&self) -> usize;
    /// How many asks wait at them.
    fn pending(&self) -> usize;
    /// How often one had to start anew.
    fn restarts(&self) -> u64;
    /// Makes the owner of this id fail as if by a fault of its own. Says whether one is awake.
    fn kill(&self, id: Id) -> bool;
}

impl<E: Entity> Figures for Owners<E> {
    fn kind(&self) -> &'static str {
        E::KIND
    }

    fn awake(&self) -> usize {
        Self::awake(self)
    }

    fn pending(&self) -> usize {
        Self::pending(self)
    }

    fn restarts(&self) -> u64 {
        Self::restarts(self)
    }

    fn kill(&self, id: Id) -> bool {
        self.fail(id)
    }
}
