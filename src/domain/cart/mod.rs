//! A buyer's cart. It reserves nothing; it remembers what is wanted, and which order was made
//! of it, so that a second click finds the first one's order.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::domain::collection::Collection;
use crate::domain::entity::{self, Circumstances, Decision, Entity};
use crate::domain::id::Id;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::quantity::{NoQuantity, Quantity};
use crate::domain::time::Timestamp;

static CARTS: Collection = Collection::plain("carts");

/// The most lines that a cart holds.
pub const LINES_MAX: usize = 100;

/// The cart of one buyer, under the buyer's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    user: Id,
    lines: Vec<Line>,
    /// Counts the changes of its lines, and nothing else: two equal revisions of a cart make the
    /// same order.
    revision: u64,
    ordered: Option<Ordered>,
    updated_at: Timestamp,
}

/// So many of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub product: Id,
    /// Its title when it was put in.
    pub title: String,
    /// Its price when it was put in; the order takes the one of its own moment.
    pub price: Money,
    /// How many.
    pub quantity: Quantity,
}

/// The order that was last made of the cart, and of which revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub order: Id,
    /// The revision of the cart.
    pub revision: u64,
    /// The order that was made before it, as long as that may still stand.
    pub before: Option<Id>,
}

/// What the catalogue says of a product at the moment of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product: Id,
    /// Its title.
    pub title: String,
    /// Its price.
    pub price: Money,
    /// How many can be bought.
    pub available: u64,
}

/// What is asked of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Puts in so many more.
    Add {
        /// Of what.
        offer: Offer,
        /// How many.
        quantity: Quantity,
    },
    /// Would put in what is not for sale. It is refused; but whoever repeats a request that was
    /// accepted when it still was for sale hears that answer again.
    AddUnknown,
    /// So many, no more and no fewer.
    SetQuantity {
        /// Of what.
        offer: Offer,
        /// How many.
        quantity: Quantity,
    },
    /// Takes a line out.
    Remove {
        /// Of what.
        product: Id,
    },
    /// Takes everything out.
    Clear,
    /// Makes an order of it, or finds the one that was made of it as it is.
    CheckOut {
        /// The id of the order, if one is to be made.
        order: Id,
        /// An order that is over, so that an unchanged cart makes a new one all the same.
        over: Option<Id>,
    },
    /// Takes out what was bought with an order.
    Bought {
        /// The order.
        order: Id,
        /// How many of what.
        lines: Vec<(Id, Quantity)>,
    },
}

/// What a cart answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The cart as it is now.
    pub cart: Cart,
    /// What a check-out came to.
    pub checkout: Option<CheckOut>,
}

/// What a check-out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOut {
    /// The order of the cart as it is.
    pub order: Id,
    /// The order that it takes the place of, if that still stands or comes to stand,
    pub replaces: Option<Id>,
    /// and the one before that, if it does not.
    pub before: Option<Id>,
}

/// Why a cart says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// The line is not there.
    #[error("this product is not in the cart")]
    NotInCart,
    /// Nobody sells it, or nobody does any more.
    #[error("There is no such product.")]
    NotForSale,
    /// Rupees and dollars have no sum.
    #[error("the cart holds prices in {}; check out or clear it first", .0.code())]
    OtherCurrency(Currency),
    /// Fewer are available.
    #[error("{available} are available, {requested} were asked for")]
    Short {
        /// How many there would be in the cart.
        requested: u32,
        /// How many can be bought.
        available: u64,
    },
    /// More than one line holds.
    #[error("{0}")]
    Quantity(#[from] NoQuantity),
    /// More lines than a cart holds.
    #[error("a cart holds at most 100 products")]
    Full,
    /// It would cost more than any amount.
    #[error("the cart would cost more than can be counted")]
    TooDear,
    /// There is nothing to order.
    #[error("the cart is empty")]
    Empty,
}

/// A cart tells nobody what is in it.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Cart {
    const KIND: &'static str = "cart";
    const COLLECTION: &'static Collection = &CARTS;

    type Command = Command;
    type Reply = Reply;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        let mut cart = match state {
            Some(cart) => cart.clone(),
            None => Self::empty(at),
        };
        let changed = match command {
            Command::Add { offer, quantity } => cart.add(offer, *quantity)?,
            Command::AddUnknown => return Err(Refusal::NotForSale),
            Command::SetQuantity { offer, quantity } => cart.set_quantity(offer, *quantity)?,
            Command::Remove { product } => cart.remove(*product)?,
            Command::Clear => !std::mem::take(&mut cart.lines).is_empty(),
            Command::CheckOut { order, over } => return cart.check_out(*order, *over),
            Command::Bought { order, lines } => cart.bought(*order, lines),
        };
        if !changed {
            return Ok(cart.unchanged());
        }
        cart.subtotal().map_err(|_| Refusal::TooDear)?;
        cart.revision += 1;
        cart.updated_at = at.now;
        Ok(cart.changed(None))
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Full // a cart has no unique index
    }
}

