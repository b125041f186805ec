//! What the stand-in for Razorpay keeps: orders, the attempts to pay them, and the webhooks that
//! it still owes us. It plays by Razorpay's rules, so that the shop can be tried without it.

mod name;
mod refusal;
mod rules;
mod switches;
#[cfg(test)]
mod tests;
pub mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::money::Money;
use super::time::Timestamp;

pub use name::{Attempted, order_id, parse_attempt, parse_order};
pub use refusal::Refusal;
pub use switches::{Does, Operation, SANDBOX_SWITCHES, Switch, SwitchCommand, Switches, Webhooks};

/// Where the orders of the sandbox are kept.
pub static SANDBOX_ORDERS: Collection = Collection::indexed(
    "sandboxOrders",
    &[Index::on("receipt", &["receipt"]), Index::on("due", &["due"])],
);

/// An order at the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxOrder {
    /// Its id.
    pub id: Id,
    /// What whoever made it calls it.
    pub receipt: Option<String>,
    /// What is to be paid.
    pub amount: Money,
    /// What whoever made it noted.
    pub notes: BTreeMap<String, String>,
    /// The attempts to pay it.
    pub attempts: Vec<Attempt>,
    /// What the shop is still to be told, in order.
    pub owed: Vec<Owed>,
    /// So many things were told or are owed.
    told: u32,
    due: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// How far it has come.
    pub state: State,
    /// When it is captured by itself.
    capture_at: Option<Timestamp>,
    /// The refunds of it that came to nothing before the last one.
    #[serde(default)]
    failed: Vec<Refund>,
    /// The last refund of it.
    refund: Option<Refund>,
    /// When it was made.
    pub at: Timestamp,
}

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The money is set aside.
    Authorized,
    /// The money is the shop's.
    Captured,
    /// It went back.
    Refunded,
    /// The buyer's bank said no.
    Failed,
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// The name under which it is made once.
    pub key: Option<String>,
    /// What whoever made it calls it.
    pub receipt: Option<String>,
    /// How far it has come.
    pub state: RefundState,
    /// When it comes to something,
    settles_at: Timestamp,
    /// or to nothing.
    fails: bool,
    /// When it was made.
    pub at: Timestamp,
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefundState {
    /// In hand.
    Pending,
    /// On its way to the buyer.
    Processed,
    /// It could not be made.
    Failed,
}

/// A webhook that is still to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The name of the event.
    pub event: String,
    /// The body, as things were when it happened.
    pub body: String,
    /// When to deliver it.
    pub at: Timestamp,
    /// How often that was tried in vain.
    pub tries: u32,
}

/// How the sandbox tells of what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Which way.
    pub webhooks: Webhooks,
    /// How much later.
    pub delay: Duration,
}

/// What a refund comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// After how long.
    pub after: Duration,
    /// Whether nothing comes of it.
    pub fails: bool,
}

/// What is asked of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Makes it.
    Open {
        /// Its id.
        id: Id,
        /// What whoever makes it calls it.
        receipt: Option<String>,
        /// What is to be paid.
        amount: Money,
        /// What is noted beside it.
        notes: BTreeMap<String, String>,
    },
    /// A buyer tries to pay.
    Pay {
        /// Whether his bank agrees.
        agreed: bool,
        /// When the money is captured by itself: at once, after a while, or never.
        capture: Option<Duration>,
        /// Whether what is paid can be paid again.
        again: bool,
        /// How it is told.
        manner: Manner,
    },
    /// The shop takes the money of an attempt.
    Capture {
        /// Which.
        attempt: usize,
        /// How much it thinks it is.
        amount: Money,
        /// How it is told.
        manner: Manner,
    },
    /// The shop gives the money of an attempt back.
    Refund {
        /// Which.
        attempt: usize,
        /// How much; all of it if it does not say.
        amount: Option<i64>,
        /// The name under which it is made once.
        key: Option<String>,
        /// What the shop calls it.
        receipt: Option<String>,
        /// What it comes to.
        fate: Fate,
        /// How it is told.
        manner: Manner,
    },
    /// What has its time has come.
    Wake(Manner),
    /// Some of what is owed was delivered, some not.
    Told {
        /// The events that the shop has heard of.
        heard: Vec<String>,
        /// The events that it has not.
        missed: Vec<String>,
    },
}

/// The sandbox tells nobody but by webhooks.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for SandboxOrder {
    const KIND: &'static str = "sandbox_order";
    const COLLECTION: &'static Collection = &SANDBOX_ORDERS;

    type Command = Command;
    /// The order as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        let Some(order) = state else {
            return rules::open(command, at.now);
        };
        let next = order.advance(command, at.now)?;
        Ok(if next == *order {
            Decision::answer(next)
        } else {
            let reply = next.clone();
            Decision::change(next, reply)
        })
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // nothing here has a unique index
    }
}

impl SandboxOrder {
    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// What is to be delivered by now, in order.
    #[must_use]
    pub fn deliverable(&self, now: Timestamp) -> Vec<Owed> {
        let mut due: Vec<_> = self.owed.iter().filter(|owed| owed.at <= now).cloned().collect();
        due.sort_by_key(|owed| owed.at);
        due
    }

    /// Whether the shop has its money, or had it.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        let taken = |attempt: &Attempt| matches!(attempt.state, State::Captured | State::Refunded);
        self.attempts.iter().any(taken)
    }
}
