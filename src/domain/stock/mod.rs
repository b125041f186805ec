//! The stock of one product: what is on hand, what is held for orders, what is sold.
//!
//! `received = on_hand + sold`, `reserved = Σ open holds`, `available = on_hand − reserved ≥ 0`.
//! Stock never drops a hold by itself: the order alone decides when it is over.

mod draft;
mod rules;
#[cfg(test)]
mod tests;

use rpds::RedBlackTreeMapSync as PersistentMap;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity, SideRow};
use super::id::Id;
use super::quantity::Quantity;

/// The open holds, loaded with the stock.
pub static HOLDS: Collection = Collection::plain("holds");
/// One row for every order that ever asked for this product, kept when its hold is over, so that
/// a message that comes late or twice finds what became of it. Not loaded.
pub static TICKETS: Collection = Collection::plain("hold_tickets");
static STOCKS: Collection = Collection::indexed(
    "stocks",
    &[
        Index::on("seller", &["seller"]),
        Index::on("few", &["seller", "available"]),
    ],
);

/// The most that a product's stock counts to.
pub const ON_HAND_MAX: u64 = 1_000_000_000;

/// The stock of one product, under the product's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    product: Id,
    /// Whose product it is.
    pub seller: Id,
    on_hand: u64,
    sold: u64,
    reserved: u64,
    /// What can be bought, for the index alone: it follows from the others.
    #[serde(default)]
    available: u64,
    #[serde(skip)]
    holds: PersistentMap<Id, Hold>,
    /// Tickets that were found in the way of a command.
    #[serde(skip)]
    closed: PersistentMap<Id, Ticket>,
}

/// What became of one order's hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    order: Id,
    quantity: u32,
    fate: Fate,
    /// Whether nothing is held for this order again, be it paid after all.
    #[serde(default)]
    closed: bool,
}

/// How a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Still open.
    Held,
    /// Given back, or never to be had.
    Released,
    /// Turned into a sale.
    Sold,
    /// A sale that was taken back.
    Returned,
}

/// What is kept for one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hold {
    order: Id,
    quantity: u32,
    shared: Option<Share>,
    #[serde(default)]
    revived: bool,
}

/// Units that two orders hold together, one of which is to take the other's place: counted once,
/// and whoever is over first leaves them to the other one, unless it was sold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Share {
    with: Id,
    quantity: u32,
}

/// What is asked of a stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A product comes into the shop.
    Open {
        /// The product.
        product: Id,
        /// Whose it is.
        seller: Id,
        /// How many there are.
        on_hand: u64,
    },
    /// Counted again: so many there are.
    Set {
        /// The new number.
        on_hand: u64,
    },
    /// The same by somebody who was shown how many there are, and means it for as long as it is so.
    Recount {
        /// How many he was shown.
        was: u64,
        /// The new number.
        on_hand: u64,
    },
    /// So many more, or fewer.
    Adjust {
        /// The difference.
        delta: i64,
    },
    /// Keeps a quantity for an order.
    Hold {
        /// The order.
        order: Id,
        /// How many.
        quantity: Quantity,
        /// An order of the same buyer that this one is to take the place of: what that one holds
        /// is as good for this one.
        replaces: Option<Id>,
        /// The order's hold was given back when it expired, and its payment came after all.
        revives: bool,
    },
    /// Gives the hold of an order back. A hold that comes later is refused.
    Release {
        /// The order.
        order: Id,
        /// Whether that is the hold it took when it was revived. Whoever means the one before it
        /// comes late, and changes nothing.
        revived: bool,
    },
    /// Turns the hold of an order into a sale.
    Sell {
        /// The order.
        order: Id,
    },
    /// Takes back what was sold to an order.
    Return {
        /// The order.
        order: Id,
    },
}

/// What a stock answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The numbers now.
    pub count: Count,
    /// How the order's hold stands now; none when no order asked.
    pub fate: Option<Fate>,
}

/// The numbers of a stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Everything that ever came in.
    pub received: u64,
    /// What lies on the shelf, held or not.
    pub on_hand: u64,
    /// What is held for unpaid orders.
    pub reserved: u64,
    /// What was sold.
    pub sold: u64,
    /// What can be bought.
    pub available: u64,
}