impl Cart {
    /// The cart of somebody who has never put anything in.
    #[must_use]
    pub fn empty(at: &Circumstances) -> Self {
        Self {
            user: at.by.unwrap_or(Id::from_bytes([0; 12])),
            lines: Vec::new(),
            revision: 0,
            ordered: None,
            updated_at: at.now,
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn user(&self) -> Id {
        self.user
    }

    /// What is in it.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The order that was last made of it.
    #[must_use]
    pub fn ordered(&self) -> Option<Id> {
        self.ordered.map(|last| last.order)
    }

    /// Whether it is another cart than the one that an order was last made of.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.ordered.is_none_or(|last| last.revision != self.revision)
    }

    /// The currency of its prices; none while it is empty.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.lines.first().map(|line| line.price.currency())
    }

    /// What all of it costs; nothing at all while it is empty.
    ///
    /// # Errors
    /// When the sum is larger than any amount.
    pub fn subtotal(&self) -> Result<Option<Money>, MoneyError> {
        let Some(currency) = self.currency() else {
            return Ok(None);
        };
        let add = |sum: Money, line: &Line| sum.plus(line.price.times(line.quantity.get())?);
        self.lines.iter().try_fold(Money::zero(currency), add).map(Some)
    }

    fn add(&mut self, offer: &Offer, quantity: Quantity) -> Result<bool, Refusal> {
        match self.line(offer.product).map(|line| line.quantity) {
            Some(already) => self.set_quantity(offer, already.plus(quantity)?),
            None => self.put(offer, quantity),
        }
    }

    fn put(&mut self, offer: &Offer, quantity: Quantity) -> Result<bool, Refusal> {
        if let Some(currency) = self
            .currency()
            .filter(|currency| *currency != offer.price.currency())
        {
            return Err(Refusal::OtherCurrency(currency));
        }
        enough(offer, quantity)?;
        if self.lines.len() >= LINES_MAX {
            return Err(Refusal::Full);
        }
        self.lines.push(Line {
            product: offer.product,
            title: offer.title.clone(),
            price: offer.price,
            quantity,
        });
        Ok(true)
    }

    fn set_quantity(&mut self, offer: &Offer, quantity: Quantity) -> Result<bool, Refusal> {
        let others = self.lines.iter().filter(|line| line.product != offer.product);
        let currency = others.map(|line| line.price.currency()).next();
        let line = self.line(offer.product).ok_or(Refusal::NotInCart)?;
        if quantity > line.quantity {
            enough(offer, quantity)?;
        }
        if line.quantity == quantity {
            return Ok(false);
        }
        line.quantity = quantity;
        // The price is brought up to date, unless the seller has changed its currency meanwhile
        // and it no longer goes with the rest.
        if currency.is_none_or(|currency| currency == offer.price.currency()) {
            line.price = offer.price;
        }
        Ok(true)
    }

    fn remove(&mut self, product: Id) -> Result<bool, Refusal> {
        let before = self.lines.len();
        self.lines.retain(|line| line.product != product);
        if self.lines.len() == before {
            return Err(Refusal::NotInCart);
        }
        Ok(true)
    }

    fn check_out(mut self, order: Id, over: Option<Id>) -> Result<Decision<Self>, Refusal> {
        let last = self.ordered;
        let stands = last.filter(|last| Some(last.order) != over);
        let same = |last: &Ordered| last.order == order || last.revision == self.revision;
        if let Some(found) = stands.filter(same) {
            let checkout = CheckOut {
                order: found.order,
                replaces: found.before,
                before: None,
            };
            return Ok(Decision::answer(self.reply(Some(checkout))));
        }
        if self.lines.is_empty() {
            return Err(Refusal::Empty);
        }
        let earlier = last.and_then(|last| last.before);
        self.ordered = Some(Ordered {
            order,
            revision: self.revision,
            before: stands.map(|last| last.order).or(earlier),
        });
        let checkout = CheckOut {
            order,
            replaces: last.map(|last| last.order),
            before: earlier,
        };
        Ok(self.changed(Some(checkout)))
    }

    /// What was put in since the order was made stays in.
    fn bought(&mut self, order: Id, lines: &[(Id, Quantity)]) -> bool {
        match &mut self.ordered {
            Some(last) if last.order == order => self.ordered = None,
            Some(last) if last.before == Some(order) => last.before = None,
            _ => return false, // taken out before, or an order of a cart long gone
        }
        for (product, bought) in lines {
            if let Some(line) = self.line(*product) {
                match Quantity::new(line.quantity.get().saturating_sub(bought.get())) {
                    Ok(rest) => line.quantity = rest,
                    Err(NoQuantity) => self.lines.retain(|line| line.product != *product),
                }
            }
        }
        true
    }

    fn line(&mut self, product: Id) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.product == product)
    }

    fn reply(&self, checkout: Option<CheckOut>) -> Reply {
        let cart = self.clone();
        Reply { cart, checkout }
    }

    fn changed(self, checkout: Option<CheckOut>) -> Decision<Self> {
        let reply = self.reply(checkout);
        Decision::change(self, reply)
    }

    fn unchanged(&self) -> Decision<Self> {
        Decision::answer(self.reply(None))
    }
}

fn enough(offer: &Offer, quantity: Quantity) -> Result<(), Refusal> {
    let (requested, available) = (quantity.get(), offer.available);
    let enough = available >= u64::from(requested);
    let short = Refusal::Short { requested, available };
    enough.then_some(()).ok_or(short)
}
