//! Why nothing came of it.

use crate::actors::ask::AskError;
use crate::actors::stuck::Stuck;
use crate::domain::money::Money;
use crate::domain::order;
use crate::domain::payment::{Payment, Refusal};
use crate::services::payments::{Failure, NotGenuine};
use crate::store::Unavailable;

/// Why an order cannot be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPayment {
    /// It waits for no payment.
    NotNow(Option<order::Status>),
    /// It comes to less than the provider takes, which is this.
    TooLittle(Money),
    /// The payment says no.
    Payment(AskError<Refusal>),
    /// The provider says no, or nothing.
    Provider(Failure),
    /// Somebody else is just about to open it at the provider.
    Busy,
    /// What the buyer shows was not signed by the provider.
    Forged,
    /// It is another buyer's.
    NotYours,
    /// The money came, and goes back: nothing is left that it could pay.
    GoesBack(Box<Payment>),
    /// It could not be brought to its end now.
    Stuck(Stuck),
}

/// Why what a provider says was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotHeard {
    /// It was not the provider who said it.
    NotGenuine(NotGenuine),
    /// It is to be said again.
    Later(Stuck),
}

impl From<AskError<Refusal>> for NoPayment {
    fn from(error: AskError<Refusal>) -> Self {
        Self::Payment(error)
    }
}

impl From<Failure> for NoPayment {
    fn from(failure: Failure) -> Self {
        Self::Provider(failure)
    }
}

impl From<Stuck> for NoPayment {
    fn from(stuck: Stuck) -> Self {
        Self::Stuck(stuck)
    }
}

impl From<Unavailable> for NoPayment {
    fn from(unavailable: Unavailable) -> Self {
        Self::Stuck(unavailable.into())
    }
}

impl From<NotGenuine> for NotHeard {
    fn from(why: NotGenuine) -> Self {
        Self::NotGenuine(why)
    }
}

impl From<Stuck> for NotHeard {
    fn from(stuck: Stuck) -> Self {
        Self::Later(stuck)
    }
}

impl From<AskError<Refusal>> for NotHeard {
    fn from(error: AskError<Refusal>) -> Self {
        Self::Later(error.into())
    }
}

impl From<Unavailable> for NotHeard {
    fn from(unavailable: Unavailable) -> Self {
        Self::Later(unavailable.into())
    }
}
