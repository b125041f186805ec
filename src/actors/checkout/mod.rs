//! From a cart to an order that stands. The cart decides which order it makes, so that two clicks
//! meet at one; the order says what is to be done for it; and every step may be done twice, so
//! whoever finds an order half-way, after a crash or beside somebody else, drives it on.

mod agreeing;
mod outcome;
mod placing;
mod sold_out;
mod steps;

use super::alarm::Alarm;
use super::ask::{Answer, Ask, AskError, Once};
use super::carts::Carts;
use super::due::Due;
use super::holds::{Holds, Way};
use super::orders::{Orders, Seen};
use super::payments::Payments;
use super::products::Products;
use super::stuck::Stuck;
use crate::domain::cart::{self, Cart, Lack, Over};
use crate::domain::collection::Collection;
use crate::domain::id::Id;
use crate::domain::order::{self, Address, Authority, Command, ORDERS, Order, Status, Terms};

pub use agreeing::Quote;
pub use outcome::{NoOrder, Placed};

/// So often does a request follow orders that turn out to be over before it gives up.
const ATTEMPTS: u8 = 4;

/// The way from carts to orders. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Checkout {
    carts: Carts,
    orders: Orders,
    payments: Payments,
    products: Products,
    holds: Holds,
    terms: Terms,
}

/// What somebody gives who wants to order the cart.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Who it is.
    pub buyer: Id,
    /// The id of the order, if one is made.
    pub id: Id,
    /// To take effect once.
    pub once: Option<Once>,
    /// Where it goes, if that is known.
    pub address: Option<Address>,
    /// What the buyer has agreed to, if he was asked: then this is ordered and nothing else.
    pub agreed: Option<Quote>,
}

/// What is known before the cart is asked: an order of it that is over, and what there is too
/// little of.
type Known = (Option<Over>, Option<Lack>);

/// What an attempt came to.
enum Attempt {
    Done(Box<Placed>),
    /// The order that was found is over, and the cart is to make another one.
    Over(Over),
}

impl Checkout {
    /// A way on which orders are made on these terms.
    #[must_use]
    pub fn new(
        carts: Carts,
        (orders, payments): (Orders, Payments),
        products: Products,
        terms: Terms,
    ) -> Self {
        Self {
            carts,
            orders,
            payments,
            holds: Holds::new(products.stocks().clone()),
            products,
            terms,
        }
    }

    /// The orders.
    #[must_use]
    pub fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Makes an order of a buyer's cart, or finds the one that was made of it as it is.
    ///
    /// # Errors
    /// See [`NoOrder`].
    pub async fn order(&self, wanted: &Wanted) -> Result<Placed, NoOrder> {
        let (cart, _) = self.carts.see(wanted.buyer).await?;
        let mut over = self.last_if_over(wanted.buyer, &cart).await?;
        let lack = self.lack(&cart, over).await?;
        for attempt in 0..ATTEMPTS {
            match self.attempt(wanted, attempt, (over, lack.clone())).await? {
                Attempt::Done(placed) => return Ok(*placed),
                Attempt::Over(_) if wanted.agreed.is_some() => return Err(NoOrder::Changed),
                Attempt::Over(order) => over = Some(order),
            }
        }
        Err(Stuck::Unavailable("the cart is ordered again and again".into()).into())
    }

    async fn attempt(&self, wanted: &Wanted, attempt: u8, known: Known) -> Result<Attempt, NoOrder> {
        let order = nth(wanted.id, attempt);
        let asked = self.check_out(wanted, attempt, known).await?;
        let Some(checkout) = asked.reply.checkout else {
            return Err(Stuck::Failed.into());
        };
        let (created, replayed) = (checkout.order == order, asked.replayed);
        let found = if created && !replayed {
            None // nobody has heard of it yet
        } else {
            self.orders.see(checkout.order).await?
        };
        let holder = self.orders.owners().engine().id();
        let seen = match found {
            Some(seen) => seen,
            None => match self.place(wanted, &asked.reply.cart, (&checkout, holder)).await {
                Err(NoOrder::Order(AskError::Refused {
                    refusal: order::Refusal::Over,
                    ..
                })) => {
                    // It was kept out before it came, so nothing can come of it.
                    return Ok(Attempt::Over(Over {
                        order: checkout.order,
                        may_revive: false,
                        gives_back: false,
                    }));
                }
                placed => placed?,
            },
        };
        let seen = self.drive_as(Some(holder), seen, Way::Shopper).await?;
        let placed = Placed {
            seen,
            created,
            replayed,
        };
        self.judge(wanted, attempt, placed).await
    }

