//! What a buyer agrees to before he orders: it is shown to him, and whoever decides is told of it, so that
//! nothing else is ordered than what was shown, whatever happens in between.

use super::{Checkout, NoOrder, Wanted};
use crate::actors::ask::AskError;
use crate::actors::orders::Seen;
use crate::domain::cart::{self, Cart};
use crate::domain::id::Id;
use crate::domain::money::MoneyError;
use crate::domain::order::{self, Bill, Line, Status};
use crate::store::Version;

/// What an order of a cart would hold and cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The version of the cart.
    pub(super) cart: Version,
    /// What it would hold, at which prices.
    pub lines: Vec<Line>,
    /// What it would cost.
    pub bill: Bill,
}

impl Checkout {
    /// What an order of a buyer's cart would hold and cost at this moment. Where the cart as it is has
    /// been ordered before and is not paid, that is this order.
    ///
    /// # Errors
    /// See [`NoOrder`]: it would not come about.
    pub async fn quote(&self, buyer: Id) -> Result<Quote, NoOrder> {
        let (cart, version) = self.carts.see(buyer).await?;
        if cart.lines().is_empty() {
            return Err(NoOrder::Cart(refused(cart::Refusal::Empty)));
        }
        let (lines, bill) = match self.waiting(&cart).await? {
            Some(ordered) => ordered,
            None => self.priced(&cart).await?,
        };
        Ok(Quote {
            cart: version,
            lines,
            bill,
        })
    }

    async fn waiting(&self, cart: &Cart) -> Result<Option<(Vec<Line>, Bill)>, NoOrder> {
        let Some(last) = cart.ordered().filter(|_| !cart.has_changed()) else {
            return Ok(None);
        };
        let waits = |seen: &Seen| seen.order.status == Some(Status::Pending);
        let found = self.orders.see(last).await?.filter(waits);
        Ok(found.and_then(|seen| Some((seen.order.lines, seen.order.bill?))))
    }

    async fn priced(&self, cart: &Cart) -> Result<(Vec<Line>, Bill), NoOrder> {
        let priced = self.price(cart).await?;
        if !priced.gone.is_empty() {
            return Err(NoOrder::Short {
                lines: priced.gone,
                replayed: false,
            });
        }
        let bill = Bill::of(&priced.lines, &self.terms).map_err(|error| match error {
            MoneyError::Mixed => refused(order::Refusal::Mixed),
            _ => refused(order::Refusal::TooLarge),
        })?;
        Ok((priced.lines, bill))
    }
}

impl Wanted {
    /// Whether an order of these lines is what was agreed to, if anything was.
    pub(super) fn agrees(&self, lines: &[Line]) -> Result<(), NoOrder> {
        match &self.agreed {
            Some(quote) if quote.lines != lines => Err(NoOrder::Changed),
            _ => Ok(()),
        }
    }
}

fn refused<R>(refusal: R) -> AskError<R> {
    AskError::Refused {
        refusal,
        replayed: false,
    }
}
