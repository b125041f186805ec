//! What has come between an owner and its work.

use super::Owner;
use crate::actors::restarts::Restarts;
use crate::domain::entity::{Entity, Key};

/// Few owners ever have any.
#[derive(Default)]
pub(super) struct Mishaps {
    /// So many from the front of those who wait are decided one at a time, to find the one that the
    /// store will not take.
    pub(super) singly: usize,
    /// The row that stopped the last round.
    pub(super) in_the_way: Option<(&'static str, Key)>,
    pub(super) conflicts: u32,
    pub(super) restarts: Restarts,
}

impl<E: Entity> Owner<E> {
    /// Something that came in between is over.
    pub(super) fn forget(&mut self, it: impl FnOnce(&mut Mishaps)) {
        if let Some(mishaps) = &mut self.mishaps {
            it(mishaps);
        }
    }
}
