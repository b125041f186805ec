//! What a desk is told of an order, and what it keeps of it.

use serde::{Deserialize, Serialize};

use super::sums::Takings;
use crate::domain::id::Id;
use crate::domain::order::{Order, Status};
use crate::domain::time::Timestamp;

/// A seller's part of an order, as it stands at a version. Its lines never change: it counts
/// whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The seller.
    pub seller: Id,
    /// The order.
    pub order: Id,
    /// The version that the order has come to.
    pub version: u64,
    /// How far it has come.
    pub status: Status,
    /// Whether its money goes back, or has gone.
    pub refunded: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is the seller's of it.
    pub lines: Vec<Sold>,
}

/// So many of one product, for so much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// The product.
    pub product: Id,
    /// Its title.
    pub title: String,
    /// How many.
    pub quantity: u64,
    /// For how much, without tax and shipping.
    pub total: Takings,
}

/// What is kept of a posted order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Posting {
    /// The seller.
    pub seller: Id,
    /// The order.
    pub order: Id,
    /// The newest version that was posted. Not called `version`, as that of a document is.
    pub posted: u64,
    /// How far the order had come then.
    pub status: Status,
    /// Whether its money goes back, or has gone.
    pub refunded: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Sale {
    /// The parts of all sellers of an order; none of an order that never stood.
    #[must_use]
    pub fn all_of(order: &Order, version: u64, refunded: bool) -> Vec<Self> {
        let Some(status) = order.status.filter(|_| order.stood()) else {
            return Vec::new();
        };
        let mut sellers: Vec<_> = order.lines.iter().map(|line| line.seller).collect();
        sellers.sort_unstable();
        sellers.dedup();
        let part = |seller| Self {
            seller,
            order: order.id,
            version,
            status,
            refunded,
            created_at: order.created_at,
            lines: Sold::lines_of(order, seller),
        };
        sellers.into_iter().map(part).collect()
    }

    /// What is kept of it, on top of what was known.
    pub(super) fn posted_on(&self, known: Option<&Posting>) -> Posting {
        // A refund is final, whichever event tells of it first.
        let refunded = self.refunded || known.is_some_and(|known| known.refunded);
        match known {
            Some(known) if known.posted >= self.version => Posting { refunded, ..*known },
            _ => Posting {
                seller: self.seller,
                order: self.order,
                posted: self.version,
                status: self.status,
                refunded,
                created_at: self.created_at,
            },
        }
    }
}

impl Sold {
    fn lines_of(order: &Order, seller: Id) -> Vec<Self> {
        let sold = order.lines_of(seller).map(|line| Self {
            product: line.product,
            title: line.title.clone(),
            quantity: line.quantity.get().into(),
            total: line.total().map(Takings::from).unwrap_or_default(),
        });
        sold.collect()
    }
}

impl Posting {
    /// Whether its pieces count as sold.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(
            self.status,
            Status::Confirmed | Status::Shipped | Status::Delivered
        )
    }

    /// Whether its money counts as earned.
    #[must_use]
    pub fn earns(&self) -> bool {
        self.counts() && !self.refunded
    }
}
