//! A delivery: one event on its way to one webhook. Its id follows from both, so however often
//! the event is told and tried, its receiver knows it again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::collection::{Collection, Index};
use crate::domain::entity::{Circumstances, Decision, Entity, Event};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// Where deliveries are kept.
pub static DELIVERIES: Collection = Collection::indexed(
    "webhookDeliveries",
    &[
        Index::on("queue", &["queue", "due"]),
        Index::on("webhook", &["webhook", "createdAt"]),
        Index::on("expires", &["expires"]),
    ],
);

/// A delivery is kept for so long after it was made or asked for again.
pub const KEPT: Duration = Duration::from_hours(7 * 24);

/// So much of an answer is kept.
pub const ANSWER_BYTES_MAX: usize = 1_024;

/// So many attempts are kept; the oldest go first.
const ATTEMPTS_MAX: usize = 32;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// About so many seconds lie between one attempt and the next, 24 hours in all.
const PAUSES: [u64; 10] = [
    2,
    10,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    6 * HOUR,
    10 * HOUR,
];

/// One event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id.
    pub id: Id,
    /// The webhook.
    pub webhook: Id,
    /// The event.
    pub event: String,
    /// The topic of the event: `order.created`.
    pub topic: String,
    /// What is told, byte for byte the same at every attempt.
    pub body: String,
    /// How far it has come.
    pub state: State,
    /// How often it was tried since it was last asked for.
    pub tries: u32,
    /// What came of the last attempts, the oldest first.
    pub attempts: Vec<Attempt>,
    /// The webhook, as long as something is left to do.
    queue: Option<Id>,
    due: Option<Timestamp>,
    expires: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came as far as it has.
    pub updated_at: Timestamp,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It goes out when its time has come.
    Waiting,
    /// Somebody is telling it.
    Sending,
    /// The receiver has taken it.
    Delivered,
    /// It is not tried any more, unless somebody asks for it.
    Failed,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub latency_ms: u64,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// How the answer began.
    pub answer: String,
    /// Why it was not taken, if it was not.
    pub error: Option<String>,
}

/// What a delivery is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The id it gets.
    pub id: Id,
    /// The webhook.
    pub webhook: Id,
    /// The event.
    pub event: String,
    /// Its topic.
    pub topic: String,
    /// What is told.
    pub body: String,
}

/// What is asked of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An event is to be told.
    Make(Box<Draft>),
    /// Somebody tells it now, and nobody else does until this is over.
    Claim(Duration),
    /// It was tried, and this came of it.
    Tried(Box<Attempt>),
    /// Nobody is there to tell it to.
    GiveUp,
    /// It is to be told once more, whatever became of it.
    Retry,
}

/// Why a delivery says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such delivery.
    #[error("There is no such delivery")]
    Unknown,
    /// Somebody is telling it, or its time has not come, or it is done with.
    #[error("The delivery is on its way at this moment")]
    NotNow,
}

/// Nothing happens to a delivery that events tell of, or each would call for more of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub enum Nothing {}

impl Event for Nothing {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

type Decided = Result<Decision<Delivery>, Refusal>;

impl Entity for Delivery {
    const KIND: &'static str = "webhook_delivery";
    const COLLECTION: &'static Collection = &DELIVERIES;

    type Command = Command;
    /// The delivery as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Nothing;

    fn decide(state: Option<&Self>, command: &Command, at: &Circumstances) -> Decided {
        match (state, command) {
            (None, Command::Make(draft)) => Ok(Self::make(draft, at).decided()),
            (None, _) => Err(Refusal::Unknown),
            (Some(known), Command::Make(_)) => Ok(Decision::answer(known.clone())), // told again
            (Some(known), Command::Claim(time)) => known.claim(*time, at),
            (Some(known), Command::Tried(attempt)) => Ok(known.tried(attempt, at)),
            (Some(known), Command::GiveUp) => Ok(known.give_up(at)),
            (Some(known), Command::Retry) => known.retry(at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // a delivery has no unique index
    }
}

impl Delivery {
    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    fn make(draft: &Draft, at: &Circumstances) -> Self {
        Self {
            id: draft.id,
            webhook: draft.webhook,
            event: draft.event.clone(),
            topic: draft.topic.clone(),
            body: draft.body.clone(),
            state: State::Waiting,
            tries: 0,
            attempts: Vec::new(),
            queue: Some(draft.webhook),
            due: Some(at.now),
            expires: at.now.after(KEPT),
            created_at: at.now,
            updated_at: at.now,
        }
    }

    fn claim(&self, time: Duration, at: &Circumstances) -> Decided {
        if self.is_in_hand(at) || self.due.is_none_or(|due| due > at.now) {
            return Err(Refusal::NotNow);
        }
        // Whoever claimed it before and never came back counts as well.
        if self.tries as usize > PAUSES.len() {
            return Ok(self.at(State::Failed, None, at).decided());
        }
        let claimed = Self {
            tries: self.tries + 1,
            ..self.at(State::Sending, Some(at.now.after(time)), at)
        };
        Ok(claimed.decided())
    }

    fn tried(&self, attempt: &Attempt, at: &Circumstances) -> Decision<Self> {
        if self.state != State::Sending {
            return Decision::answer(self.clone()); // the claim is over, and somebody else's word counts
        }
        let mut next = match (&attempt.error, self.next_try(at.now)) {
            (None, _) => self.at(State::Delivered, None, at),
            (Some(_), None) => self.at(State::Failed, None, at),
            (Some(_), due) => self.at(State::Waiting, due, at),
        };
        if next.attempts.len() >= ATTEMPTS_MAX {
            next.attempts.remove(0);
        }
        next.attempts.push(attempt.clone());
        next.decided()
    }

    fn give_up(&self, at: &Circumstances) -> Decision<Self> {
        if self.due.is_none() {
            return Decision::answer(self.clone());
        }
        self.at(State::Failed, None, at).decided()
    }

    fn retry(&self, at: &Circumstances) -> Decided {
        if self.is_in_hand(at) {
            return Err(Refusal::NotNow); // or it would go out twice at once
        }
        let again = Self {
            tries: 0,
            expires: at.now.after(KEPT),
            ..self.at(State::Waiting, Some(at.now), at)
        };
        Ok(again.decided())
    }

    fn is_in_hand(&self, at: &Circumstances) -> bool {
        self.state == State::Sending && self.due.is_some_and(|due| due > at.now)
    }

    /// Those who failed together do not come back together: a pause is up to a tenth shorter or
    /// longer than the table has it, by a byte of the id.
    fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let seconds = PAUSES.get(self.tries.saturating_sub(1) as usize)?;
        let [.., byte] = self.id.bytes();
        let share = 0.9 + 0.2 * f64::from(byte) / 255.0;
        Some(now.after(Duration::from_secs(*seconds).mul_f64(share)))
    }

    fn at(&self, state: State, due: Option<Timestamp>, at: &Circumstances) -> Self {
        Self {
            state,
            due,
            queue: due.map(|_| self.webhook),
            updated_at: at.now,
            ..self.clone()
        }
    }

    fn decided(self) -> Decision<Self> {
        let reply = self.clone();
        Decision::change(self, reply)
    }
}

impl State {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Sending => "SENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }
}
