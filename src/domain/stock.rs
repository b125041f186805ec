//! The stock of one product: what is on hand, what is held for orders, what is sold.
//!
//! `received = on_hand + sold`, `reserved = Σ open holds`, `available = on_hand − reserved ≥ 0`.
//! Stock never drops a hold by itself: the order alone decides when it is over.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::collection::Collection;
use super::entity::{Circumstances, Decision, Entity, Event, Key, RowChange, RowWrite, SideRow};
use super::id::Id;
use super::quantity::Quantity;

/// The open holds, loaded with the stock.
pub static HOLDS: Collection = Collection::plain("holds");
/// One row for every order that ever asked for this product, kept when its hold is over, so that
/// a message that comes late or twice finds what became of it. Not loaded.
pub static TICKETS: Collection = Collection::plain("hold_tickets");
static STOCKS: Collection = Collection::plain("stocks");

/// The most that a product's stock counts to.
pub const ON_HAND_MAX: u64 = 1_000_000_000;

/// How many closed tickets are remembered while the owner is awake.
const CLOSED_MAX: usize = 1_024;

/// The stock of one product, under the product's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// Whose product it is.
    pub seller: Id,
    on_hand: u64,
    sold: u64,
    reserved: u64,
    #[serde(skip)]
    holds: OrdMap<Id, u32>,
    /// Tickets that were found in the way of a command.
    #[serde(skip)]
    closed: OrdMap<Id, Ticket>,
}

/// What became of one order's hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    order: Id,
    quantity: u32,
    fate: Fate,
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

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct HoldRow {
    order: Id,
    quantity: u32,
}

/// What is asked of a stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockCommand {
    /// A product comes into the shop.
    Open {
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
        /// An order of the same buyer whose hold is given back in the same breath.
        replaces: Option<Id>,
        /// The order's hold was given back when it expired, and its payment came after all.
        revives: bool,
    },
    /// Gives the hold of an order back. A hold that comes later is refused.
    Release {
        /// The order.
        order: Id,
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

/// The numbers after a command.
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
pub enum StockRefusal {
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
    /// More than a stock counts to, or fewer than none.
    #[error("a stock counts from 0 to 1000000000")]
    OutOfRange,
    /// The order's hold is over.
    #[error("the hold of this order is over")]
    Over(Fate),
}

/// What happened to a stock at its seller's hand. Holds and sales are told by the order.
#[derive(Debug, Clone, Serialize)]
pub enum StockEvent {
    /// The number on hand was set.
    #[serde(untagged)]
    Changed(Count),
}

impl Event for StockEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed(_) => "STOCK_CHANGED",
        }
    }
}

impl Stock {
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

    /// The open holds by order.
    pub fn holds(&self) -> impl Iterator<Item = (Id, u32)> {
        self.holds.iter().map(|(order, quantity)| (*order, *quantity))
    }

    fn set(&self, on_hand: Option<u64>) -> Result<Decision<Self>, StockRefusal> {
        let on_hand = on_hand.filter(|count| *count <= ON_HAND_MAX).ok_or(StockRefusal::OutOfRange)?;
        if on_hand < self.reserved {
            return Err(StockRefusal::UnderReserved {
                reserved: self.reserved,
            });
        }
        if on_hand == self.on_hand {
            return Ok(Decision::answer(self.count()));
        }
        let stock = Self {
            on_hand,
            ..self.clone()
        };
        let count = stock.count();
        Ok(Decision::change(stock, count).event(StockEvent::Changed(count)))
    }

    fn hold(&self, product: Id, wish: &Wish) -> Result<Decision<Self>, StockRefusal> {
        if self.holds.contains_key(&wish.order) {
            return Ok(Decision::answer(self.count())); // the same order asks twice: one hold
        }
        match self.closed.get(&wish.order).map(|ticket| ticket.fate) {
            None => {}
            Some(Fate::Released) if wish.revives => {}
            Some(fate) => return Err(StockRefusal::Over(fate)),
        }
        let replaced = wish.replaces.filter(|old| *old != wish.order);
        let freed = replaced.and_then(|old| self.holds.get(&old)).copied().unwrap_or(0);
        let available = self.count().available + u64::from(freed);
        if available < u64::from(wish.quantity) {
            return Err(StockRefusal::Short {
                requested: wish.quantity,
                available,
            });
        }
        // After this point the hold must succeed.
        let mut draft = Draft::new(self, product);
        if let Some(old) = replaced {
            draft.close(old, Fate::Released);
        }
        draft.open(wish.order, wish.quantity);
        Ok(draft.done())
    }

