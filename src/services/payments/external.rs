//! A payment service of somebody else's, which hears of orders on the broker and says there how
//! their payments went. Nothing can be asked of it, and nobody signs for it but the broker.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::record::{NewOrder, PaymentRecord, ProviderOrder, RefundRecord, RefundState};
use super::webhook::{Delivery, NotGenuine, Webhook};
use super::{EXTERNAL, Failure, PaymentProvider};
use crate::domain::money::Money;

/// Whoever says on the broker that he has taken the money.
#[derive(Debug, Clone, Copy)]
pub struct External;

/// It speaks when it wants to.
fn never_asked() -> Failure {
    Failure::Refused {
        code: "EXTERNAL".into(),
        description: "this service says by itself how payments went, and cannot be asked".into(),
    }
}

impl PaymentProvider for External {
    fn name(&self) -> &'static str {
        EXTERNAL
    }

    fn key_id(&self) -> &'static str {
        ""
    }

    /// It knows our orders by our own names for them.
    fn open<'a>(&'a self, order: &'a NewOrder) -> BoxFuture<'a, Result<ProviderOrder, Failure>> {
        let opened = ProviderOrder {
            id: order.receipt.clone(),
            receipt: order.receipt.clone(),
            amount: order.amount,
            paid: Money::zero(order.amount.currency()),
        };
        ready(Ok(opened)).boxed()
    }

    fn find<'a>(&'a self, _receipt: &'a str) -> BoxFuture<'a, Result<Option<ProviderOrder>, Failure>> {
        ready(Ok(None)).boxed()
    }

    fn payments_of<'a>(&'a self, _order: &'a str) -> BoxFuture<'a, Result<Vec<PaymentRecord>, Failure>> {
        ready(Ok(Vec::new())).boxed()
    }

    fn payment<'a>(&'a self, _payment: &'a str) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        ready(Err(never_asked())).boxed()
    }

    fn capture<'a>(&'a self, _payment: &'a PaymentRecord) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        ready(Err(never_asked())).boxed()
    }

    /// It hears of `PAYMENT_REFUNDING` as of every event. The refund is in its hand until it says
    /// that the money is back, or an administrator does.
    fn refund<'a>(
        &'a self,
        payment: &'a str,
        amount: Money,
        key: &'a str,
    ) -> BoxFuture<'a, Result<RefundRecord, Failure>> {
        let refund = RefundRecord {
            id: key.to_owned(),
            payment: payment.to_owned(),
            amount,
            state: RefundState::Pending,
        };
        ready(Ok(refund)).boxed()
    }

    fn refunds_of<'a>(&'a self, _payment: &'a str) -> BoxFuture<'a, Result<Vec<RefundRecord>, Failure>> {
        ready(Ok(Vec::new())).boxed()
    }

    fn signed(&self, _order: &str, _payment: &str, _signature: &str) -> bool {
        false
    }

    fn read(&self, _delivery: &Delivery<'_>) -> Result<Webhook, NotGenuine> {
        Err(NotGenuine::Unsigned)
    }
}
