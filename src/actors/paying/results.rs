//! What a payment service outside says on the broker of orders that it took money for. It may be
//! the first that is heard of a payment: the payment is begun then, whatever became of the order
//! meanwhile, because money that came is attached or goes back.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tracing::info;

use super::{NoPayment, Paying, Wanted};
use crate::actors::ask::{Ask, AskError, Once};
use crate::actors::stuck::Stuck;
use crate::domain::order::{Order, Status};
use crate::domain::payment::{Capture, Command, Payment};
use crate::events::consumer::Retry;
use crate::events::rabbitmq::{Outcome, PaymentResult, PaymentResults};
use crate::services::payments::EXTERNAL;
use crate::store::Unavailable;

impl PaymentResults for Paying {
    fn settle<'a>(&'a self, result: &'a PaymentResult) -> BoxFuture<'a, Result<(), Retry>> {
        self.take_in(result).boxed()
    }
}

impl Paying {
    async fn take_in(&self, result: &PaymentResult) -> Result<(), Retry> {
        let seen = self.checkout.orders().see(result.order).await?;
        let order = seen
            .map(|seen| seen.order)
            .filter(|order| order.user == result.user);
        let order = order.ok_or_else(|| Retry::because("this buyer has no such order"))?;
        let Some(payment) = self.outside(order, result).await? else {
            info!(order = %result.order, "the result of a payment that no service outside is in charge of");
            return Ok(());
        };
        let ask = self.said(result, &payment);
        match self.payments.owners().ask_as_runtime(payment.id, ask).await {
            // What goes back may be heard of before it came.
            Err(AskError::Refused { refusal, .. }) if result.outcome == Outcome::Refunded => {
                return Err(Retry::because(refusal.to_string()));
            }
            Ok(_) | Err(AskError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.drive_soon(payment.id);
        Ok(())
    }

    /// The payment that a service outside is in charge of; none if nothing came of an attempt and
    /// another provider is, or the order waits for nothing any more.
    async fn outside(&self, order: Order, result: &PaymentResult) -> Result<Option<Payment>, Retry> {
        if let Some(seen) = self.payments.see(order.id).await? {
            return in_charge(seen.payment, result);
        }
        match result.outcome {
            Outcome::Refunded => return Err(Retry::because("nothing was paid for this order")),
            Outcome::Failed if order.status != Some(Status::Pending) => return Ok(None),
            Outcome::Failed | Outcome::Paid => {}
        }
        let wanted = Wanted {
            order,
            method: EXTERNAL.to_owned(),
            once: None,
        };
        let begun = self.make_payable(&wanted).await.map_err(later)?;
        in_charge(begun.reply, result)
    }

    /// What a payment is told of a result.
    fn said(&self, result: &PaymentResult, payment: &Payment) -> Ask<Payment> {
        let now = self.payments.owners().engine().now(None);
        let transaction = result.transaction.clone();
        let command = match result.outcome {
            Outcome::Paid => Command::Captured(Box::new(Capture {
                provider: EXTERNAL.to_owned(),
                id: transaction,
                // A result tells no amount: the service took what the order said.
                amount: payment.price,
                fee: None,
                refunds: Vec::new(),
            })),
            Outcome::Failed => Command::Declined { payment: transaction },
            // It takes effect once by itself, and a refusal must not be remembered.
            Outcome::Refunded => {
                let (provider, capture) = (EXTERNAL.to_owned(), Some(transaction));
                return Ask::new(Command::GivenBack { provider, capture }, now);
            }
        };
        let paid = result.outcome == Outcome::Paid;
        let key = format!("{EXTERNAL}/{}/{}/{paid}", payment.id, result.transaction);
        let body = String::new();
        Ask::new(command, now).once(Some(Once { key, body }))
    }
}

/// The payment, if a service outside is in charge of it. If another provider is, an attempt that
/// came to nothing is nobody's business; but money that a service outside has, or says it gave back,
/// must not be lost sight of: that goes to the dead letters, for somebody to look after.
fn in_charge(payment: Payment, result: &PaymentResult) -> Result<Option<Payment>, Retry> {
    let came = payment.capture(&result.transaction);
    if payment.method == EXTERNAL || came.is_some_and(|came| came.provider == EXTERNAL) {
        return Ok(Some(payment));
    }
    let what = match result.outcome {
        Outcome::Failed => return Ok(None),
        Outcome::Paid => "took money for",
        Outcome::Refunded => "gave money back for",
    };
    let (order, method, transaction) = (payment.id, &payment.method, &result.transaction);
    Err(Retry::because(format!(
        "a service outside {what} order {order} ({transaction}), which is paid by {method}: see to it by hand"
    )))
}

fn later(why: NoPayment) -> Retry {
    match why {
        NoPayment::Busy => Unavailable("somebody else begins the payment".into()).into(),
        NoPayment::Payment(error) => error.into(),
        NoPayment::Stuck(Stuck::Unavailable(why)) => Unavailable(why).into(),
        why => Retry::because(format!("the order takes no payment: {why:?}")),
    }
}
