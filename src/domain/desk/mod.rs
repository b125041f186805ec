//! A seller's desk: what was sold, as sums that are kept and never counted, and the seller's own
//! settings. Every order that the seller has a part in is posted to it, and moves the sums by what
//! has changed since it was posted last: newer replaces, older changes nothing.

mod day;
mod posting;
mod rules;
mod settings;
mod standing;
mod sums;
#[cfg(test)]
mod tests;

use rpds::RedBlackTreeMapSync as PersistentMap;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity, SideRow};
use super::id::Id;

pub use day::Day;
pub use posting::{Posting, Sale, Sold};
pub use settings::{Change, Settings};
pub use standing::Standing;
pub use sums::{DaySums, Figures, ProductSums, Sums, Takings};

/// Where desks are kept, each under the id of its seller.
pub static DESKS: Collection = Collection::indexed("desks", &[Index::on("seller", &["seller"])]);
/// One row for every order that a seller has a part in. Not loaded: there may be a million.
pub static DESK_ORDERS: Collection = Collection::indexed(
    "desk_orders",
    &[
        Index::on("seller", &["seller", "createdAt"]),
        Index::on("seller_status", &["seller", "status", "createdAt"]),
    ],
);
/// The sums of each day, loaded with the desk.
pub static DESK_DAYS: Collection = Collection::plain("desk_days");
/// The sums of each product that was ever sold, loaded with the desk.
pub static DESK_PRODUCTS: Collection = Collection::plain("desk_products");

/// A desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Desk {
    /// Whose it is.
    pub seller: Id,
    /// What the seller has set.
    pub settings: Settings,
    /// Everything that was sold.
    pub sums: Sums,
    /// How many orders have come how far.
    pub standing: Standing,
    #[serde(skip)]
    days: PersistentMap<Day, DaySums>,
    #[serde(skip)]
    products: PersistentMap<Id, ProductSums>,
    /// Orders that were posted lately, or found in the way of one that was.
    #[serde(skip)]
    postings: PersistentMap<Id, Posting>,
}

/// What is asked of a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An order stands so.
    Post(Box<Sale>),
    /// The seller wants it otherwise.
    Configure {
        /// The seller.
        seller: Id,
        /// What shall be different.
        change: Change,
        /// Only if the settings are at one of these versions.
        if_match: Option<Vec<u64>>,
    },
}

impl Command {
    /// Whose desk is meant.
    #[must_use]
    pub fn seller(&self) -> Id {
        match self {
            Self::Post(sale) => sale.seller,
            Self::Configure { seller, .. } => *seller,
        }
    }
}

/// What a desk answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The settings from now on.
    pub settings: Settings,
}

/// Why a desk says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// Somebody else has changed the settings meanwhile.
    #[error("The settings have changed: they are at version {current} by now.")]
    Changed {
        /// The version they are at.
        current: u64,
    },
    /// A number that makes no sense.
    #[error("lowStockAt is at most 1000000000, and seriesDays is from 1 to 366")]
    OutOfRange,
}

/// A desk tells nobody: it was told itself, and its settings concern nobody else.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Desk {
    const KIND: &'static str = "desk";
    const COLLECTION: &'static Collection = &DESKS;
    const SIDES: &'static [&'static Collection] = &[&DESK_DAYS, &DESK_PRODUCTS];

    type Command = Command;
    type Reply = Reply;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(state: Option<&Self>, command: &Command, _: &Circumstances) -> Result<Decision<Self>, Refusal> {
        let bare = Self::bare(command.seller());
        let desk = state.unwrap_or(&bare);
        match command {
            Command::Post(sale) => Ok(desk.post(sale)),
            Command::Configure { change, if_match, .. } => desk.configure(*change, if_match.as_deref()),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::OutOfRange // a desk has no unique index
    }

    fn absorb(&mut self, row: SideRow<'_>) {
        let bytes = row.document.as_bytes();
        if row.collection == DESK_DAYS.name {
            if let Ok(day) = bson::deserialize_from_slice::<DaySums>(bytes) {
                self.days.insert_mut(day.day, day);
            }
        } else if row.collection == DESK_PRODUCTS.name {
            if let Ok(product) = bson::deserialize_from_slice::<ProductSums>(bytes) {
                self.products.insert_mut(product.product, product);
            }
        } else if let Ok(posting) = bson::deserialize_from_slice(bytes) {
            self.remember(posting);
        }
    }
}
