//! The rules of a stock: each an ordered list of early returns, then what must succeed.

use rpds::RedBlackTreeMapSync as PersistentMap;

use super::draft::Draft;
use super::{Event, Fate, Hold, ON_HAND_MAX, Refusal, Reply, Share, Stock, Ticket};
use crate::domain::entity::Decision;
use crate::domain::id::Id;
use crate::domain::quantity::Quantity;

/// How many closed tickets are remembered while the owner is awake.
const CLOSED_MAX: usize = 1_024;

impl Stock {
    /// Takes in what is known of a hold that is over. Forgetting one is no harm: it is found
    /// again when it comes in the way.
    pub(super) fn remember(&mut self, ticket: Ticket) {
        if self.closed.size() >= CLOSED_MAX {
            self.closed = PersistentMap::new_sync();
        }
        self.closed.insert_mut(ticket.order, ticket);
    }

    pub(super) fn open(seller: Id, product: Id, on_hand: u64) -> Result<Decision<Self>, Refusal> {
        if on_hand > ON_HAND_MAX {
            return Err(Refusal::OutOfRange);
        }
        let stock = Self {
            product,
            seller,
            on_hand,
            sold: 0,
            reserved: 0,
            available: on_hand,
            holds: PersistentMap::new_sync(),
            closed: PersistentMap::new_sync(),
        };
        let count = stock.count();
        let reply = Reply { count, fate: None };
        Ok(Decision::change(stock, reply).event(Event::Changed { count, seller }))
    }

    /// Whether there can be so many on hand as things stand.
    ///
    /// # Errors
    /// When more are promised, or it is more than a stock counts to.
    pub fn admit(&self, on_hand: u64) -> Result<(), Refusal> {
        if on_hand > ON_HAND_MAX {
            return Err(Refusal::OutOfRange);
        }
        if on_hand < self.reserved {
            return Err(Refusal::UnderReserved {
                reserved: self.reserved,
            });
        }
        Ok(())
    }

    pub(super) fn recount(&self, was: u64, on_hand: u64) -> Result<Decision<Self>, Refusal> {
        if self.on_hand != was {
            let on_hand = self.on_hand;
            return Err(Refusal::Changed { on_hand });
        }
        self.set(Some(on_hand))
    }

    pub(super) fn set(&self, on_hand: Option<u64>) -> Result<Decision<Self>, Refusal> {
        let on_hand = on_hand.ok_or(Refusal::OutOfRange)?;
        self.admit(on_hand)?;
        let stock = Self {
            on_hand,
            ..self.clone()
        };
        let stock = stock.counted();
        let count = stock.count();
        let reply = Reply { count, fate: None };
        if on_hand == self.on_hand {
            return Ok(Decision::answer(reply));
        }
        let seller = self.seller;
        Ok(Decision::change(stock, reply).event(Event::Changed { count, seller }))
    }

    pub(super) fn hold(&self, wish: Wish) -> Result<Decision<Self>, Refusal> {
        match self.fate(wish.order) {
            Some(Fate::Held) => return Ok(self.answer(Fate::Held)), // asked twice: one hold
            Some(Fate::Released) if wish.revives && !self.is_closed(wish.order) => {}
            Some(fate) => return Err(Refusal::Over(fate)),
            None => {}
        }
        let (requested, share) = (wish.quantity.get(), self.share(wish));
        let shared = share.map_or(0, |share| share.quantity);
        let available = self.count().available + u64::from(shared);
        if available < u64::from(requested) {
            return Err(Refusal::Short { requested, available });
        }
        // After this point the hold must succeed.
        let mut draft = Draft::new(self);
        draft.open(&wish, share);
        Ok(draft.done(Fate::Held))
    }

    /// What the order can share with the one that it is to take the place of.
    fn share(&self, wish: Wish) -> Option<Share> {
        let partner = wish.replaces.filter(|old| *old != wish.order)?;
        let hold = self.holds.get(&partner).filter(|hold| hold.shared.is_none())?;
        let quantity = hold.quantity.min(wish.quantity.get());
        (quantity > 0).then_some(Share {
            with: partner,
            quantity,
        })
    }

    pub(super) fn release(&self, order: Id, revived: bool) -> Result<Decision<Self>, Refusal> {
        let newer = |hold: &Hold| hold.revived && !revived;
        if self.holds.get(&order).is_some_and(newer) {
            return Ok(self.answer(Fate::Released));
        }
        if revived && self.fate(order) == Some(Fate::Released) && !self.is_closed(order) {
            let mut draft = Draft::new(self);
            draft.close_for_good(order);
            return Ok(draft.done(Fate::Released));
        }
        self.end(order, Fate::Held, Fate::Released)
    }

    fn is_closed(&self, order: Id) -> bool {
        self.closed.get(&order).is_some_and(|ticket| ticket.closed)
    }

    /// Ends an order's hold. Every step may be asked twice, so a hold that has ended so before is
    /// an answer and not a refusal.
    pub(super) fn end(&self, order: Id, from: Fate, to: Fate) -> Result<Decision<Self>, Refusal> {
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
pub(super) struct Wish {
    pub(super) order: Id,
    pub(super) quantity: Quantity,
    pub(super) replaces: Option<Id>,
    pub(super) revives: bool,
}
