//! The tasks of an order, and how each is done: every step may be done twice, and beside each
//! hold stands its release, beside each sale its return.

use tracing::{error, warn};

use super::{Checkout, Stuck};
use crate::actors::ask::{Ask, AskError};
use crate::actors::orders::Seen;
use crate::domain::cart;
use crate::domain::id::Id;
use crate::domain::order::{self, Command, Line, Order, Shortage, Task};
use crate::domain::stock::{self, Fate, Refusal, Stock};

/// So many tasks follow one another at the most, even where others work on the same order.
const TASKS_MAX: usize = 16;

/// On whose account an order is driven on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A shopper's, who waits with the others where there is a crowd.
    Shopper,
    /// The runtime's own.
    Runtime,
}

type Driven = Result<Seen, Stuck>;

impl Checkout {
    /// Drives an order on until nothing is left to do for it.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn drive(&self, mut seen: Seen, way: Way) -> Driven {
        for _ in 0..TASKS_MAX {
            let order = &seen.order;
            seen = match order.task {
                None => return Ok(seen),
                Some(Task::Hold) => self.hold(order, way).await?,
                Some(Task::Release) => self.release(order).await?,
                Some(Task::Sell) => self.sell(order).await?,
                Some(Task::Return) => self.take_back(order).await?,
            };
        }
        error!(order = %seen.order.id, task = ?seen.order.task, "an order does not come to an end");
        Err(Stuck::Failed)
    }

    /// Holds all lines or finds out which ones are short. Then the order that this one takes the
    /// place of has its say: as long as that one is not over, this one does not stand.
    async fn hold(&self, order: &Order, way: Way) -> Driven {
        let mut short = Vec::new();
        for line in &order.lines {
            match self.hold_line(order, line, way, short.is_empty()).await? {
                Held::Yes => {}
                Held::Short(available) => short.push(Shortage {
                    product_id: line.product,
                    requested: line.quantity.get(),
                    available,
                }),
                Held::Over => return self.look_again(order.id).await,
            }
        }
        if !short.is_empty() {
            return Ok(self.tell(order, Command::Short(short)).await?);
        }
        let Some(old) = order.replaces else {
            return self.stand(order).await;
        };
        let user = order.user;
        match self
            .orders
            .tell(old, Command::Supersede { id: old, user }, Some(user))
            .await
        {
            Ok(superseded) => {
                let stands = self.stand(order).await?;
                self.release_soon(superseded).await;
                Ok(stands)
            }
            // It is being paid at this moment, and keeps what it holds.
            Err(AskError::Refused { .. }) => {
                let never = Command::Supersede { id: order.id, user };
                Ok(self.tell(order, never).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn stand(&self, order: &Order) -> Driven {
        match self.tell(order, Command::Held).await {
            Err(AskError::Refused { .. }) => self.look_again(order.id).await,
            seen => Ok(seen?),
        }
    }

    /// Gives back what the replaced order does not leave to the new one. The new one stands
    /// whatever comes of it, and who looks after due orders finds the old one too.
    async fn release_soon(&self, old: Seen) {
        if old.order.task == Some(Task::Release)
            && let Err(stuck) = self.release(&old.order).await
        {
            warn!(order = %old.order.id, %stuck, "its holds are given back later");
        }
    }

    async fn hold_line(&self, order: &Order, line: &Line, way: Way, asks: bool) -> Result<Held, Stuck> {
        if !asks {
            return self.look(line).await; // it is given back anyway
        }
        let hold = stock::Command::Hold {
            order: order.id,
            quantity: line.quantity,
            replaces: order.replaces,
            revives: false,
        };
        let stocks = self.products.stocks();
        let ask = Ask::new(hold, stocks.engine().now(None));
        let held = match way {
            Way::Shopper => stocks.ask(line.product, ask).await,
            Way::Runtime => stocks.ask_as_runtime(line.product, ask).await,
        };
        match held {
            Ok(_) => Ok(Held::Yes),
            Err(AskError::Refused { refusal, .. }) => match refusal {
                Refusal::Short { available, .. } => Ok(Held::Short(available)),
                Refusal::Unknown => Ok(Held::Short(0)),
                Refusal::Over(_) => Ok(Held::Over),
                refusal @ (Refusal::UnderReserved { .. } | Refusal::OutOfRange) => {
                    error!(order = %order.id, %refusal, "a hold was refused that cannot be");
                    Err(Stuck::Failed)
                }
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn look(&self, line: &Line) -> Result<Held, Stuck> {
        let see = |stock: Option<&Stock>, _| stock.map_or(0, |stock| stock.count().available);
        let available = self.products.stocks().view(line.product, see).await?;
        Ok(if available < u64::from(line.quantity.get()) {
            Held::Short(available)
        } else {
            Held::Yes
        })
    }

    async fn release(&self, order: &Order) -> Driven {
        let id = order.id;
        for line in &order.lines {
            self.end(line, stock::Command::Release { order: id }, Fate::Released)
                .await?;
        }
        Ok(self.orders.tell(id, Command::Undone, None).await?)
    }

    async fn take_back(&self, order: &Order) -> Driven {
        let id = order.id;
        for line in &order.lines {
            self.end(line, stock::Command::Return { order: id }, Fate::Returned)
                .await?;
        }
        Ok(self.orders.tell(id, Command::Undone, None).await?)
    }

    async fn sell(&self, order: &Order) -> Driven {
        let id = order.id;
        for line in &order.lines {
            self.end(line, stock::Command::Sell { order: id }, Fate::Sold)
                .await?;
        }
        self.take_out_of_the_cart(order).await?;
        Ok(self.tell(order, Command::Sold).await?)
    }

    /// Ends an order's hold on one product. A product that never had a stock held nothing.
    async fn end(&self, line: &Line, command: stock::Command, wanted: Fate) -> Result<(), Stuck> {
        let stocks = self.products.stocks();
        let ask = Ask::new(command, stocks.engine().now(None));
        let fate = match stocks.ask_as_runtime(line.product, ask).await {
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
        error!(product = %line.product, ?fate, ?wanted, "a hold ended otherwise than its order says");
        Err(Stuck::Failed)
    }

    async fn take_out_of_the_cart(&self, order: &Order) -> Result<(), Stuck> {
        let bought = cart::Command::Bought {
            order: order.id,
            lines: order
                .lines
                .iter()
                .map(|line| (line.product, line.quantity))
                .collect(),
        };
        let carts = self.carts.owners();
        let ask = Ask::new(bought, carts.engine().now(Some(order.user)));
        carts.ask_as_runtime(order.user, ask).await?;
        Ok(())
    }

    async fn tell(&self, order: &Order, command: Command) -> Result<Seen, AskError<order::Refusal>> {
        self.orders.tell(order.id, command, Some(order.user)).await
    }

    /// Somebody else has driven the order on meanwhile.
    async fn look_again(&self, id: Id) -> Driven {
        self.orders.see(id).await?.ok_or(Stuck::Failed)
    }
}

/// What came of asking for one line.
enum Held {
    Yes,
    Short(u64),
    Over,
}
