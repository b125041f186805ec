//! A buyer's cart. It reserves nothing; it remembers what is wanted, and which order was made
//! of it, so that a second click finds the first one's order.

mod check_out;
mod refusal;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::domain::collection::Collection;
use crate::domain::entity::{self, Circumstances, Decision, Entity};
use crate::domain::id::Id;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::quantity::{NoQuantity, Quantity};
use crate::domain::time::Timestamp;

pub use check_out::{CheckOut, Lack, Ordered, Over};
pub use refusal::Refusal;

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
        over: Option<Over>,
        /// What there is too little of, if somebody has looked.
        lack: Option<Lack>,
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
            Command::CheckOut { order, over, lack } => {
                return cart.check_out(*order, *over, lack.as_ref());
            }
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

    /// How often its lines have changed.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is in it.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
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

    /// What was put in since the order was made stays in.
    fn bought(&mut self, order: Id, lines: &[(Id, Quantity)]) -> bool {
        match &mut self.ordered {
            Some(last) if last.order == order => self.ordered = None,
            Some(last) if last.earlier.contains(&order) => last.earlier.retain(|one| *one != order),
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
