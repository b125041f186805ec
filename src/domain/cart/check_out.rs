//! How a cart decides which order is made of it.

use serde::{Deserialize, Serialize};

use super::{Cart, Refusal};
use crate::domain::entity::Decision;
use crate::domain::id::Id;
use crate::domain::order::{Order, Shortage};

/// So many orders before the last one are remembered. All but one of them are over as a rule: it
/// takes a store that fails at every change of mind to leave more of them undecided.
const EARLIER_MAX: usize = 8;

/// The order that was last made of the cart, and of which revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub order: Id,
    /// The revision of the cart.
    pub revision: u64,
    /// The orders that were made before it and may still stand, the newest first. What is bought
    /// with one of them is taken out of the cart.
    #[serde(default)]
    pub earlier: Vec<Id>,
}

/// An order of the cart that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over {
    /// The order.
    pub order: Id,
    /// Whether money that comes late may bring it back, until somebody has seen to it that it does not.
    pub may_revive: bool,
    /// Whether it has something still to give back, which its buyer may have again.
    pub gives_back: bool,
}

impl Over {
    /// What there is to know of an order that is over.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        Self {
            order: order.id,
            may_revive: order.may_revive(),
            gives_back: order.task.is_some(),
        }
    }
}

/// What a check-out came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOut {
    /// The order of the cart as it is.
    pub order: Id,
    /// The orders before it, the newest first: it takes the place of the first one that stands or
    /// comes to stand.
    #[serde(default)]
    pub earlier: Vec<Id>,
}

/// What there was too little of when the lines of a cart were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The revision of the cart that was looked at.
    pub revision: u64,
    /// The lines, one at least.
    pub lines: Vec<Shortage>,
}

impl Cart {
    /// The order that was last made of it.
    #[must_use]
    pub fn ordered(&self) -> Option<Id> {
        self.ordered.as_ref().map(|last| last.order)
    }

    /// Whether it is another cart than the one that an order was last made of.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let last = self.ordered.as_ref();
        last.is_none_or(|last| last.revision != self.revision)
    }

    /// Whether an order of it may find more than is available: an earlier one of the same buyer may
    /// still hold some, and leave it to this one.
    #[must_use]
    pub fn may_share(&self, over: Option<Over>) -> bool {
        let Some(last) = &self.ordered else {
            return false;
        };
        let over = over.filter(|over| over.order == last.order);
        over.is_none_or(|over| over.gives_back) || !last.earlier.is_empty()
    }

    pub(super) fn check_out(
        mut self,
        order: Id,
        over: Option<Over>,
        lack: Option<&Lack>,
    ) -> Result<Decision<Self>, Refusal> {
        let is_it = |over: &Over| self.ordered() == Some(over.order);
        let last_over = over.filter(is_it);
        let stands = |_: &&Ordered| last_over.is_none();
        let same = |last: &&Ordered| last.order == order || last.revision == self.revision;
        let last = self.ordered.as_ref();
        if let Some(found) = last.filter(stands).filter(same) {
            let checkout = CheckOut {
                order: found.order,
                earlier: found.earlier.clone(),
            };
            return Ok(Decision::answer(self.reply(Some(checkout))));
        }
        if self.lines.is_empty() {
            return Err(Refusal::Empty);
        }
        let known = lack.filter(|lack| lack.revision == self.revision && !self.may_share(over));
        if let Some(Lack { lines, .. }) = known {
            return Err(Refusal::SoldOut(lines.clone()));
        }
        let before = last.map_or(&[][..], |last| &last.earlier);
        let all = last
            .map(|last| last.order)
            .into_iter()
            .chain(before.iter().copied());
        let all: Vec<_> = all.take(EARLIER_MAX).collect();
        let never_again = last_over.is_some_and(|over| !over.may_revive);
        self.ordered = Some(Ordered {
            order,
            revision: self.revision,
            earlier: all[usize::from(never_again)..].to_vec(),
        });
        let checkout = CheckOut { order, earlier: all };
        Ok(self.changed(Some(checkout)))
    }
}
