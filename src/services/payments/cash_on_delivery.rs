//! Cash on delivery: a provider that knows nothing but what we tell it, and never fails.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::record::{NewOrder, PaymentRecord, ProviderOrder, RefundRecord, RefundState};
use super::webhook::{Delivery, NotGenuine, Webhook};
use super::{CASH_ON_DELIVERY, Failure, PaymentProvider};
use crate::domain::money::Money;

/// Whoever brings the goods takes the money.
#[derive(Debug, Clone, Copy)]
pub struct CashOnDelivery;

/// There is nobody to ask: what was paid at a door stands in our own payment.
fn nobody() -> Failure {
    Failure::Refused {
        code: "CASH_ON_DELIVERY".into(),
        description: "nobody keeps records of cash but this shop".into(),
    }
}

impl PaymentProvider for CashOnDelivery {
    fn name(&self) -> &'static str {
        CASH_ON_DELIVERY
    }

    fn pays_on_delivery(&self) -> bool {
        true
    }

    fn key_id(&self) -> &'static str {
        ""
    }

    fn open<'a>(&'a self, order: &'a NewOrder) -> BoxFuture<'a, Result<ProviderOrder, Failure>> {
        let opened = ProviderOrder {
            id: format!("cash_{}", order.receipt),
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
        ready(Err(nobody())).boxed()
    }

    fn capture<'a>(&'a self, _payment: &'a PaymentRecord) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        ready(Err(nobody())).boxed()
    }

    /// Cash goes back over the counter: it is done when it is asked for.
    fn refund<'a>(
        &'a self,
        payment: &'a str,
        amount: Money,
        key: &'a str,
    ) -> BoxFuture<'a, Result<RefundRecord, Failure>> {
        let refund = RefundRecord {
            id: format!("cash_{key}"),
            payment: payment.to_owned(),
            amount,
            state: RefundState::Processed,
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
