//! What a letter says: the facts alone. The sentences around them are found when it is sent or
//! shown, so that nothing is kept in its last wording, and no secret link is kept at all.

use serde::{Deserialize, Serialize};

use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order::{Order, Reason};

/// The facts of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Content {
    /// Somebody has an account.
    Welcome,
    /// Somebody wants a new password.
    PasswordReset {
        /// The account.
        account: Id,
        /// What the secret of the link follows from, for whoever has the shop's own secret.
        seed: String,
    },
    /// A payment was begun.
    PaymentInitiated {
        /// The order that is paid.
        order: Id,
        /// How much.
        amount: Option<Money>,
    },
    /// A payment was made.
    PaymentSuccessful {
        /// The order that is paid.
        order: Id,
        /// The payment, as its provider calls it.
        payment: String,
        /// How much.
        amount: Option<Money>,
    },
    /// A payment was not made.
    PaymentFailed {
        /// The order that was to be paid.
        order: Id,
    },
    /// A product was put up.
    ProductLaunched {
        /// The product.
        product: Id,
        /// Its title.
        title: String,
        /// What it costs.
        price: Money,
    },
    /// An order is paid.
    OrderConfirmed {
        /// The order.
        order: Id,
        /// What was bought.
        items: Vec<Item>,
        /// What it costs in all.
        total: Option<Money>,
    },
    /// An order is over.
    OrderCancelled {
        /// The order.
        order: Id,
        /// Why.
        reason: Option<Reason>,
    },
    /// All of an order is on its way.
    OrderShipped {
        /// The order.
        order: Id,
        /// What was bought.
        items: Vec<Item>,
    },
    /// All of an order is there.
    OrderDelivered {
        /// The order.
        order: Id,
        /// What was bought.
        items: Vec<Item>,
    },
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The title of the product.
    pub title: String,
    /// How many.
    pub quantity: u32,
    /// What they cost together.
    pub total: Option<Money>,
}

impl Item {
    /// The lines of an order.
    #[must_use]
    pub fn all_of(order: &Order) -> Vec<Self> {
        let items = order.lines.iter().map(|line| Self {
            title: line.title.clone(),
            quantity: line.quantity.get(),
            total: line.total().ok(),
        });
        items.collect()
    }
}

impl Content {
    /// Its name in lists.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::PasswordReset { .. } => "passwordReset",
            Self::PaymentInitiated { .. } => "paymentInitiated",
            Self::PaymentSuccessful { .. } => "paymentSuccessful",
            Self::PaymentFailed { .. } => "paymentFailed",
            Self::ProductLaunched { .. } => "productLaunched",
            Self::OrderConfirmed { .. } => "orderConfirmed",
            Self::OrderCancelled { .. } => "orderCancelled",
            Self::OrderShipped { .. } => "orderShipped",
            Self::OrderDelivered { .. } => "orderDelivered",
        }
    }
}
