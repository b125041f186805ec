//! Why the sandbox says no, in Razorpay's sentences.

use serde::{Deserialize, Serialize};

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// There is no such thing.
    #[error("The id provided does not exist")]
    Unknown,
    /// It costs too little.
    #[error("Order amount less than minimum amount allowed")]
    TooLittle,
    /// It is paid.
    #[error("Payment already done for this order.")]
    Paid,
    /// It was tried too often.
    #[error("Too many attempts were made to pay this order")]
    TooOften,
    /// It was captured before.
    #[error("This payment has already been captured")]
    Captured,
    /// There is nothing to capture.
    #[error("Only payments which have been authorized and not yet captured can be captured")]
    NotAuthorized,
    /// It is not as much as that.
    #[error("Capture amount must be equal to the amount authorized")]
    OtherAmount,
    /// The shop never had it.
    #[error("The payment status should be captured for action to be taken")]
    NotCaptured,
    /// It went back before.
    #[error("The payment has been fully refunded already")]
    Refunded,
    /// The sandbox gives back all or nothing.
    #[error("The sandbox makes whole refunds only")]
    NotWhole,
    /// The key was used with another request.
    #[error("Different request with the same idempotency key has already been processed.")]
    KeyReused,
}
