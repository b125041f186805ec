//! Who takes the buyers' money: one port, an adapter per provider. What a call may leave open is
//! in its error, because money moves on the other side whether or not we hear of it.

pub mod accounts;
mod cash_on_delivery;
mod external;
mod providers;
pub mod razorpay;
mod record;
mod webhook;

use futures_util::future::BoxFuture;

use crate::domain::money::{Currency, Money};

pub use cash_on_delivery::CashOnDelivery;
pub use external::External;
pub use providers::Providers;
pub use record::{Decline, NewOrder, PaymentRecord, PaymentState, ProviderOrder, RefundRecord, RefundState};
pub use webhook::{Delivery, NotGenuine, Notice, Webhook};

/// Razorpay, or the sandbox that speaks like it.
pub const RAZORPAY: &str = "razorpay";
/// Money that the buyer hands to whoever brings the goods.
pub const CASH_ON_DELIVERY: &str = "cash_on_delivery";
/// A payment service of somebody else's, heard of by the broker.
pub const EXTERNAL: &str = "external";

/// Somebody who takes money for us. An order of ours becomes an order of theirs, under which the
/// buyer makes as many attempts to pay as he needs.
///
/// Reads are repeated by the adapter as often as is sensible. What moves money is sent once:
/// [`Failure::Unknown`] then says that it may have happened, and is followed by a look
/// ([`PaymentProvider::find`], [`PaymentProvider::payment`]), never by a second blind call.
/// Refunds carry a key and may be sent again as they are.
pub trait PaymentProvider: Send + Sync {
    /// The name that its payments are kept under.
    fn name(&self) -> &'static str;

    /// Whether the money comes with the goods, so that an order is confirmed without waiting for
    /// it. Nobody is asked over a network then.
    fn pays_on_delivery(&self) -> bool {
        false
    }

    /// The least that it takes for an order.
    fn least(&self, currency: Currency) -> Money {
        Money::zero(currency)
    }

    /// The public half of the key, which a checkout page shows to the provider.
    fn key_id(&self) -> &str;

    /// Makes an order there. After [`Failure::Unknown`] it may be there all the same.
    fn open<'a>(&'a self, order: &'a NewOrder) -> BoxFuture<'a, Result<ProviderOrder, Failure>>;

    /// The order there with this receipt, if there is one; the one with most paid, then the
    /// oldest, if there are several.
    fn find<'a>(&'a self, receipt: &'a str) -> BoxFuture<'a, Result<Option<ProviderOrder>, Failure>>;

    /// Every attempt to pay an order, oldest first.
    fn payments_of<'a>(&'a self, order: &'a str) -> BoxFuture<'a, Result<Vec<PaymentRecord>, Failure>>;

    /// One attempt to pay.
    fn payment<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<PaymentRecord, Failure>>;

    /// Takes the money that a payment has set aside. One that was captured already is answered
    /// as it is.
    fn capture<'a>(&'a self, payment: &'a PaymentRecord) -> BoxFuture<'a, Result<PaymentRecord, Failure>>;

    /// Gives a captured payment back, whole. The same key names the same refund: it may be sent
    /// again after any failure. A key has ten characters or more: letters, digits, `-` and `_`.
    fn refund<'a>(
        &'a self,
        payment: &'a str,
        amount: Money,
        key: &'a str,
    ) -> BoxFuture<'a, Result<RefundRecord, Failure>>;

    /// Every refund of a payment.
    fn refunds_of<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<Vec<RefundRecord>, Failure>>;

    /// Whether the provider signed that this payment pays this order. Compared in constant time.
    /// The order is the one that *we* know: what the buyer sends names nothing.
    fn signed(&self, order: &str, payment: &str, signature: &str) -> bool;

    /// Reads what the provider tells us by itself, once it is sure that it is the provider.
    ///
    /// # Errors
    /// [`NotGenuine`].
    fn read(&self, delivery: &Delivery<'_>) -> Result<Webhook, NotGenuine>;
}

/// Why a provider gives no answer that could be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing was sent, so nothing happened.
    #[error("{0}")]
    Unavailable(String),
    /// It was sent, and what came of it is not known: it must be looked up.
    #[error("{0}")]
    Unknown(String),
    /// The provider says no.
    #[error("{code}: {description}")]
    Refused {
        /// Its word for it: `BAD_REQUEST_ERROR`.
        code: String,
        /// Its sentence.
        description: String,
    },
}

/// Makes an order at a provider, or finds the one that an earlier attempt has made there.
/// `attempted` says that somebody may have tried before, so that the first thing is a look.
///
/// # Errors
/// [`Failure::Unknown`] when it was sent and cannot be found yet; the next attempt begins with a
/// look.
pub async fn open_once(
    provider: &dyn PaymentProvider,
    order: &NewOrder,
    attempted: bool,
) -> Result<ProviderOrder, Failure> {
    if attempted && let Some(found) = provider.find(&order.receipt).await? {
        return Ok(found);
    }
    match provider.open(order).await {
        Err(Failure::Unknown(why)) => {
            let found = provider.find(&order.receipt).await;
            found.ok().flatten().ok_or(Failure::Unknown(why))
        }
        settled => settled,
    }
}
