//! A webhook: an address that somebody wants to be told at of what happens, the topics asked for,
//! and the secret that what is told is signed with.

mod delivery;
mod refusal;
mod rules;
mod secret;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::time::Timestamp;

pub use delivery::{
    ANSWER_BYTES_MAX, Attempt, Command as DeliveryCommand, DELIVERIES, Delivery, Draft as DeliveryDraft,
    KEPT, Refusal as DeliveryRefusal, State as DeliveryState,
};
pub use refusal::Refusal;
pub use secret::Secret;

/// Where webhooks are kept. Those of one owner have numbers that no two of them share, which is
/// what bounds how many there are.
pub static WEBHOOKS: Collection =
    Collection::indexed("webhooks", &[Index::unique("listed", &["listed", "number"])]);

/// So many webhooks an owner can have.
pub const WEBHOOKS_MAX: u32 = 20;

/// A receiver that has taken nothing for so long, while something waited for it all the time, is
/// not told any more.
pub const PATIENCE: Duration = Duration::from_hours(24);

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub owner: Id,
    /// Where its owner wants to be told.
    pub url: String,
    /// The patterns of the topics that are wanted: `order.*`.
    pub events: Vec<String>,
    /// What is told is signed with this.
    pub secret: Secret,
    /// Why nothing is told any more, if that is so.
    pub off: Option<Off>,
    /// Since when every try has failed, if the last one did and something still waits.
    pub failing_since: Option<Timestamp>,
    /// Its owner, as long as it is there.
    listed: Option<Id>,
    number: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a webhook is not told any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// Its owner wants it so.
    ByOwner,
    /// It took nothing for too long.
    Failing,
    /// Its receiver says that it is gone for good.
    Gone,
}

/// What is asked of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Somebody wants to be told.
    Register(Draft),
    /// Its owner wants something else.
    Change(Change),
    /// Its owner does not want it any more.
    Remove,
    /// Something was taken.
    Taken,
    /// Something was not taken.
    Missed {
        /// Whether it or anything else is still to be tried there.
        waits: bool,
    },
    /// The receiver says that it is gone for good.
    Gone,
}

/// What a webhook is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The id it gets.
    pub id: Id,
    /// Whose it is.
    pub owner: Id,
    /// Where its owner wants to be told.
    pub url: String,
    /// The patterns of the topics that are wanted.
    pub events: Vec<String>,
    /// What is told will be signed with this.
    pub secret: Secret,
    /// Its number among those of its owner; the first one that is free is looked for from here.
    pub number: u32,
}

/// What is to be otherwise; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Another address.
    pub url: Option<String>,
    /// Other topics.
    pub events: Option<Vec<String>>,
    /// Whether anything is told.
    pub enabled: Option<bool>,
}

/// What happens to a webhook that anybody else needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// It took nothing for so long that nothing is told there any more. Where it is stays unsaid,
    /// because a URL can be a secret.
    #[serde(rename_all = "camelCase")]
    Disabled {
        /// The webhook.
        id: Id,
        /// Whose it is.
        owner: Id,
        /// Why.
        reason: Off,
        /// Since when nothing had been taken.
        failing_since: Option<Timestamp>,
    },
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "WEBHOOK_DISABLED",
        }
    }
}

impl Entity for Webhook {
    const KIND: &'static str = "webhook";
    const COLLECTION: &'static Collection = &WEBHOOKS;

    type Command = Command;
    /// The webhook as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Register(draft)) => Ok(rules::register(draft, at)),
            (None, _) => Err(Refusal::Unknown),
            (Some(webhook), command) => webhook.advance(command, at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::TooMany
    }

    fn instead(command: &Command, _: &str) -> Option<Command> {
        let Command::Register(draft) = command else {
            return None;
        };
        let next = Draft {
            number: draft.number + 1,
            ..draft.clone()
        };
        (next.number < WEBHOOKS_MAX).then_some(Command::Register(next))
    }
}

impl Webhook {
    /// Whether it is there: its owner has not taken it away.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.listed.is_some()
    }

    /// Whether anything is told.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.stands() && self.off.is_none()
    }
}
