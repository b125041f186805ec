//! Why a payment says no.

use serde::{Deserialize, Serialize};

use super::Status;
use crate::domain::order;

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such payment.
    #[error("Payment not found")]
    Unknown,
    /// It was paid, or will be when the goods come.
    #[error("The payment is {} by now", .0.name().to_lowercase())]
    NotNow(Status),
    /// Nothing was paid, so nothing can go back.
    #[error("Nothing was paid that could be given back")]
    NotPaid,
    /// The order takes no payment.
    #[error(transparent)]
    Order(order::Refusal),
}
