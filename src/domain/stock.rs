//! The stock of one product: what is on hand, what is held for orders, what is sold.
//!
//! `received = on_hand + sold`, `reserved = Σ open holds`, `available = on_hand − reserved ≥ 0`.
//! Stock never drops a hold by itself: the order alone decides when it is over.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::collection::Collection;
use super::entity::{self, Circumstances, Decision, Entity, Key, RowChange, SideRow};
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
    product: Id,
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
    /// More than a stock counts to, or fewer than none.
    #[error("a stock counts from 0 to 1000000000")]
    OutOfRange,
    /// The order's hold is over.
    #[error("the hold of this order is over")]
    Over(Fate),
}

/// What happened to a stock at its seller's hand. Holds and sales are told by the order.
#[derive(Debug, Clone, Serialize)]
pub enum Event {
    /// The number on hand was set.
    #[serde(untagged)]
    Changed(Count),
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Changed(_) => "STOCK_CHANGED",
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
            Command::Adjust { delta } => stock.set(stock.on_hand.checked_add_signed(delta)),
            Command::Hold {
                order,
                quantity,
                replaces,
                revives,
            } => stock.hold(Wish {
                order,
                quantity,
                replaces,
                revives,
            }),
            Command::Release { order } => stock.end(order, Fate::Held, Fate::Released),
            Command::Sell { order } => stock.end(order, Fate::Held, Fate::Sold),
            Command::Return { order } => stock.end(order, Fate::Sold, Fate::Returned),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // a stock has no unique index
    }

    fn absorb(&mut self, row: SideRow<'_>) {
        if row.collection == HOLDS.name {
            if let Ok(HoldRow { order, quantity }) = bson::deserialize_from_slice(row.document.as_bytes()) {
                self.holds.insert(order, quantity);
            }
        } else if let Ok(ticket) = bson::deserialize_from_slice(row.document.as_bytes()) {
            self.remember(ticket);
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

    /// Takes in what is known of a hold that is over. Forgetting one is no harm: it is found
    /// again when it comes in the way.
    fn remember(&mut self, ticket: Ticket) {
        if self.closed.len() >= CLOSED_MAX {
            self.closed.clear();
        }
        self.closed.insert(ticket.order, ticket);
    }

    fn open(seller: Id, product: Id, on_hand: u64) -> Result<Decision<Self>, Refusal> {
        if on_hand > ON_HAND_MAX {
            return Err(Refusal::OutOfRange);
        }
        let stock = Self {
            product,
            seller,
            on_hand,
            sold: 0,
            reserved: 0,
            holds: OrdMap::new(),
            closed: OrdMap::new(),
        };
        let count = stock.count();
        let reply = Reply { count, fate: None };
        Ok(Decision::change(stock, reply).event(Event::Changed(count)))
    }

    fn set(&self, on_hand: Option<u64>) -> Result<Decision<Self>, Refusal> {
        let on_hand = on_hand
            .filter(|count| *count <= ON_HAND_MAX)
            .ok_or(Refusal::OutOfRange)?;
        if on_hand < self.reserved {
            return Err(Refusal::UnderReserved {
                reserved: self.reserved,
            });
        }
        let stock = Self {
            on_hand,
            ..self.clone()
        };
        let count = stock.count();
        let reply = Reply { count, fate: None };
        if on_hand == self.on_hand {
            return Ok(Decision::answer(reply));
        }
        Ok(Decision::change(stock, reply).event(Event::Changed(count)))
    }

    fn hold(&self, wish: Wish) -> Result<Decision<Self>, Refusal> {
        match self.fate(wish.order) {
            Some(Fate::Held) => return Ok(self.answer(Fate::Held)), // asked twice: one hold
            Some(Fate::Released) if wish.revives => {}
            Some(fate) => return Err(Refusal::Over(fate)),
            None => {}
        }
        let replaced = wish.replaces.filter(|old| *old != wish.order);
        let freed = replaced
            .and_then(|old| self.holds.get(&old))
            .copied()
            .unwrap_or(0);
        let (requested, available) = (wish.quantity.get(), self.count().available + u64::from(freed));
        if available < u64::from(requested) {
            return Err(Refusal::Short { requested, available });
        }
        // After this point the hold must succeed.
        let mut draft = Draft::new(self);
        match replaced.map(|old| (old, self.fate(old))) {
            Some((old, Some(Fate::Held))) => draft.close(old, Fate::Released),
            Some((old, None)) => draft.refuse_for_ever(old),
            _ => {}
        }
        draft.open(wish.order, requested);
        Ok(draft.done(Fate::Held))
    }

    /// Ends an order's hold. Every step may be asked twice, so a hold that has ended so before is
    /// an answer and not a refusal.
    fn end(&self, order: Id, from: Fate, to: Fate) -> Result<Decision<Self>, Refusal> {
        let mut draft = Draft::new(self);
        match self.fate(order) {
            Some(fate) if fate == to => return Ok(self.answer(to)),
            Some(fate) if fate == from => draft.close(order, to),
            Some(fate) => return Err(Refusal::Over(fate)),
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
        Decision::answer(Reply {
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
    stock: Stock,
    rows: Vec<RowChange>,
}

impl Draft {
    fn new(stock: &Stock) -> Self {
        Self {
            stock: stock.clone(),
            rows: Vec::new(),
        }
    }

    fn open(&mut self, order: Id, quantity: u32) {
        let known = self.stock.closed.remove(&order).is_some();
        self.stock.reserved += u64::from(quantity);
        self.stock.holds.insert(order, quantity);
        let ticket = Ticket {
            order,
            quantity,
            fate: Fate::Held,
        };
        let key = self.key(order);
        self.rows
            .push(RowChange::put(&HOLDS, key.clone(), &HoldRow { order, quantity }));
        self.rows.push(if known {
            RowChange::put(&TICKETS, key, &ticket)
        } else {
            RowChange::insert(&TICKETS, key, &ticket)
        });
    }

    fn close(&mut self, order: Id, fate: Fate) {
        let held = self.stock.holds.remove(&order);
        let sold = self.stock.closed.get(&order).map(|ticket| ticket.quantity);
        let Some(quantity) = held.or(sold) else { return };
        let count = u64::from(quantity);
        if held.is_some() {
            self.stock.reserved -= count;
            self.rows.push(RowChange::delete(&HOLDS, self.key(order)));
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
        let ticket = Ticket {
            order,
            quantity,
            fate,
        };
        self.stock.remember(ticket);
        self.rows.push(RowChange::put(&TICKETS, self.key(order), &ticket));
    }

    fn refuse_for_ever(&mut self, order: Id) {
        let ticket = Ticket {
            order,
            quantity: 0,
            fate: Fate::Released,
        };
        self.stock.remember(ticket);
        self.rows
            .push(RowChange::insert(&TICKETS, self.key(order), &ticket));
    }

    fn key(&self, order: Id) -> Key {
        Key::Part(self.stock.product, order.to_string())
    }

    fn done(self, fate: Fate) -> Decision<Stock> {
        let reply = Reply {
            count: self.stock.count(),
            fate: Some(fate),
        };
        let decision = Decision::change(self.stock, reply);
        self.rows.into_iter().fold(decision, Decision::row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    const SELLER: Id = Id::from_bytes([9; 12]);
    const PRODUCT: Id = Id::from_bytes([1; 12]);

    fn order(n: u8) -> Id {
        Id::from_bytes([n; 12])
    }

    fn hold(n: u8, quantity: u32) -> Command {
        Command::Hold {
            order: order(n),
            quantity: Quantity::new(quantity).unwrap(),
            replaces: None,
            revives: false,
        }
    }

    /// Runs commands on a stock of ten, and gives the numbers at the end with the last outcome.
    fn check(commands: &[Command], expected: (u64, u64, u64), last: Result<Option<Fate>, Refusal>) {
        let at = Circumstances {
            now: Timestamp::from_millis(0),
            by: None,
        };
        let open = Command::Open {
            product: PRODUCT,
            seller: SELLER,
            on_hand: 10,
        };
        let mut stock = Stock::decide(None, &open, &at).unwrap().change.unwrap().state;
        let mut outcome = Ok(None);
        for command in commands {
            let decision = Stock::decide(Some(&stock), command, &at);
            outcome = decision
                .as_ref()
                .map(|decision| decision.reply.fate)
                .map_err(|refusal| *refusal);
            if let Ok(Some(change)) = decision.map(|decision| decision.change) {
                stock = change.state;
            }
            let held: u64 = stock.holds().map(|(_, quantity)| u64::from(quantity)).sum();
            assert_eq!(held, stock.count().reserved, "after {command:?}");
            assert_eq!(stock.count().received, 10, "after {command:?}");
        }
        let count = stock.count();
        assert_eq!(
            (count.on_hand, count.reserved, count.sold),
            expected,
            "{commands:?}"
        );
        assert_eq!(outcome, last, "{commands:?}");
    }

    #[test]
    fn a_hold_is_kept_once_however_often_it_is_asked() {
        check(&[hold(1, 4), hold(1, 4)], (10, 4, 0), Ok(Some(Fate::Held)));
    }

    #[test]
    fn the_last_unit_is_held_for_one_of_two_orders() {
        let short = Refusal::Short {
            requested: 1,
            available: 0,
        };
        check(&[hold(1, 10), hold(2, 1)], (10, 10, 0), Err(short));
    }

    #[test]
    fn a_hold_after_its_release_is_refused() {
        let release = Command::Release { order: order(1) };
        check(
            &[release, hold(1, 4)],
            (10, 0, 0),
            Err(Refusal::Over(Fate::Released)),
        );
    }

    #[test]
    fn a_sale_moves_the_hold_once_and_its_return_moves_it_back_once() {
        let sell = Command::Sell { order: order(1) };
        let give_back = Command::Return { order: order(1) };
        check(
            &[hold(1, 4), sell.clone(), sell.clone()],
            (6, 0, 4),
            Ok(Some(Fate::Sold)),
        );
        check(
            &[hold(1, 4), sell, give_back.clone(), give_back],
            (10, 0, 0),
            Ok(Some(Fate::Returned)),
        );
    }

    #[test]
    fn an_order_that_replaces_another_takes_over_its_last_unit() {
        let takes_over = Command::Hold {
            order: order(2),
            quantity: Quantity::new(10).unwrap(),
            replaces: Some(order(1)),
            revives: false,
        };
        check(&[hold(1, 10), takes_over], (10, 10, 0), Ok(Some(Fate::Held)));
    }

    #[test]
    fn only_a_revival_holds_again_what_was_released() {
        let release = Command::Release { order: order(1) };
        let revive = Command::Hold {
            order: order(1),
            quantity: Quantity::new(4).unwrap(),
            replaces: None,
            revives: true,
        };
        check(&[hold(1, 4), release, revive], (10, 4, 0), Ok(Some(Fate::Held)));
    }

    #[test]
    fn a_stock_is_never_set_below_what_is_held() {
        let set = Command::Set { on_hand: 3 };
        check(
            &[hold(1, 4), set],
            (10, 4, 0),
            Err(Refusal::UnderReserved { reserved: 4 }),
        );
    }

    #[test]
    fn a_sale_that_was_never_held_is_not_made() {
        check(
            &[Command::Sell { order: order(1) }],
            (10, 0, 0),
            Ok(Some(Fate::Released)),
        );
    }
}
