//! How the sandbox behaves when somebody wants to see what the shop makes of it. What is switched
//! stays so through a restart, until it is switched back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Event, Fate, Manner, Refusal};
use crate::domain::collection::Collection;
use crate::domain::entity::{Circumstances, Decision, Entity};
use crate::domain::id::Id;

/// Where the switches are kept.
pub static SANDBOX_SWITCHES: Collection = Collection::plain("sandboxSwitches");

/// Every switch. Those that are not mentioned are as they are at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Switches {
    /// What becomes of a new order,
    pub create: Switch,
    /// of looking something up,
    pub read: Switch,
    /// of a capture,
    pub capture: Switch,
    /// and of a refund.
    pub refund: Switch,
    /// So much later comes every answer.
    pub delay_ms: u32,
    /// What becomes of webhooks.
    pub webhooks: Webhooks,
    /// So much later they come.
    pub webhook_delay_ms: u32,
    /// A payment is captured by itself so much later.
    pub capture_after_ms: u32,
    /// A payment is captured only when the shop asks for it.
    pub capture_by_hand: bool,
    /// A refund is made so much later.
    pub refund_after_ms: u32,
    /// Refunds are taken on and then come to nothing.
    pub refunds_fail: bool,
    /// What is paid can be paid once more.
    pub pay_again: bool,
}

/// What becomes of one kind of call, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(from = "Given")]
pub struct Switch {
    /// What becomes of it.
    pub does: Does,
    /// So often; until it is switched back if it does not say.
    pub times: Option<u32>,
}

/// A switch as it may be written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Always(Does),
    Sometimes { does: Does, times: Option<u32> },
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// It is done and answered.
    #[default]
    Works,
    /// It is refused.
    Refuses,
    /// It fails and does nothing.
    Error,
    /// It is done, and the answer says that it failed.
    ErrorAfterExecuting,
    /// It does nothing, and the answer comes too late.
    Timeout,
    /// It is done, and the answer comes too late.
    TimeoutAfterExecuting,
}

/// What becomes of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Webhooks {
    /// They are delivered.
    #[default]
    Sent,
    /// Each is delivered twice.
    Duplicated,
    /// What happened last is told first.
    Reversed,
    /// None is delivered.
    Dropped,
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new order.
    Create,
    /// Looking something up.
    Read,
    /// A capture.
    Capture,
    /// A refund.
    Refund,
}

/// What is asked of the switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchCommand {
    /// They are to be so.
    Set(Switches),
    /// A call of this kind was made under them.
    Use(Operation),
}

impl Entity for Switches {
    const KIND: &'static str = "sandbox_switches";
    const COLLECTION: &'static Collection = &SANDBOX_SWITCHES;

    type Command = SwitchCommand;
    /// The switches that the command was done under.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &SwitchCommand,
        _: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        let now = state.copied().unwrap_or_default();
        let next = match command {
            SwitchCommand::Set(wanted) => return Ok(Decision::change(*wanted, *wanted)),
            SwitchCommand::Use(operation) => now.used(*operation),
        };
        Ok(if next == now {
            Decision::answer(now)
        } else {
            Decision::change(next, now)
        })
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // switches have no unique index
    }
}

impl Switches {
    /// The id of the only ones.
    pub const ID: Id = Id::from_bytes(*b"the switches");

    /// What becomes of a call of this kind.
    #[must_use]
    pub fn of(&self, operation: Operation) -> Switch {
        match operation {
            Operation::Create => self.create,
            Operation::Read => self.read,
            Operation::Capture => self.capture,
            Operation::Refund => self.refund,
        }
    }

    /// When a payment is captured by itself, if it is.
    #[must_use]
    pub fn captures(&self) -> Option<Duration> {
        let after = Duration::from_millis(self.capture_after_ms.into());
        Some(after).filter(|_| !self.capture_by_hand)
    }

    /// What a refund comes to.
    #[must_use]
    pub fn fate(&self) -> Fate {
        Fate {
            after: Duration::from_millis(self.refund_after_ms.into()),
            fails: self.refunds_fail,
        }
    }

    /// How things are told.
    #[must_use]
    pub fn manner(&self) -> Manner {
        Manner {
            webhooks: self.webhooks,
            delay: Duration::from_millis(self.webhook_delay_ms.into()),
        }
    }

    fn used(mut self, operation: Operation) -> Self {
        let switch = match operation {
            Operation::Create => &mut self.create,
            Operation::Read => &mut self.read,
            Operation::Capture => &mut self.capture,
            Operation::Refund => &mut self.refund,
        };
        *switch = switch.used();
        self
    }
}

impl Switch {
    fn used(self) -> Self {
        match self.times {
            None => self,
            Some(0 | 1) => Self::default(),
            Some(times) => Self {
                times: Some(times - 1),
                ..self
            },
        }
    }
}

impl From<Given> for Switch {
    fn from(given: Given) -> Self {
        match given {
            Given::Always(does) => Self { does, times: None },
            Given::Sometimes { does, times } => Self { does, times },
        }
    }
}
