//! The payment of an order, under the order's id: one owner decides everything about the money of
//! one order. Its state says what is still to be done, and every command may be given twice and in
//! any order, because that is how providers tell things.

mod books;
mod capture;
mod command;
mod draft;
mod event;
mod refunds;
mod refusal;
mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::collection::{Collection, Index};
use super::entity::{Circumstances, Decision, Entity};
use super::id::Id;
use super::money::Money;
use super::time::Timestamp;

pub use capture::{Capture, Refund, RefundState};
pub use command::{Beginning, Command};
pub use event::{Event, News, Sent};
use refunds::Rest;
pub use refusal::Refusal;

/// Where payments are kept.
pub static PAYMENTS: Collection = Collection::indexed(
    "payments",
    &[
        Index::on("buyer", &["user", "createdAt"]),
        Index::on("due", &["due"]),
    ],
);

/// The names that providers have for our payments, each with the payment that it stands for:
/// `razorpay/order_…`.
pub static PROVIDER_NAMES: Collection = Collection::plain("provider_names");

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Its id, which is its order's.
    pub id: Id,
    /// Who pays.
    pub user: Id,
    /// The name of the provider that it is to come through.
    pub method: String,
    /// Whether the money comes with the goods, and the order does not wait for it.
    pub on_delivery: bool,
    /// How much is to be paid.
    pub price: Money,
    /// Whose it will be.
    pub split: Split,
    /// How it stands.
    pub status: Status,
    /// What has been opened for it at providers.
    pub orders: Vec<Opened>,
    /// All money that came.
    pub captures: Vec<Capture>,
    /// The name of the capture that pays the order. Every other one goes back.
    pub recorded: Option<String>,
    /// How the order stands to it.
    pub bond: Bond,
    /// Whether the order was paid by it, whatever became of the two since then.
    #[serde(default)]
    pub has_paid: bool,
    /// Whether the books say that something was sold for it.
    sold: bool,
    /// How many transactions there are in the books.
    booked: u32,
    /// The call to a provider that is under way.
    pub claim: Option<Claim>,
    /// How often something was to be opened for it.
    pub attempts: u32,
    /// What a provider could not give back is left alone for a while.
    #[serde(default)]
    rests: Vec<Rest>,
    /// When the money came that pays the order,
    #[serde(default)]
    recorded_at: Option<Timestamp>,
    /// and when the provider last said everything that had come since then.
    #[serde(default)]
    surveyed_at: Option<Timestamp>,
    /// When something last came that the provider has yet to speak of or to bring to its end: a
    /// signature that the buyer showed, or a refund.
    #[serde(default)]
    waits_since: Option<Timestamp>,
    /// When the provider said that nothing came, after it was too late to pay.
    #[serde(default)]
    given_up: Option<Timestamp>,
    /// What was told of bad signatures: the names of what they said was paid.
    #[serde(default)]
    forged: Vec<String>,
    look_every_seconds: u64,
    due: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whose the money of an order is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What each seller gets,
    pub shares: Vec<Share>,
    /// the state,
    pub tax: Money,
    /// and whoever brings it.
    pub shipping: Money,
}

/// What one seller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The seller.
    pub seller: Id,
    /// How much.
    pub amount: Money,
}

/// An order at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The provider.
    pub provider: String,
    /// Its name there.
    pub id: String,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Nothing has come yet.
    Pending,
    /// The money is there.
    Successful,
    /// Nothing came of it; the buyer may try again.
    Failed,
    /// The money is to go back.
    Refunding,
    /// The money went back.
    Refunded,
}

/// How the order stands to its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bond {
    /// It has not heard of it.
    Loose,
    /// It is to be told that it is paid.
    Tying,
    /// It is paid.
    Tied,
    /// It is to be told that its money goes back.
    Untying,
    /// It is over, or it goes on without the money.
    Cut,
}

/// A call to a provider that is under way. It is written down before the call is made, so that
/// two runtimes never make the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Whoever makes the call.
    pub by: Id,
    /// After this it is not under way any more, come what may.
    pub until: Timestamp,
}

/// What is to be done for a payment by whoever can talk to orders and providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Tell the order that it is paid.
    Attach,
    /// Tell the order that its money goes back.
    Detach,
    /// Give something back.
    Refund(Owed),
    /// Ask the provider what it has heard.
    Look,
}

