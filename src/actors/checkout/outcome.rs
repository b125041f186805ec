//! How a checkout ends.

use crate::actors::ask::AskError;
use crate::actors::orders::Seen;
use crate::actors::stuck::Stuck;
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
    /// It would not be what the buyer has agreed to.
    Changed,
    /// It could not be driven to its end now.
    Stuck(Stuck),
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
        match error {
            AskError::Refused {
                refusal: cart::Refusal::SoldOut(lines),
                replayed,
            } => Self::Short { lines, replayed },
            error => Self::Cart(error),
        }
    }
}

impl From<AskError<order::Refusal>> for NoOrder {
    fn from(error: AskError<order::Refusal>) -> Self {
        Self::Order(error)
    }
}
