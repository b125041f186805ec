//! How a checkout ends.

use tracing::error;

use crate::actors::ask::AskError;
use crate::actors::orders::Seen;
use crate::domain::cart;
use crate::domain::order::{self, Shortage};
use crate::store::Unavailable;

/// An order that answers a request.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The order.
    pub seen: Seen,
    /// Whether this request made it.
    pub created: bool,
    /// Whether the request was answered before.
    pub replayed: bool,
}

/// Why a cart was not ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoOrder {
    /// The cart says no.
    Cart(AskError<cart::Refusal>),
    /// The order says no.
    Order(AskError<order::Refusal>),
    /// There is too little of something. Nothing is held.
    Short {
        /// What there is too little of.
        lines: Vec<Shortage>,
        /// Whether this was said before.
        replayed: bool,
    },
    /// It could not be driven to its end now.
    Stuck(Stuck),
}

/// Why an order could not be driven on. What was done stays done, and is gone on with later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// More is waiting than can be answered soon.
    #[error("too much is being asked at once")]
    Overloaded,
    /// The store gives no answer.
    #[error("the store gives no answer: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("it failed for a fault of the server")]
    Failed,
}

impl<R: std::error::Error> From<AskError<R>> for Stuck {
    fn from(error: AskError<R>) -> Self {
        match error {
            AskError::Overloaded => Self::Overloaded,
            AskError::Unavailable(why) => Self::Unavailable(why),
            AskError::Failed => Self::Failed,
            other => {
                error!(error = %other, "a step of a checkout was refused that cannot be");
                Self::Failed
            }
        }
    }
}

impl From<Unavailable> for NoOrder {
    fn from(Unavailable(why): Unavailable) -> Self {
        Self::Stuck(Stuck::Unavailable(why))
    }
}

impl From<Stuck> for NoOrder {
    fn from(stuck: Stuck) -> Self {
        Self::Stuck(stuck)
    }
}

impl From<AskError<cart::Refusal>> for NoOrder {
    fn from(error: AskError<cart::Refusal>) -> Self {
        Self::Cart(error)
    }
}

impl From<AskError<order::Refusal>> for NoOrder {
    fn from(error: AskError<order::Refusal>) -> Self {
        Self::Order(error)
    }
}
