//! What a provider tells us by itself. It may come twice, late, or in any order.

use super::record::{PaymentRecord, ProviderOrder, RefundRecord};

/// What came over the wire.
pub struct Delivery<'a> {
    /// The value of a header, whose name is given in lower case.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The body as it came: a signature is over its bytes.
    pub body: &'a [u8],
}

/// Something that happened at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The provider's name for this event, the same on each delivery.
    pub event: String,
    /// What happened.
    pub notice: Notice,
}

/// What happened at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A buyer's money is set aside.
    PaymentAuthorized(PaymentRecord),
    /// A buyer's money is ours.
    PaymentCaptured(PaymentRecord),
    /// An order is paid, by this payment.
    OrderPaid(ProviderOrder, PaymentRecord),
    /// An attempt to pay came to nothing.
    PaymentFailed(PaymentRecord),
    /// A refund is on its way to the buyer.
    RefundProcessed(RefundRecord),
    /// A refund could not be made.
    RefundFailed(RefundRecord),
    /// Nothing that concerns us, by the provider's name for it.
    Ignored(String),
}

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGenuine {
    /// It is not signed.
    #[error("the signature is missing")]
    Unsigned,
    /// Somebody else signed it, or it was changed on the way.
    #[error("the signature is not right")]
    Forged,
    /// It is signed and cannot be read.
    #[error("the body cannot be read")]
    Malformed,
}
