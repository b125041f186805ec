//! The first step of a checkout: the order is written down with the prices of this moment, and
//! with the order that it is to take the place of.

use super::{Checkout, NoOrder, Wanted};
use crate::actors::ask::{Ask, AskError};
use crate::actors::holds::Way;
use crate::actors::orders::Seen;
use crate::actors::stuck::Stuck;
use crate::domain::cart::{self, Cart, CheckOut};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order::{self, Command, Line, Parcel, Placement, PriceChange, Shortage, Status};

/// A chain of orders that were each to take the place of the one before is short: each knows the
/// last one that stood.
const CHAIN_MAX: usize = 16;

/// What there was before an order that is about to be placed.
enum Before {
    /// Nothing that still stands.
    Nothing,
    /// An order that it is to take the place of.
    Order(Id),
    /// An order that has been paid since, whose goods the cart still held when it was asked.
    Bought,
}

/// What a cart comes to at this moment.
#[derive(Default)]
pub(super) struct Priced {
    pub(super) lines: Vec<Line>,
    price_changes: Vec<PriceChange>,
    pub(super) gone: Vec<Shortage>,
}

impl Checkout {
    pub(super) async fn place(
        &self,
        wanted: &Wanted,
        cart: &Cart,
        (checkout, holder): (&CheckOut, Id),
    ) -> Result<Seen, NoOrder> {
        let priced = self.price(cart).await?;
        wanted.agrees(&priced.lines)?;
        let replaces = match self.replaced(wanted.buyer, checkout).await? {
            Before::Nothing => None,
            Before::Order(id) => Some(id),
            Before::Bought => {
                // What is in this cart was paid for meanwhile: it is looked at again.
                self.forestalled(wanted.buyer, checkout.order).await?;
                return Err(NoOrder::Order(refused(order::Refusal::Over)));
            }
        };
        let placement = Placement {
            id: checkout.order,
            user: wanted.buyer,
            lines: priced.lines,
            gone: priced.gone,
            price_changes: priced.price_changes,
            terms: self.terms,
            address: wanted.address.clone(),
            replaces,
            holder,
        };
        let now = self.orders.owners().engine().now(Some(wanted.buyer));
        let ask = Ask::new(Command::Place(Box::new(placement)), now);
        Ok(self.orders.ask(checkout.order, ask).await?)
    }

    pub(super) async fn price(&self, cart: &Cart) -> Result<Priced, NoOrder> {
        let mut priced = Priced::default();
        for line in cart.lines() {
            match self.products.snapshot(line.product).await? {
                Some(snapshot) => {
                    let product = &snapshot.product;
                    priced.take(
                        line,
                        (product.seller, &product.listing.title),
                        product.listing.price,
                    );
                }
                None => priced.gone.push(Shortage {
                    product_id: line.product,
                    requested: line.quantity.get(),
                    available: 0,
                }),
            }
        }
        // As an order keeps them, so that what is shown before and after can be compared.
        priced.lines.sort_by_key(|line| line.product);
        Ok(priced)
    }

    /// The order that this one takes the place of: the last one before it that stands.
    async fn replaced(&self, buyer: Id, checkout: &CheckOut) -> Result<Before, Stuck> {
        let mut earlier = checkout.earlier.iter().copied();
        let mut candidate = earlier.next();
        for _ in 0..CHAIN_MAX {
            let Some(id) = candidate else {
                return Ok(Before::Nothing);
            };
            let order = self.settled(buyer, id).await?.order;
            if !order.is_over() {
                // What the cart does not know of any more was taken out of it before.
                let known = checkout.earlier.contains(&id);
                return Ok(match order.status {
                    Some(Status::Pending) => Before::Order(id),
                    _ if known => Before::Bought,
                    _ => Before::Nothing,
                });
            }
            if order.may_revive() && !self.is_closed(buyer, id).await? {
                continue; // it has just been paid after all
            }
            if order.stood() {
                return Ok(Before::Nothing); // what it took the place of was over before it stood
            }
            candidate = order.replaces.or_else(|| earlier.next());
        }
        Ok(Before::Nothing)
    }

    /// Sees to it that an order that has expired stays so, now that there is a newer one.
    async fn is_closed(&self, user: Id, id: Id) -> Result<bool, Stuck> {
        match self
            .orders
            .tell(id, Command::Supersede { id, user }, Some(user))
            .await
        {
            Ok(_) => Ok(true),
            Err(AskError::Refused { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// An earlier order of the buyer with nothing left to do. One that was never placed never
    /// will be: whoever was about to place it finds the cart's newer order instead.
    async fn settled(&self, buyer: Id, id: Id) -> Result<Seen, Stuck> {
        let seen = match self.orders.see(id).await? {
            Some(seen) => seen,
            None => self.forestalled(buyer, id).await?,
        };
        self.drive(seen, Way::Runtime).await
    }

    /// An order that is never placed from now on, or as it is if it was.
    pub(super) async fn forestalled(&self, buyer: Id, id: Id) -> Result<Seen, Stuck> {
        let never = Command::Forestall { id, user: buyer };
        Ok(self.orders.tell(id, never, Some(buyer)).await?)
    }
}

fn refused<R>(refusal: R) -> AskError<R> {
    AskError::Refused {
        refusal,
        replayed: false,
    }
}

impl Priced {
    fn take(&mut self, line: &cart::Line, (seller, title): (Id, &str), price: Money) {
        if price != line.price {
            self.price_changes.push(PriceChange {
                product_id: line.product,
                was: line.price,
                is: price,
            });
        }
        self.lines.push(Line {
            product: line.product,
            title: title.to_owned(),
            price,
            quantity: line.quantity,
            seller,
            parcel: Parcel::Packing,
        });
    }
}