    /// Ends an order's hold. Every step may be asked twice, so a hold that has ended so before is
    /// an answer and not a refusal.
    fn end(&self, product: Id, order: Id, from: Fate, to: Fate) -> Result<Decision<Self>, StockRefusal> {
        let mut draft = Draft::new(self, product);
        match self.fate(order) {
            Some(fate) if fate == to => return Ok(self.answer(to)),
            Some(fate) if fate == from => draft.close(order, to),
            Some(fate) => return Err(StockRefusal::Over(fate)),
            // Either its ticket comes in the way of this one, and the command is decided again
            // with it in hand; or it never held here, and never will.
            None => {
                draft.refuse_for_ever(order);
                return Ok(draft.done(Fate::Released));
            }
        }
        Ok(draft.done(to))
    }

    fn fate(&self, order: Id) -> Option<Fate> {
        if self.holds.contains_key(&order) {
            return Some(Fate::Held);
        }
        self.closed.get(&order).map(|ticket| ticket.fate)
    }

    fn answer(&self, fate: Fate) -> Decision<Self> {
        Decision::answer(StockReply {
            count: self.count(),
            fate: Some(fate),
        })
    }
}

/// What a hold asks for.
#[derive(Clone, Copy)]
struct Wish {
    order: Id,
    quantity: Quantity,
    replaces: Option<Id>,
    revives: bool,
}

/// A stock in the middle of a change, with the rows that go with it.
struct Draft {
    product: Id,
    stock: Stock,
    rows: Vec<RowChange>,
}

impl Draft {
    fn new(stock: &Stock, product: Id) -> Self {
        Self {
            product,
            stock: stock.clone(),
            rows: Vec::new(),
        }
    }

    fn open(&mut self, order: Id, quantity: u32) {
        let known = self.stock.closed.remove(&order).is_some();
        self.stock.reserved += u64::from(quantity);
        self.stock.holds.insert(order, quantity);
        self.row(&HOLDS, order, |row| RowWrite::Put(row), &HoldRow { order, quantity });
        let write = if known { RowWrite::Put } else { RowWrite::Insert };
        self.row(&TICKETS, order, write, &Ticket { order, quantity, fate: Fate::Held });
    }

    fn close(&mut self, order: Id, fate: Fate) {
        let held = self.stock.holds.remove(&order);
        let sold = self.stock.closed.get(&order).map(|ticket| ticket.quantity);
        let Some(quantity) = held.or(sold) else { return };
        let count = u64::from(quantity);
        if held.is_some() {
            self.stock.reserved -= count;
            let key = Key::Part(self.product, order.to_string());
            self.rows.push(RowChange { collection: &HOLDS, key, write: RowWrite::Delete });
        }
        match fate {
            Fate::Sold => {
                self.stock.on_hand -= count;
                self.stock.sold += count;
            }
            Fate::Returned => {
                self.stock.on_hand += count;
                self.stock.sold -= count;
            }
            Fate::Held | Fate::Released => {}
        }
        let ticket = Ticket { order, quantity, fate };
        self.remember(ticket);
        self.row(&TICKETS, order, RowWrite::Put, &ticket);
    }

    fn refuse_for_ever(&mut self, order: Id) {
        let ticket = Ticket { order, quantity: 0, fate: Fate::Released };
        self.remember(ticket);
        self.row(&TICKETS, order, RowWrite::Insert, &ticket);
    }

    fn remember(&mut self, ticket: Ticket) {
        self.stock.remember(ticket);
    }

    fn row(
        &mut self,
        collection: &'static Collection,
        order: Id,
        write: impl FnOnce(RawDocumentBuf) -> RowWrite,
        content: &impl Serialize,
    ) {
        let key = Key::Part(self.product, order.to_string());
        let write = write(side_row(&key, content));
        self.rows.push(RowChange { collection, key, write });
    }

    fn done(self, fate: Fate) -> Decision<Stock> {
        let reply = StockReply {
            count: self.stock.count(),
            fate: Some(fate),
        };
        let decision = Decision::change(self.stock, reply);
        self.rows.into_iter().fold(decision, Decision::row)
    }
}
