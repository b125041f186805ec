//! What happens to a payment.

use serde::Serialize;

use super::{Payment, Summary};
use crate::domain::entity;
use crate::domain::id::Id;
use crate::domain::money::Money;

/// Something that happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Somebody wants to pay.
    Created(Summary),
    /// It stands otherwise than before.
    Updated(Summary),
    /// The buyer can pay now.
    Initiated(News),
    /// The order is paid.
    Completed(News),
    /// An attempt came to nothing.
    Failed(News),
    /// Money is to go back.
    Refunding(Sent),
    /// Money went back.
    Refunded(Sent),
}

/// What a letter to the buyer tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct News {
    /// The buyer.
    pub user: Id,
    /// The order.
    pub order_id: Id,
    /// The attempt, by the provider's name for it.
    pub payment_id: Option<String>,
    /// The order at the provider.
    pub razorpay_order_id: Option<String>,
    /// How it is paid.
    pub method: String,
    /// How much it is.
    pub price: Money,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The buyer.
    pub user: Id,
    /// The order.
    pub order_id: Id,
    /// What goes back, by the provider's name for it.
    pub payment_id: String,
    /// How much it is.
    pub price: Money,
    /// Whether it is what paid the order, and not something that came beside or after it.
    pub of_the_order: bool,
}

impl Payment {
    pub(super) fn updated(&self) -> Event {
        Event::Updated(self.summary())
    }

    pub(super) fn news(&self, payment: Option<&str>) -> News {
        News {
            user: self.user,
            order_id: self.id,
            payment_id: payment.map(str::to_owned),
            razorpay_order_id: self.provider_order().map(str::to_owned),
            method: self.method.clone(),
            price: self.price,
        }
    }

    pub(super) fn sent(&self, capture: &str, price: Money) -> Sent {
        Sent {
            user: self.user,
            order_id: self.id,
            payment_id: capture.to_owned(),
            price,
            of_the_order: self.recorded.as_deref() == Some(capture),
        }
    }
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "PAYMENT_CREATED",
            Self::Updated(_) => "PAYMENT_UPDATED",
            Self::Initiated(_) => "PAYMENT_INITIATED",
            Self::Completed(_) => "PAYMENT_COMPLETED",
            Self::Failed(_) => "PAYMENT_FAILED",
            Self::Refunding(_) => "PAYMENT_REFUNDING",
            Self::Refunded(_) => "PAYMENT_REFUNDED",
        }
    }

    fn is_audited(&self, _: Option<Id>) -> bool {
        matches!(self, Self::Refunding(_) | Self::Refunded(_))
    }
}
