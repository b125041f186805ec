//! An order: what a buyer wants for which price, and how far it has come. Its state says what is
//! still to be done, so whoever finds it, after a crash or a year, can drive it on.

mod address;
mod bill;
mod event;
mod holding;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{Circumstances, Decision, Entity};
use super::id::Id;
use super::money::Money;
use super::quantity::Quantity;
use super::time::Timestamp;

pub use address::Address;
pub use bill::{Bill, Terms};
pub use event::Event;
pub use refusal::Refusal;

/// Where orders are kept. An order that never stood is in no list: it has no `listed`.
pub static ORDERS: Collection = Collection::indexed(
    "orders",
    &[
        Index::on("buyer", &["listed", "createdAt"]),
        Index::on("buyer_status", &["listed", "status", "createdAt"]),
        Index::on("due", &["due"]),
    ],
);

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub user: Id,
    /// What is wanted.
    pub lines: Vec<Line>,
    /// What it costs; none for an order that was over before it was placed.
    pub bill: Option<Bill>,
    /// Where the catalogue's price was not the cart's.
    pub price_changes: Vec<PriceChange>,
    /// Where it goes.
    pub address: Option<Address>,
    /// How far it has come; none as long as its stock is not held, and for ever if it never was.
    pub status: Option<Status>,
    /// Why it was cancelled.
    pub reason: Option<Reason>,
    /// What there was too little of.
    pub short: Vec<Shortage>,
    /// Why it was never placed, if it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
    /// Who asks stocks to hold for it, as long as that is nobody but the request that placed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Id>,
    /// The products of which it holds something, if that is known: otherwise it may be any of its
    /// lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<Vec<Id>>,
    /// What is still to be done.
    pub task: Option<Task>,
    /// When to look after it again.
    due: Option<Timestamp>,
    /// Its buyer, once it stands.
    listed: Option<Id>,
    /// The order that it takes the place of.
    pub replaces: Option<Id>,
    /// Whether it held its stock anew after it had expired.
    #[serde(default)]
    pub revived: bool,
    /// Whether it stays over, whatever is paid.
    #[serde(default)]
    closed: bool,
    /// Until when its stock is held.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// So many of one product, for the price of the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The product.
    pub product: Id,
    /// Its title.
    pub title: String,
    /// What one costs.
    pub price: Money,
    /// How many.
    pub quantity: Quantity,
    /// Who sells it.
    pub seller: Id,
    /// How far its parcel has come.
    pub parcel: Parcel,
}

/// How far a parcel has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Parcel {
    /// It is with the seller.
    Packing,
    /// It is on its way.
    Shipped,
    /// It is there.
    Delivered,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Its stock is held until it is paid or expires.
    Pending,
    /// It is paid.
    Confirmed,
    /// All of it is on its way.
    Shipped,
    /// All of it is there.
    Delivered,
    /// It is over.
    Cancelled,
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its buyer did not want it any more.
    ByBuyer,
    /// An administrator cancelled it.
    ByAdmin,
    /// It was not paid in time.
    Expired,
    /// Its buyer changed the cart and ordered again.
    Superseded,
}

/// What is to be done with an order's stock. Every task may be done twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Hold it, or find out that there is too little.
    Hold,
    /// Give the holds back.
    Release,
    /// Turn the holds into sales, and take what was bought out of the cart.
    Sell,
    /// Take the sales back, and see to it that the money goes back too.
    Return,
    /// Hold it anew, now that it is paid after all.
    Revive,
    /// Have what is delivered paid, if it was not before.
    Settle,
}

/// A line whose price had changed since it was put into the cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceChange {
    /// The product.
    pub product_id: Id,
    /// The price in the cart.
    pub was: Money,
    /// The price of the order.
    pub is: Money,
}

/// A line that there was too little of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// The product.
    pub product_id: Id,
    /// How many were wanted.
    pub requested: u32,
    /// How many there were.
    pub available: u64,
}

