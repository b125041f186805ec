//! What is asked of a payment.

use std::time::Duration;

use super::{Capture, Opened, Refund, Split};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order;

/// What a payment begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The order.
    pub order: Id,
    /// Who pays.
    pub user: Id,
    /// The name of the provider.
    pub method: String,
    /// Whether the money comes with the goods.
    pub on_delivery: bool,
    /// How much is to be paid.
    pub price: Money,
    /// Whose it will be.
    pub split: Split,
    /// How long to wait before the provider is asked what it has heard of the buyer.
    pub look_every: Duration,
    /// A name for whoever would open it at the provider.
    pub by: Id,
    /// Why the order takes no payment any more, if it takes none. The answer to a request that was
    /// made before that stands all the same.
    pub refused: Option<order::Refusal>,
}

/// What is asked of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Somebody wants to pay.
    Begin(Box<Beginning>),
    /// Something has been opened for it at a provider.
    Opened(Opened),
    /// Nothing was opened, and whoever claimed it is not at it any more. When that is not known
    /// for sure, whoever comes next waits a while first.
    NotOpened {
        /// Whoever claimed it.
        by: Id,
        /// Whether it is known.
        sure: bool,
    },
    /// Money came.
    Captured(Box<Capture>),
    /// An attempt came to nothing.
    Declined {
        /// The attempt, by the provider's name for it.
        payment: String,
    },
    /// The buyer shows the provider's signature, and the provider does not say what it has.
    Shown,
    /// Somebody showed a signature that is none.
    Forged {
        /// What he said was paid.
        payment: String,
    },
    /// The order knows that it is paid.
    Attached,
    /// The order is over and takes no payment.
    TurnedDown,
    /// The order was paid and is over.
    Over,
    /// The goods are there.
    Delivered,
    /// All of it is to go back.
    Refund,
    /// The order knows that its money goes back.
    Detached {
        /// Whether it goes on without it.
        kept: bool,
    },
    /// Somebody is about to give back what is owed.
    Claim {
        /// A name for him.
        by: Id,
    },
    /// Something is known of a refund.
    Refunded {
        /// What goes back, by the provider's name for it.
        capture: String,
        /// What is known.
        refund: Refund,
    },
    /// Money is back with the buyer, says a service outside or somebody who has seen to it.
    GivenBack {
        /// The provider that it came through.
        provider: String,
        /// What went back, by the provider's name for it; otherwise everything that is on its way.
        capture: Option<String>,
    },
    /// The provider does not give something back at this moment.
    PutOff {
        /// Whoever asked it.
        by: Id,
        /// What it does not give back, by its own name for it.
        capture: String,
    },
    /// The provider was asked what it has heard.
    Looked {
        /// Whether it said.
        heard: bool,
    },
}
