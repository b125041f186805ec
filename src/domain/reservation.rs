//! Stock that is kept for an order of somebody else's system: held under that order's id as an
//! order of ours holds it, for a while, all lines or none.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::order::Shortage;
use super::quantity::Quantity;
use super::time::Timestamp;

/// Where reservations are kept.
pub static RESERVATIONS: Collection = Collection::indexed("reservations", &[Index::on("due", &["due"])]);

/// Whoever gave a reservation something to do sees to it. After this somebody else does.
const PATIENCE: Duration = Duration::from_secs(5);

/// A reservation, under the id of the order that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The order's id.
    pub id: Id,
    /// What is kept, in the order of the products' ids.
    pub items: Vec<Item>,
    /// How it stands.
    pub state: State,
    /// What there was too little of.
    pub short: Vec<Shortage>,
    due: Option<Timestamp>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// So many of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The product.
    pub product_id: Id,
    /// How many.
    pub quantity: Quantity,
}

/// How a reservation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its stock is still to be held.
    Holding,
    /// Its stock is held.
    Held,
    /// What it held is still to be given back.
    Releasing,
    /// It is over.
    Over,
}

/// What is asked of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Keeps something.
    Reserve {
        /// The order's id.
        id: Id,
        /// What.
        items: Vec<Item>,
        /// For how long.
        hold: Duration,
    },
    /// All of it is held.
    Held,
    /// There was too little of something.
    Short(Vec<Shortage>),
    /// It is not needed any more.
    GiveBack,
    /// Its time is over, if that is so.
    Expire,
    /// What it held is given back.
    Released,
}

/// Why a reservation says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// There is none.
    #[error("There is no such reservation")]
    Unknown,
    /// Something else is reserved under this id.
    #[error("Something else was reserved for this order")]
    Other,
    /// It was given back, or its time is over.
    #[error("What was reserved for this order was given back")]
    Over,
}

/// A reservation tells nobody.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Reservation {
    const KIND: &'static str = "reservation";
    const COLLECTION: &'static Collection = &RESERVATIONS;

    type Command = Command;
    /// The reservation as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Reserve { id, items, hold }) => Ok(Self::make(*id, items, *hold, at)),
            (None, _) => Err(Refusal::Unknown),
            (Some(kept), Command::Reserve { items, .. }) => kept.again(items),
            (Some(kept), command) => Ok(kept.advance(command, at)),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Other // a reservation has no unique index
    }
}

impl Reservation {
    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    fn make(id: Id, items: &[Item], hold: Duration, at: &Circumstances) -> Decision<Self> {
        let mut items = items.to_vec();
        items.sort_by_key(|item| item.product_id);
        let made = Self {
            id,
            items,
            state: State::Holding,
            short: Vec::new(),
            due: Some(at.now.after(PATIENCE)),
            expires_at: at.now.after(hold),
        };
        made.stands()
    }

    fn again(&self, items: &[Item]) -> Result<Decision<Self>, Refusal> {
        let mut items = items.to_vec();
        items.sort_by_key(|item| item.product_id);
        if items != self.items {
            return Err(Refusal::Other);
        }
        if matches!(self.state, State::Releasing | State::Over) && self.short.is_empty() {
            return Err(Refusal::Over);
        }
        Ok(Decision::answer(self.clone()))
    }

    fn advance(&self, command: &Command, at: &Circumstances) -> Decision<Self> {
        let next = match (self.state, command) {
            (State::Holding, Command::Held) => self.to(State::Held, Some(self.expires_at)),
            (State::Holding, Command::Short(short)) => Self {
                short: short.clone(),
                ..self.releasing(at)
            },
            (State::Holding | State::Held, Command::GiveBack) => self.releasing(at),
            (State::Held, Command::Expire) if at.now >= self.expires_at => self.releasing(at),
            (State::Releasing, Command::Released) => self.to(State::Over, None),
            _ => return Decision::answer(self.clone()), // said before, or too late
        };
        next.stands()
    }

    fn releasing(&self, at: &Circumstances) -> Self {
        self.to(State::Releasing, Some(at.now.after(PATIENCE)))
    }

    fn to(&self, state: State, due: Option<Timestamp>) -> Self {
        Self {
            state,
            due,
            ..self.clone()
        }
    }

    fn stands(self) -> Decision<Self> {
        let reply = self.clone();
        Decision::change(self, reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(quantity: u32) -> Item {
        Item {
            product_id: Id::from_bytes([1; 12]),
            quantity: Quantity::new(quantity).unwrap(),
        }
    }

    fn reserve(quantity: u32) -> Command {
        Command::Reserve {
            id: Id::from_bytes([7; 12]),
            items: vec![item(quantity)],
            hold: Duration::from_mins(15),
        }
    }

    /// Commands one after the other, ten minutes apart: how it stands, and the last refusal.
    fn run(commands: &[Command]) -> (State, Option<Refusal>) {
        let (mut kept, mut refusal) = (None, None);
        for (n, command) in (0..).zip(commands) {
            let at = Circumstances {
                now: Timestamp::from_millis(n * 600_000),
                by: None,
            };
            match Reservation::decide(kept.as_ref(), command, &at) {
                Ok(decision) => kept = decision.change.map(|change| change.state).or(kept),
                Err(why) => refusal = Some(why),
            }
        }
        (kept.expect("there is one").state, refusal)
    }

    #[test]
    fn it_is_kept_until_it_is_given_back_or_its_time_is_over() {
        let held = [reserve(2), Command::Held];
        assert_eq!(run(&held), (State::Held, None));
        let early = [&held[..], &[Command::Expire]].concat();
        assert_eq!(run(&[reserve(2), Command::Expire, Command::Held]).0, State::Held);
        assert_eq!(run(&early).0, State::Releasing, "twenty minutes have passed");
        let over = [reserve(2), Command::Held, Command::GiveBack, Command::Released];
        assert_eq!(run(&over).0, State::Over);
    }

    #[test]
    fn the_same_again_is_the_same_and_something_else_is_refused() {
        let held = [reserve(2), Command::Held];
        assert_eq!(run(&[&held[..], &[reserve(2)]].concat()), (State::Held, None));
        assert_eq!(run(&[&held[..], &[reserve(3)]].concat()).1, Some(Refusal::Other));
        let over = [&held[..], &[Command::GiveBack, reserve(2)]].concat();
        assert_eq!(run(&over).1, Some(Refusal::Over));
    }
}
