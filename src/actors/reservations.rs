//! The owners of reservations for orders of other systems, and how each is driven to its end.

use std::sync::Arc;
use std::time::Duration;

use super::alarm::Alarm;
use super::ask::{Answer, Ask, AskError, Once};
use super::crew::{Changed, Watcher};
use super::due::Due;
use super::engine::Engine;
use super::holds::{Held, Holds, Line, Way};
use super::owners::Owners;
use super::stuck::Stuck;
use crate::domain::collection::Collection;
use crate::domain::id::Id;
use crate::domain::order::Shortage;
use crate::domain::reservation::{Command, Item, RESERVATIONS, Refusal, Reservation, State};

/// So many steps follow one another at the most.
const STEPS_MAX: usize = 8;

/// All reservations. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Reservations {
    owners: Owners<Reservation>,
    holds: Holds,
    alarm: Alarm,
}

/// Why something was not reserved, or not given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReserved {
    /// The reservation says no.
    Refused(AskError<Refusal>),
    /// It could not be driven to its end now.
    Stuck(Stuck),
}

impl Reservations {
    /// The reservations on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>, holds: Holds) -> Self {
        let alarm = Alarm::default();
        let set = alarm.clone();
        let due: Watcher<Reservation> = Box::new(move |changed: &Changed<'_, Reservation>| {
            if let Some(due) = changed.state.due() {
                set.no_later_than(due);
            }
        });
        Self {
            owners: Owners::new(Arc::clone(engine), vec![due]),
            holds,
            alarm,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Reservation> {
        &self.owners
    }

    /// Keeps some items for an order of another system, all lines or none.
    ///
    /// # Errors
    /// See [`NotReserved`].
    pub async fn reserve(
        &self,
        order: Id,
        items: Vec<Item>,
        hold: Duration,
        (by, once): (Id, Option<Once>),
    ) -> Result<Answer<Reservation>, NotReserved> {
        let command = Command::Reserve {
            id: order,
            items,
            hold,
        };
        let ask = Ask::new(command, self.owners.engine().now(Some(by))).once(once);
        let mut answer = self.owners.ask(order, ask).await.map_err(NotReserved::Refused)?;
        let driven = self.drive(answer.reply, Way::Shopper).await;
        answer.reply = driven.map_err(NotReserved::Stuck)?;
        Ok(answer)
    }

    /// Gives back what was kept.
    ///
    /// # Errors
    /// See [`NotReserved`].
    pub async fn give_back(&self, order: Id, by: Id) -> Result<Answer<Reservation>, NotReserved> {
        let ask = Ask::new(Command::GiveBack, self.owners.engine().now(Some(by)));
        let mut answer = self.owners.ask(order, ask).await.map_err(NotReserved::Refused)?;
        let driven = self.drive(answer.reply, Way::Runtime).await;
        answer.reply = driven.map_err(NotReserved::Stuck)?;
        Ok(answer)
    }

    async fn drive(&self, mut kept: Reservation, way: Way) -> Result<Reservation, Stuck> {
        for _ in 0..STEPS_MAX {
            kept = match kept.state {
                State::Held | State::Over => return Ok(kept),
                State::Holding => self.hold(&kept, way).await?,
                State::Releasing => self.release(&kept).await?,
            };
        }
        Err(Stuck::Failed)
    }

    async fn hold(&self, kept: &Reservation, way: Way) -> Result<Reservation, Stuck> {
        let mut short = Vec::new();
        for item in &kept.items {
            let line = Line {
                order: kept.id,
                product: item.product_id,
                quantity: item.quantity,
                replaces: None,
                revives: false,
            };
            let held = if short.is_empty() {
                self.holds.hold(line, way).await?
            } else {
                self.holds.look(item.product_id, item.quantity).await?
            };
            match held {
                Held::Yes => {}
                Held::Short(available) => short.push(Shortage {
                    product_id: item.product_id,
                    requested: item.quantity.get(),
                    available,
                }),
                // Somebody else has given it back meanwhile.
                Held::Over => return self.tell(kept.id, Command::GiveBack).await,
            }
        }
        let came = if short.is_empty() {
            Command::Held
        } else {
            Command::Short(short)
        };
        self.tell(kept.id, came).await
    }

    async fn release(&self, kept: &Reservation) -> Result<Reservation, Stuck> {
        for item in &kept.items {
            self.holds.release(item.product_id, kept.id, false).await?;
        }
        self.tell(kept.id, Command::Released).await
    }

    async fn tell(&self, id: Id, command: Command) -> Result<Reservation, Stuck> {
        let ask = Ask::new(command, self.owners.engine().now(None));
        Ok(self.owners.ask_as_runtime(id, ask).await?.reply)
    }
}

impl Due for Reservations {
    const NAME: &'static str = "due reservations";
    const COLLECTION: &'static Collection = &RESERVATIONS;

    fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    async fn look_after(&self, id: Id) -> Result<(), Stuck> {
        let kept = self.tell(id, Command::Expire).await?;
        self.drive(kept, Way::Runtime).await.map(drop)
    }
}
