//! The tasks of an order, and how each is done: every step may be done twice, and beside each
//! hold stands its release, beside each sale its return.

use futures_util::future::{try_join, try_join_all};
use tracing::{error, warn};

use super::Checkout;
use crate::actors::ask::{Ask, AskError};
use crate::actors::holds::{self, Held, Way};
use crate::actors::orders::Seen;
use crate::actors::stuck::Stuck;
use crate::domain::cart;
use crate::domain::id::Id;
use crate::domain::order::{self, Command, Order, Shortage, Task};
use crate::domain::payment;

/// So many tasks follow one another at the most, even where others work on the same order.
const TASKS_MAX: usize = 16;

type Driven = Result<Seen, Stuck>;

impl Checkout {
    /// Drives an order on until nothing is left to do for it.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn drive(&self, seen: Seen, way: Way) -> Driven {
        self.drive_as(None, seen, way).await
    }

    /// The same for whoever may be the one who placed it.
    pub(super) async fn drive_as(&self, mut holder: Option<Id>, mut seen: Seen, way: Way) -> Driven {
        for _ in 0..TASKS_MAX {
            let order = &seen.order;
            let holder = holder.take().filter(|holder| order.holder == Some(*holder));
            seen = match order.task {
                None => return Ok(seen),
                Some(Task::Hold) if holder.is_none() => Box::pin(self.hold_too(order, way)).await?,
                Some(Task::Hold) => self.hold(order, way, holder).await?,
                Some(Task::Release) => self.release(order).await?,
                Some(Task::Sell) => self.sell(order).await?,
                Some(Task::Return) => self.take_back(order).await?,
                Some(Task::Revive) => self.revive(order).await?,
                Some(Task::Settle) => self.settle(order).await?,
            };
        }
        error!(order = %seen.order.id, task = ?seen.order.task, "an order does not come to an end");
        Err(Stuck::Failed)
    }

    /// Holds what somebody else has begun to hold. Before that everybody can know of it, so that
    /// nobody takes what the own asks have come to for all that there is.
    async fn hold_too(&self, order: &Order, way: Way) -> Driven {
        let joined = self.tell(order, Command::Join).await?;
        if joined.order.task != Some(Task::Hold) {
            return Ok(joined);
        }
        self.hold(&joined.order, way, None).await
    }

    /// Holds all lines or finds out which ones are short. Then the order that this one takes the
    /// place of has its say: as long as that one is not over, this one does not stand.
    async fn hold(&self, order: &Order, way: Way, by: Option<Id>) -> Driven {
        let (mut short, mut taken) = (Vec::new(), Vec::new());
        for line in &order.lines {
            let wanted = holds::Line {
                order: order.id,
                product: line.product,
                quantity: line.quantity,
                replaces: order.replaces,
                revives: false,
            };
            let asked = short.is_empty();
            let held = if asked {
                self.holds.hold(wanted, way).await?
            } else {
                self.holds.look(line.product, line.quantity).await? // it would be given back anyway
            };
            match held {
                Held::Yes if asked => taken.push(line.product),
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
            let lines = short;
            return Ok(self.tell(order, Command::Short { lines, by, taken }).await?);
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

    async fn release(&self, order: &Order) -> Driven {
        for line in order.lines_taken() {
            self.holds.release(line.product, order.id, order.revived).await?;
        }
        self.undone(order, Task::Release).await
    }

    async fn take_back(&self, order: &Order) -> Driven {
        for line in &order.lines {
            self.holds.take_back(line.product, order.id).await?;
        }
        self.tell_payment(order, payment::Command::Over).await?;
        self.undone(order, Task::Return).await
    }

    async fn undone(&self, order: &Order, task: Task) -> Driven {
        let revived = order.revived;
        let undone = Command::Undone { task, revived };
        Ok(self.orders.tell(order.id, undone, None).await?)
    }

    /// Holds all lines anew, if all of them are still to be had.
    async fn revive(&self, order: &Order) -> Driven {
        let mut short = Vec::new();
        for line in &order.lines {
            let wanted = holds::Line {
                order: order.id,
                product: line.product,
                quantity: line.quantity,
                replaces: None,
                revives: true,
            };
            match self.holds.hold(wanted, Way::Runtime).await? {
                Held::Yes => {}
                Held::Short(available) => short.push(Shortage {
                    product_id: line.product,
                    requested: line.quantity.get(),
                    available,
                }),
                Held::Over => return self.look_again(order.id).await,
            }
        }
        if short.is_empty() {
            return self.stand(order).await;
        }
        let (lines, by, taken) = (short, None, Vec::new());
        Ok(self.tell(order, Command::Short { lines, by, taken }).await?)
    }

    /// What comes with the goods has come.
    async fn settle(&self, order: &Order) -> Driven {
        self.tell_payment(order, payment::Command::Delivered).await?;
        Ok(self.orders.tell(order.id, Command::Settled, None).await?)
    }

    /// An order knows nothing of its payment but that there may be one.
    async fn tell_payment(&self, order: &Order, command: payment::Command) -> Result<(), Stuck> {
        match self.payments.tell(order.id, command, None).await {
            Ok(_) | Err(AskError::Refused { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What is held becomes sold in any order, because a hold does not fail any more: the stocks
    /// and the cart are told side by side, and their commits travel together.
    async fn sell(&self, order: &Order) -> Driven {
        let sales = order
            .lines
            .iter()
            .map(|line| self.holds.sell(line.product, order.id));
        try_join(try_join_all(sales), self.take_out_of_the_cart(order)).await?;
        Ok(self.tell(order, Command::Sold).await?)
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