/// Why a stock says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no such product.
    #[error("there is no such product")]
    Unknown,
    /// Fewer are available than asked for.
    #[error("{available} are available, {requested} were asked for")]
    Short {
        /// How many were asked for.
        requested: u32,
        /// How many there are.
        available: u64,
    },
    /// The shelf cannot hold fewer than are promised.
    #[error("{reserved} are held for orders")]
    UnderReserved {
        /// How many are held.
        reserved: u64,
    },
    /// It is another number by now than the one that was shown.
    #[error("there are {on_hand} by now")]
    Changed {
        /// How many there are.
        on_hand: u64,
    },
    /// More than a stock counts to, or fewer than none.
    #[error("a stock counts from 0 to 1000000000")]
    OutOfRange,
    /// The order's hold is over.
    #[error("the hold of this order is over")]
    Over(Fate),
}

/// What happened to a stock at somebody's hand, and when orders have taken the last of it or given
/// some back. Each hold and sale for itself is told by the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// The number on hand was set.
    Changed {
        /// The numbers now.
        #[serde(flatten)]
        count: Count,
        /// Whose product it is.
        seller: Id,
    },
    /// Orders have so much of it that nothing can be bought any more, or something again.
    Turned {
        /// What can be bought.
        available: u64,
    },
}

/// What an event is called that is for those alone who know what can be bought.
pub const TURNED: &str = "STOCK_TURNED";

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "STOCK_CHANGED",
            Self::Turned { .. } => TURNED,
        }
    }

    fn is_audited(&self, by: Option<Id>) -> bool {
        match self {
            Self::Changed { seller, .. } => by.is_some_and(|by| by != *seller),
            Self::Turned { .. } => false,
        }
    }
}

impl Entity for Stock {
    const KIND: &'static str = "stock";
    const COLLECTION: &'static Collection = &STOCKS;
    const SIDES: &'static [&'static Collection] = &[&HOLDS];

    type Command = Command;
    type Reply = Reply;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(state: Option<&Self>, command: &Command, _: &Circumstances) -> Result<Decision<Self>, Refusal> {
        let stock = match (state, command) {
            (
                None,
                Command::Open {
                    product,
                    seller,
                    on_hand,
                },
            ) => {
                return Self::open(*seller, *product, *on_hand);
            }
            (None, _) => return Err(Refusal::Unknown),
            (Some(stock), _) => stock,
        };
        match *command {
            Command::Open { .. } => Ok(Decision::answer(Reply {
                count: stock.count(),
                fate: None,
            })),
            Command::Set { on_hand } => stock.set(Some(on_hand)),
            Command::Recount { was, on_hand } => stock.recount(was, on_hand),
            Command::Adjust { delta } => stock.set(stock.on_hand.checked_add_signed(delta)),
            Command::Hold {
                order,
                quantity,
                replaces,
                revives,
            } => stock.hold(rules::Wish {
                order,
                quantity,
                replaces,
                revives,
            }),
            Command::Release { order, revived } => stock.release(order, revived),
            Command::Sell { order } => stock.end(order, Fate::Held, Fate::Sold),
            Command::Return { order } => stock.end(order, Fate::Sold, Fate::Returned),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // a stock has no unique index
    }

    fn absorb(&mut self, row: SideRow<'_>) {
        if row.collection == HOLDS.name {
            if let Ok(hold) = bson::deserialize_from_slice::<Hold>(row.document.as_bytes()) {
                self.holds.insert_mut(hold.order, hold);
            }
        } else if let Ok(ticket) = bson::deserialize_from_slice(row.document.as_bytes()) {
            self.remember(ticket);
        }
    }
}

impl Stock {
    /// Whose stock it is.
    #[must_use]
    pub fn product(&self) -> Id {
        self.product
    }

    /// The numbers.
    #[must_use]
    pub fn count(&self) -> Count {
        Count {
            received: self.on_hand + self.sold,
            on_hand: self.on_hand,
            reserved: self.reserved,
            sold: self.sold,
            available: self.on_hand - self.reserved,
        }
    }

    /// The same, to be found by how many can be bought.
    fn counted(self) -> Self {
        let available = self.on_hand - self.reserved;
        Self { available, ..self }
    }

    /// How many are held for an order.
    #[must_use]
    pub fn held_for(&self, order: Id) -> Option<u32> {
        self.holds.get(&order).map(|hold| hold.quantity)
    }

    /// How many are held, counted afresh. What two orders share counts once.
    #[must_use]
    pub fn held(&self) -> u64 {
        let doubled: u64 = self.holds.values().map(Hold::twofold).sum();
        doubled / 2
    }
}

impl Hold {
    /// Twice what it adds to what is reserved: half of a share is each one's.
    fn twofold(&self) -> u64 {
        let shared = self.shared.map_or(0, |share| share.quantity);
        2 * u64::from(self.quantity) - u64::from(shared)
    }
}
