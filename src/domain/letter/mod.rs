//! A letter: one message to one person about one event, by mail or by text message. Its id follows
//! from the event, so however often the event is told and by whatever runtime, it is sent once.

mod content;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::Email;
use super::collection::{Collection, Index};
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::time::Timestamp;

pub use content::{Content, Item};
pub use refusal::Refusal;

/// Where letters are kept.
pub static LETTERS: Collection = Collection::indexed(
    "letters",
    &[
        Index::on("due", &["due"]),
        Index::on("created", &["createdAt"]),
        Index::on("state", &["state", "updatedAt"]),
        Index::on("expires", &["expires"]),
    ],
);

/// A letter is kept for so long after it was written or asked for again. What happened longer ago
/// is worth no letter any more, or whoever is told of it once more would send a second one.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// For so long after it was written or asked for again a letter is tried, whatever is wrong with
/// whoever carries it,
pub const PATIENCE: Duration = Duration::from_hours(24);
/// and so often at least: the shop may have been closed for most of that time.
pub const TRIES_MIN: u32 = 5;

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Its id.
    pub id: Id,
    /// The event that it tells of.
    pub event: String,
    /// Whom it goes to.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
    /// How far it has come.
    pub state: State,
    /// How often it was tried since it was last asked for.
    pub tries: u32,
    /// What was wrong with the last try.
    pub why: Option<String>,
    due: Option<Timestamp>,
    expires: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it came as far as it has.
    pub updated_at: Timestamp,
}

/// Whom a letter goes to, and by which way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Recipient {
    /// By mail.
    Mail {
        /// The address.
        address: Email,
        /// How the reader is called.
        name: String,
    },
    /// By text message.
    Sms {
        /// The number of the telephone.
        number: String,
    },
}

/// How far a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It goes out when its time has come.
    Waiting,
    /// Somebody is sending it.
    Sending,
    /// Whoever carries mail has taken it.
    Sent,
    /// It will not go out any more, unless somebody asks for it again.
    Failed,
    /// It stays here, in the mailbox of a shop that sends no mail.
    Kept,
}

/// What a letter is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The id it gets.
    pub id: Id,
    /// The event that it tells of.
    pub event: String,
    /// Whom it goes to.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
    /// Whether it stays here.
    pub kept: bool,
}

/// What is asked of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Writes it.
    Write(Box<Draft>),
    /// Somebody sends it now, and nobody else does until this is over.
    Claim(Duration),
    /// It has been taken.
    Sent,
    /// It was not taken.
    NotSent {
        /// Why.
        why: String,
        /// Whose fault it was.
        miss: Miss,
    },
    /// It is to go out once more, whatever became of it.
    Resend {
        /// Whether it stays here.
        kept: bool,
    },
}

/// Whose fault it is that a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Miss {
    /// The letter's own: it will never be taken.
    OfLetter,
    /// The server's, which may take it another time.
    OfServer,
    /// Nobody's: the server is left alone for a while, and it was not taken there.
    NotTried,
}

/// What happens to a letter that anybody else needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// An administrator had it sent once more.
    Resent {
        /// The event that it tells of.
        event: String,
        /// How far it had come before.
        was: State,
    },
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Resent { .. } => "MAIL_RESENT",
        }
    }

    fn is_audited(&self, _: Option<Id>) -> bool {
        match self {
            Self::Resent { .. } => true,
        }
    }
}

impl Entity for Letter {
    const KIND: &'static str = "letter";
    const COLLECTION: &'static Collection = &LETTERS;

    type Command = Command;
    /// The letter as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Write(draft)) => Ok(rules::write(draft, at)),
            (None, _) => Err(Refusal::Unknown),
            (Some(letter), command) => letter.advance(command, at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // a letter has no unique index
    }
}

impl State {
    /// Its name on the wire and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Sending => "SENDING",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Kept => "KEPT",
        }
    }
}

impl Letter {
    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }
}
