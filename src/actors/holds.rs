//! What orders and reservations ask of stocks: to hold a line, and to end what was held. Each may
//! be asked twice.

use tracing::error;

use super::ask::{Ask, AskError};
use super::owners::Owners;
use super::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::quantity::Quantity;
use crate::domain::stock::{Command, Fate, Refusal, Stock};

/// The way to the stocks. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Holds {
    stocks: Owners<Stock>,
}

/// One line that is to be held.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// For which order.
    pub order: Id,
    /// Of which product.
    pub product: Id,
    /// How many.
    pub quantity: Quantity,
    /// The order that this one is to take the place of.
    pub replaces: Option<Id>,
    /// Whether it was held before, until the order expired.
    pub revives: bool,
}

/// What came of asking for one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is held.
    Yes,
    /// So many are available, and that is too few.
    Short(u64),
    /// What was held for this order has ended before.
    Over,
}

/// On whose account something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A shopper's, who waits with the others where there is a crowd.
    Shopper,
    /// The runtime's own.
    Runtime,
}

impl Holds {
    /// The way to these stocks.
    #[must_use]
    pub fn new(stocks: Owners<Stock>) -> Self {
        Self { stocks }
    }

    /// Holds a line.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn hold(&self, line: Line, way: Way) -> Result<Held, Stuck> {
        let command = Command::Hold {
            order: line.order,
            quantity: line.quantity,
            replaces: line.replaces,
            revives: line.revives,
        };
        let ask = Ask::new(command, self.stocks.engine().now(None));
        let held = match way {
            Way::Shopper => self.stocks.ask(line.product, ask).await,
            Way::Runtime => self.stocks.ask_as_runtime(line.product, ask).await,
        };
        match held {
            Ok(_) => Ok(Held::Yes),
            Err(AskError::Refused { refusal, .. }) => match refusal {
                Refusal::Short { available, .. } => Ok(Held::Short(available)),
                Refusal::Unknown => Ok(Held::Short(0)),
                Refusal::Over(_) => Ok(Held::Over),
                refusal @ (Refusal::UnderReserved { .. } | Refusal::OutOfRange | Refusal::Changed { .. }) => {
                    error!(order = %line.order, %refusal, "a hold was refused that cannot be");
                    Err(Stuck::Failed)
                }
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a line could be held at this moment, for whoever needs no more than the number.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn look(&self, product: Id, quantity: Quantity) -> Result<Held, Stuck> {
        let see = |stock: Option<&Stock>, _| stock.map_or(0, |stock| stock.count().available);
        let available = self.stocks.view(product, see).await?;
        let enough = available >= u64::from(quantity.get());
        Ok(if enough { Held::Yes } else { Held::Short(available) })
    }

    /// Gives back what is held of a product for an order. Nothing is held for it any more, unless
    /// it was revived since.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn release(&self, product: Id, order: Id, revived: bool) -> Result<(), Stuck> {
        let release = Command::Release { order, revived };
        self.end(product, release, Fate::Released).await
    }

    /// Turns what is held of a product for an order into a sale.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn sell(&self, product: Id, order: Id) -> Result<(), Stuck> {
        self.end(product, Command::Sell { order }, Fate::Sold).await
    }

    /// Takes back what was sold of a product to an order.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn take_back(&self, product: Id, order: Id) -> Result<(), Stuck> {
        self.end(product, Command::Return { order }, Fate::Returned).await
    }

    /// A product that never had a stock held nothing.
    async fn end(&self, product: Id, command: Command, wanted: Fate) -> Result<(), Stuck> {
        let ask = Ask::new(command, self.stocks.engine().now(None));
        let fate = match self.stocks.ask_as_runtime(product, ask).await {
            Ok(answer) => answer.reply.fate,
            Err(AskError::Refused { refusal, .. }) => match refusal {
                Refusal::Unknown => return Ok(()),
                Refusal::Over(fate) => Some(fate),
                _ => None,
            },
            Err(error) => return Err(error.into()),
        };
        if fate == Some(wanted) {
            return Ok(());
        }
        error!(%product, ?fate, ?wanted, "a hold ended otherwise than its order says");
        Err(Stuck::Failed)
    }
}