    /// Whether what was found answers the request.
    async fn judge(&self, wanted: &Wanted, attempt: u8, placed: Placed) -> Result<Attempt, NoOrder> {
        let Placed {
            seen,
            created,
            replayed,
        } = &placed;
        let order = &seen.order;
        if !order.is_over() {
            wanted.agrees(&order.lines)?;
            return Ok(Attempt::Done(Box::new(placed)));
        }
        if let Some(refusal) = order.refused.filter(|_| *created) {
            let replayed = *replayed;
            return Err(NoOrder::Order(AskError::Refused { refusal, replayed }));
        }
        if *created && !order.short.is_empty() {
            return Err(NoOrder::Short {
                lines: order.short.clone(),
                replayed: *replayed,
            });
        }
        if !order.stood() {
            return Ok(Attempt::Over(Over::of(order)));
        }
        // It stood, and is over by now. That answers whoever made it, and whoever repeats a
        // request that found it when it still stood.
        let answers = *created || (*replayed && !self.was_followed(wanted, attempt).await?);
        Ok(if answers {
            Attempt::Done(Box::new(placed))
        } else {
            Attempt::Over(Over::of(order))
        })
    }

    async fn was_followed(&self, wanted: &Wanted, attempt: u8) -> Result<bool, NoOrder> {
        let next = self.orders.see(nth(wanted.id, attempt + 1)).await?;
        Ok(next.is_some())
    }

    async fn check_out(
        &self,
        wanted: &Wanted,
        attempt: u8,
        (over, lack): Known,
    ) -> Result<Answer<cart::Reply>, AskError<cart::Refusal>> {
        let command = cart::Command::CheckOut {
            order: nth(wanted.id, attempt),
            over,
            lack,
        };
        let once = wanted.once.clone().map(|once| Once {
            key: format!("{}/{attempt}", once.key),
            ..once
        });
        let now = self.carts.owners().engine().now(Some(wanted.buyer));
        let agreed = wanted.agreed.as_ref().map(|quote| vec![quote.cart]);
        let ask = Ask::new(command, now).once(once).if_match(agreed);
        self.carts.ask(wanted.buyer, ask).await
    }

    /// The order that was last made of a cart, if it is over.
    async fn last_if_over(&self, buyer: Id, cart: &Cart) -> Result<Option<Over>, NoOrder> {
        let Some(last) = cart.ordered() else {
            return Ok(None);
        };
        let if_over = |order: &Order| order.is_over().then(|| Over::of(order));
        let see = move |order: Option<&Order>, _| order.map(if_over);
        Ok(match self.orders.owners().view(last, see).await? {
            Some(over) => over,
            // Whoever was to place it did not come to that, and what came before it must not be
            // forgotten for it. As long as the cart is the same, this request may place it.
            None if cart.has_changed() => if_over(&self.forestalled(buyer, last).await?.order),
            None => None,
        })
    }

    /// Cancels an order, and gives back what it held or had bought.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn cancel(
        &self,
        id: Id,
        by: Authority,
        ask: impl FnOnce(Command) -> Ask<Order>,
    ) -> Result<Answer<Order>, AskError<order::Refusal>> {
        let mut answer = self.orders.owners().ask(id, ask(Command::Cancel { by })).await?;
        // It is cancelled, come what may; what is still to be done for it can wait for the store.
        if let Ok(done) = self.drive(Seen::from(answer.clone()), Way::Runtime).await {
            (answer.reply, answer.version) = (done.order, done.version);
        }
        Ok(answer)
    }

    /// Says how far parcels of an order have come.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn advance(&self, id: Id, ask: Ask<Order>) -> Result<Seen, AskError<order::Refusal>> {
        let seen = self.orders.ask(id, ask).await?;
        // They have come so far, whatever is still to be done about it.
        Ok(self.drive(seen.clone(), Way::Runtime).await.unwrap_or(seen))
    }
}

impl Due for Checkout {
    const NAME: &'static str = "due orders";
    const COLLECTION: &'static Collection = &ORDERS;

    fn alarm(&self) -> &Alarm {
        self.orders.alarm()
    }

    /// Does what is due for an order, be it that its time is over.
    async fn look_after(&self, id: Id) -> Result<(), Stuck> {
        let Some(mut seen) = self.orders.see(id).await? else {
            return Ok(());
        };
        if seen.order.status == Some(Status::Pending) && seen.order.task.is_none() {
            seen = match self.orders.tell(id, Command::Expire, None).await {
                Err(AskError::Refused { .. }) => return Ok(()), // not yet
                seen => seen?,
            };
        }
        self.drive(seen, Way::Runtime).await.map(drop)
    }
}

/// The id of the n-th order that a request makes, where the ones before it came to nothing.
fn nth(first: Id, n: u8) -> Id {
    let mut bytes = first.bytes();
    bytes[11] = bytes[11].wrapping_add(n);
    Id::from_bytes(bytes)
}
