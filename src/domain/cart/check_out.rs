//! How a cart decides which order is made of it.

use serde::{Deserialize, Serialize};

use super::{Cart, Refusal};
use crate::domain::entity::Decision;
use crate::domain::id::Id;
use crate::domain::order::Shortage;

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

/// What a check-out came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOut {
    /// The order of the cart as it is.
    pub order: Id,
    /// The orders before it, the newest first: it takes the place of the first one that stands or
    /// comes to stand.
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
    pub fn may_share(&self, over: Option<Id>) -> bool {
        let last = self.ordered.as_ref();
        last.is_some_and(|last| Some(last.order) != over || !last.earlier.is_empty())
    }

    pub(super) fn check_out(
        mut self,
        order: Id,
        over: Option<Id>,
        lack: Option<&Lack>,
    ) -> Result<Decision<Self>, Refusal> {
        let stands = |last: &&Ordered| Some(last.order) != over;
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
        let is_over = last.is_some_and(|last| !stands(&last));
        self.ordered = Some(Ordered {
            order,
            revision: self.revision,
            earlier: all[usize::from(is_over)..].to_vec(),
        });
        let checkout = CheckOut { order, earlier: all };
        Ok(self.changed(Some(checkout)))
    }
}