/// What is asked of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Makes it.
    Place(Box<Placement>),
    /// All of its stock is held.
    Held,
    /// Somebody who did not place it is about to ask stocks to hold for it.
    Join,
    /// There was too little of some of it.
    Short {
        /// Of what.
        lines: Vec<Shortage>,
        /// The holder who found that out, if it was the one,
        by: Option<Id>,
        /// and the products that are held all the same.
        taken: Vec<Id>,
    },
    /// Its holds are given back, or its sales taken back.
    Undone {
        /// Which of the two was to be done,
        task: Task,
        /// and whether that was after it had been revived: whoever is late has not done what is to be
        /// done by now.
        revived: bool,
    },
    /// Another order of the same buyer takes its place, and it is over for good.
    Supersede {
        /// Its id, for an order that was never placed and now never will be,
        id: Id,
        /// and its buyer.
        user: Id,
    },
    /// It is never to be placed, if it was not placed yet.
    Forestall {
        /// Its id,
        id: Id,
        /// and its buyer.
        user: Id,
    },
    /// It is to be over.
    Cancel {
        /// At whose wish.
        by: Authority,
    },
    /// It was not paid in time, if that is so.
    Expire,
    /// It is paid.
    Pay {
        /// Whether the money is there, so that an order that had expired is worth reviving.
        captured: bool,
    },
    /// Its holds have become sales.
    Sold,
    /// What was delivered is paid.
    Settled,
    /// It goes somewhere else.
    Readdress(Address),
    /// Parcels have come further.
    Advance {
        /// Whose parcels.
        by: Authority,
        /// How far.
        to: Parcel,
    },
}

/// What an order is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub user: Id,
    /// What is wanted, every product once, with the prices of this moment.
    pub lines: Vec<Line>,
    /// What is wanted and not for sale any more: with any of it nothing is placed.
    pub gone: Vec<Shortage>,
    /// Where the cart's price was another.
    pub price_changes: Vec<PriceChange>,
    /// What comes on top, and how long its stock is held.
    pub terms: Terms,
    /// Where it goes, if that is known yet.
    pub address: Option<Address>,
    /// The order that it takes the place of.
    pub replaces: Option<Id>,
    /// Who places it, and is about to ask stocks to hold for it.
    pub holder: Id,
}

/// On whose behalf something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Its buyer's.
    Buyer,
    /// A seller's, for the own lines alone.
    Seller(Id),
    /// An administrator's.
    Admin,
}

impl Entity for Order {
    const KIND: &'static str = "order";
    const COLLECTION: &'static Collection = &ORDERS;

    type Command = Command;
    /// The order as it is from now on.
    type Reply = Order;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Place(placement)) => Ok(rules::place(placement, at)),
            (None, Command::Supersede { id, user } | Command::Forestall { id, user }) => {
                Ok(rules::never(*id, *user, at))
            }
            (None, _) => Err(Refusal::Unknown),
            (Some(order), command) => order.advance(command, at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // an order has no unique index
    }
}

impl Status {
    /// Its name on the wire and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::Shipped => "SHIPPED",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Order {
    /// Whether nothing will come of it any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let cancelled = self.status == Some(Status::Cancelled) && self.task != Some(Task::Revive);
        cancelled || !self.short.is_empty()
    }

    /// Whether it only expired, so that money that comes late may bring it back.
    #[must_use]
    pub fn may_revive(&self) -> bool {
        self.status == Some(Status::Cancelled) && self.reason == Some(Reason::Expired) && !self.closed
    }

    /// Whether its buyer gets what was ordered.
    #[must_use]
    pub fn is_bought(&self) -> bool {
        matches!(
            self.status,
            Some(Status::Confirmed | Status::Shipped | Status::Delivered)
        )
    }

    /// Whether it is paid and its holds are becoming sales: it is neither cancelled nor replaced
    /// before they have, and so it will be bought.
    #[must_use]
    pub fn is_being_sold(&self) -> bool {
        self.status == Some(Status::Pending) && self.task == Some(Task::Sell)
    }

    /// Whether its stock was ever held, so that its buyer knows of it.
    #[must_use]
    pub fn stood(&self) -> bool {
        self.listed.is_some()
    }

    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The lines of which it may hold something.
    pub fn lines_taken(&self) -> impl Iterator<Item = &Line> {
        let may_hold = |line: &&Line| {
            self.taken
                .as_ref()
                .is_none_or(|taken| taken.contains(&line.product))
        };
        self.lines.iter().filter(may_hold)
    }

    /// The lines of one seller.
    pub fn lines_of(&self, seller: Id) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.seller == seller)
    }
}
