//! What a payment service outside says on the broker of orders that it took money for. It may be
//! the first that is heard of a payment: the payment is begun then.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tracing::info;

use super::{NoPayment, Paying, Wanted};
use crate::actors::ask::{Ask, AskError, Once};
use crate::actors::stuck::Stuck;
use crate::domain::order::Order;
use crate::domain::payment::{Capture, Command, Payment};
use crate::events::consumer::Retry;
use crate::events::rabbitmq::{PaymentResult, PaymentResults};
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
        let Some(payment) = self.outside(order).await? else {
            info!(order = %result.order, "the result of a payment that no service outside is in charge of");
            return Ok(());
        };
        let told = self
            .payments
            .owners()
            .ask_as_runtime(payment.id, said(result, &payment, self))
            .await;
        match told {
            Ok(_) | Err(AskError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.drive_soon(payment.id);
        Ok(())
    }

    /// The payment that a service outside is in charge of; none if another provider is.
    async fn outside(&self, order: Order) -> Result<Option<Payment>, Retry> {
        if let Some(seen) = self.payments.see(order.id).await? {
            return Ok(Some(seen.payment).filter(|payment| payment.method == EXTERNAL));
        }
        let wanted = Wanted {
            order,
            method: EXTERNAL.to_owned(),
            once: None,
        };
        let begun = self.begin(&wanted).await.map_err(later)?;
        Ok(Some(begun.reply).filter(|payment| payment.method == EXTERNAL))
    }
}

/// What a payment is told of a result, once for each transaction.
fn said(result: &PaymentResult, payment: &Payment, paying: &Paying) -> Ask<Payment> {
    let transaction = result.transaction.clone();
    let command = if result.paid {
        Command::Captured(Box::new(Capture {
            provider: EXTERNAL.to_owned(),
            id: transaction,
            // A result tells no amount: the service took what the order said.
            amount: payment.price,
            fee: None,
            confirmed: true,
            refunds: Vec::new(),
        }))
    } else {
        Command::Declined { payment: transaction }
    };
    let once = Once {
        key: format!("{EXTERNAL}/{}/{}/{}", payment.id, result.transaction, result.paid),
        body: String::new(),
    };
    Ask::new(command, paying.payments.owners().engine().now(None)).once(Some(once))
}

fn later(why: NoPayment) -> Retry {
    match why {
        NoPayment::Busy => Unavailable("somebody else begins the payment".into()).into(),
        NoPayment::Payment(error) => error.into(),
        NoPayment::Stuck(Stuck::Unavailable(why)) => Unavailable(why).into(),
        why => Retry::because(format!("the order takes no payment: {why:?}")),
    }
}
