//! Why an order says no.

use serde::{Deserialize, Serialize};

use super::Status;

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such order.
    #[error("Order not found")]
    Unknown,
    /// Another order has taken its place, or it was never placed.
    #[error("The order is over")]
    Over,
    /// Not from where it stands.
    #[error("The order is {} by now", name(*.0))]
    NotNow(Option<Status>),
    /// Nobody knows where it goes.
    #[error("The order needs a shipping address first")]
    AddressNeeded,
    /// It has no line of this seller.
    #[error("The order has no product of yours")]
    NotYours,
    /// Its products are sold in several currencies.
    #[error("The prices of these products are in different currencies by now")]
    Mixed,
    /// It costs more than any amount.
    #[error("The order costs more than can be counted")]
    TooLarge,
    /// It is not over yet.
    #[error("The order has not expired")]
    NotExpired,
}

fn name(status: Option<Status>) -> String {
    status.map_or("not placed".to_owned(), |status| status.name().to_lowercase())
}
