//! A stock in the middle of a change, with the rows that go with it.

use super::rules::Wish;
use super::{Event, Fate, HOLDS, Hold, Reply, Share, Stock, TICKETS, Ticket};
use crate::domain::entity::{Decision, Key, RowChange};
use crate::domain::id::Id;

/// The stock as it will be, and its rows.
pub(super) struct Draft {
    stock: Stock,
    rows: Vec<RowChange>,
    /// Whether some of it could be bought before.
    could_be_bought: bool,
}

impl Draft {
    pub(super) fn new(stock: &Stock) -> Self {
        Self {
            stock: stock.clone(),
            rows: Vec::new(),
            could_be_bought: stock.count().available > 0,
        }
    }

    pub(super) fn open(&mut self, wish: &Wish, shared: Option<Share>) {
        let (order, quantity) = (wish.order, wish.quantity.get());
        let known = self.stock.closed.remove_mut(&order);
        let already = shared.map_or(0, |both| both.quantity);
        self.stock.reserved += u64::from(quantity - already);
        self.keep(Hold {
            order,
            quantity,
            shared,
            revived: wish.revives,
        });
        if let Some((mut other, both)) = shared.and_then(|both| Some((self.hold(both.with)?, both))) {
            other.shared = Some(Share { with: order, ..both });
            self.keep(other);
        }
        let ticket = Ticket {
            order,
            quantity,
            fate: Fate::Held,
            closed: false,
        };
        let key = self.key(order);
        self.rows.push(if known {
            RowChange::put(&TICKETS, key, &ticket)
        } else {
            RowChange::insert(&TICKETS, key, &ticket)
        });
    }

    pub(super) fn close(&mut self, order: Id, fate: Fate) {
        let held = self.stock.holds.get(&order).copied();
        self.stock.holds.remove_mut(&order);
        let was = held.map(|hold| hold.quantity);
        let sold = || self.stock.closed.get(&order).map(|ticket| ticket.quantity);
        let Some(quantity) = was.or_else(sold) else { return };
        if let Some(hold) = held {
            self.rows.push(RowChange::delete(&HOLDS, self.key(order)));
            self.leave(hold, fate);
        }
        let count = u64::from(quantity);
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
        self.remember(Ticket {
            order,
            quantity,
            fate,
            closed: fate == Fate::Released && held.is_some_and(|hold| hold.revived),
        });
    }

    /// What was given back stays so, whoever still means to hold it anew.
    pub(super) fn close_for_good(&mut self, order: Id) {
        if let Some(ticket) = self.stock.closed.get(&order).copied() {
            let closed = true;
            self.remember(Ticket { closed, ..ticket });
        }
    }

    fn remember(&mut self, ticket: Ticket) {
        self.stock.remember(ticket);
        let key = self.key(ticket.order);
        self.rows.push(RowChange::put(&TICKETS, key, &ticket));
    }

    /// Takes a hold out of what is reserved. What it shares stays with the other order, unless
    /// these very units are sold.
    fn leave(&mut self, hold: Hold, fate: Fate) {
        let sold = fate == Fate::Sold;
        let shared = hold.shared.map_or(0, |both| both.quantity);
        let gone = if sold {
            hold.quantity
        } else {
            hold.quantity - shared
        };
        self.stock.reserved -= u64::from(gone);
        if let Some(mut other) = hold.shared.and_then(|share| self.hold(share.with)) {
            other.shared = None;
            other.quantity -= if sold { shared } else { 0 };
            self.keep(other);
        }
    }

    pub(super) fn refuse_for_ever(&mut self, order: Id) {
        let ticket = Ticket {
            order,
            quantity: 0,
            fate: Fate::Released,
            closed: false,
        };
        self.stock.remember(ticket);
        self.rows
            .push(RowChange::insert(&TICKETS, self.key(order), &ticket));
    }

    pub(super) fn done(self, fate: Fate) -> Decision<Stock> {
        let count = self.stock.count();
        let reply = Reply {
            count,
            fate: Some(fate),
        };
        let mut decision = Decision::change(self.stock.counted(), reply);
        let available = count.available;
        if (available > 0) != self.could_be_bought {
            decision = decision.event(Event::Turned { available });
        }
        self.rows.into_iter().fold(decision, Decision::row)
    }

    fn hold(&self, order: Id) -> Option<Hold> {
        self.stock.holds.get(&order).copied()
    }

    fn keep(&mut self, hold: Hold) {
        self.stock.holds.insert_mut(hold.order, hold);
        self.rows
            .push(RowChange::put(&HOLDS, self.key(hold.order), &hold));
    }

    fn key(&self, order: Id) -> Key {
        Key::Part(self.stock.product, order.to_string())
    }
}
