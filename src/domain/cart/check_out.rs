//! How a cart decides which order is made of it.

use serde::{Deserialize, Serialize};

use super::{Cart, Refusal};
use crate::domain::entity::Decision;
use crate::domain::id::Id;
use crate::domain::order::Shortage;

/// The order that was last made of the cart, and of which revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub order: Id,
    /// The revision of the cart.
    pub revision: u64,
    /// The order that was made before it, as long as that may still stand.
    pub before: Option<Id>,
}

/// What a check-out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOut {
    /// The order of the cart as it is.
    pub order: Id,
    /// The order that it takes the place of, if that still stands or comes to stand,
    pub replaces: Option<Id>,
    /// and the one before that, if it does not.
    pub before: Option<Id>,
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
        self.ordered.map(|last| last.order)
    }

    /// Whether it is another cart than the one that an order was last made of.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.ordered.is_none_or(|last| last.revision != self.revision)
    }

    /// Whether an order of it may find more than is available: an earlier one of the same buyer may
    /// still hold some, and leave it to this one.
    #[must_use]
    pub fn may_share(&self, over: Option<Id>) -> bool {
        self.ordered
            .is_some_and(|last| Some(last.order) != over || last.before.is_some())
    }

    pub(super) fn check_out(
        mut self,
        order: Id,
        over: Option<Id>,
        lack: Option<&Lack>,
    ) -> Result<Decision<Self>, Refusal> {
        let last = self.ordered;
        let stands = last.filter(|last| Some(last.order) != over);
        let same = |last: &Ordered| last.order == order || last.revision == self.revision;
        if let Some(found) = stands.filter(same) {
            let checkout = CheckOut {
                order: found.order,
                replaces: found.before,
                before: None,
            };
            return Ok(Decision::answer(self.reply(Some(checkout))));
        }
        if self.lines.is_empty() {
            return Err(Refusal::Empty);
        }
        let earlier = last.and_then(|last| last.before);
        let known = lack.filter(|lack| lack.revision == self.revision && !self.may_share(over));
        if let Some(Lack { lines, .. }) = known {
            return Err(Refusal::SoldOut(lines.clone()));
        }
        self.ordered = Some(Ordered {
            order,
            revision: self.revision,
            before: stands.map(|last| last.order).or(earlier),
        });
        let checkout = CheckOut {
            order,
            replaces: last.map(|last| last.order),
            before: earlier,
        };
        Ok(self.changed(Some(checkout)))
    }
}