/// What is to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The provider that it came through.
    pub provider: String,
    /// Its name there.
    pub capture: String,
    /// How much.
    pub amount: Money,
    /// The same for every attempt at the same refund.
    pub key: String,
}

/// What the world sees of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Its id.
    pub id: Id,
    /// The order.
    pub order_id: Id,
    /// Who pays.
    pub user: Id,
    /// How: `razorpay` or `cash_on_delivery`.
    pub method: String,
    /// The order at the provider.
    pub razorpay_order_id: Option<String>,
    /// What paid it, by the provider's name.
    pub payment_id: Option<String>,
    /// How it stands.
    pub status: Status,
    /// How much it is.
    pub price: Money,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Entity for Payment {
    const KIND: &'static str = "payment";
    const COLLECTION: &'static Collection = &PAYMENTS;

    type Command = Command;
    /// The payment as it is from now on.
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Begin(beginning)) => match beginning.refused {
                Some(refusal) => Err(Refusal::Order(refusal)),
                None => Ok(rules::begin(beginning, at)),
            },
            (None, _) => Err(Refusal::Unknown),
            (Some(payment), command) => payment.advance(command, at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // a payment has no unique index
    }
}

impl Status {
    /// Its name on the wire and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Successful => "SUCCESSFUL",
            Self::Failed => "FAILED",
            Self::Refunding => "REFUNDING",
            Self::Refunded => "REFUNDED",
        }
    }
}

impl Payment {
    /// When to look after it again; none when nothing is left to do.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// What was opened for it at the provider that it is to come through.
    #[must_use]
    pub fn provider_order(&self) -> Option<&str> {
        let opened = self.orders.iter().find(|opened| opened.provider == self.method);
        opened.map(|opened| opened.id.as_str())
    }

    /// A capture, by the provider's name for it.
    #[must_use]
    pub fn capture(&self, id: &str) -> Option<&Capture> {
        self.captures.iter().find(|capture| capture.id == id)
    }

    /// Whether this one may open it at the provider, and nobody else.
    #[must_use]
    pub fn is_claimed_by(&self, somebody: Id) -> bool {
        self.claim.is_some_and(|claim| claim.by == somebody)
    }

    /// Whether it would change by this, and does not know it already.
    #[must_use]
    pub fn is_news(&self, command: &Command, at: &Circumstances) -> bool {
        let decided = self.advance(command, at);
        decided.is_ok_and(|decision| decision.change.is_some())
    }

    /// What is to be done for it at this moment.
    #[must_use]
    pub fn task(&self, now: Timestamp) -> Option<Task> {
        match self.bond {
            Bond::Tying => return Some(Task::Attach),
            Bond::Untying => return Some(Task::Detach),
            Bond::Loose | Bond::Tied | Bond::Cut => {}
        }
        if let Some(owed) = self.owed()
            && self.rests_until(&owed.capture).is_none_or(|until| until <= now)
            && self.claim.is_none_or(|claim| claim.until <= now)
        {
            return Some(Task::Refund(owed));
        }
        (self.due? <= now).then_some(Task::Look)
    }

    /// What is to go back next: whatever came beside or after what pays the order, and that too
    /// once the order goes on without it. What could not be given back lets the others go first.
    #[must_use]
    pub fn owed(&self) -> Option<Owed> {
        let goes_back = self.status == Status::Refunding && self.bond == Bond::Cut;
        let recorded = |capture: &&Capture| self.recorded.as_ref() == Some(&capture.id);
        let owed = self.captures.iter().filter(|capture| {
            capture.left() > 0 && !capture.is_under_way() && (goes_back || !recorded(capture))
        });
        let owed = owed.min_by_key(|capture| self.rests_until(&capture.id))?;
        Some(Owed {
            provider: owed.provider.clone(),
            capture: owed.id.clone(),
            amount: Money::of_minor(owed.left(), owed.amount.currency()),
            key: owed.next_refund(),
        })
    }

    /// What the world sees of it.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            id: self.id,
            order_id: self.id,
            user: self.user,
            method: self.method.clone(),
            razorpay_order_id: self.provider_order().map(str::to_owned),
            payment_id: self.recorded.clone(),
            status: self.status,
            price: self.price,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
