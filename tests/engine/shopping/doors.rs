//! The ways into a simulated market: two, where everything in it has two owners on one node, so
//! that two rounds of one thing may be in flight.

use bazaar::domain::id::Id;

use super::world::{HOLD, PRODUCTS};
use crate::support::market::Market;
use crate::support::node::id;
use crate::support::till::Till;

/// One way or two.
pub(super) struct Doors(Vec<Market>);

impl Doors {
    pub(super) fn of(market: &Market, till: &Till, overlapping: bool) -> Self {
        let second = overlapping.then(|| Market::paid_at(&market.engine, HOLD, till));
        Self([market.clone()].into_iter().chain(second).collect())
    }

    /// The way that a buyer takes. Whoever lives there has seen what was done elsewhere.
    pub(super) fn open(&self, buyer: u64, order: Option<Id>) -> &Market {
        let market = &self.0[usize::try_from(buyer).expect("a few") % self.0.len()];
        if self.0.len() > 1 {
            let newest = u64::MAX;
            (0..PRODUCTS).for_each(|product| market.products.stocks().stale(id(product), newest));
            if let Some(order) = order {
                market.checkout.orders().owners().stale(order, newest);
                market.paying.payments().owners().stale(order, newest);
            }
        }
        market
    }
}
