//! What orders are told of their payments, and payments of what providers say.

use futures_util::future::try_join;

use super::Paying;
use crate::actors::ask::AskError;
use crate::actors::holds::Way;
use crate::actors::orders::Seen;
use crate::actors::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::order::{self, Authority, Status};
use crate::domain::payment::{Capture, Command, Payment, Refund, RefundState};
use crate::services::payments::{self, Failure, PaymentProvider, PaymentRecord, PaymentState, RefundRecord};

/// An order that others work on at the same time is asked so often.
const ATTEMPTS: usize = 8;

impl Paying {
    /// Tells the order that it is paid, and drives it on. It is the order that decides whether it
    /// still takes the payment.
    pub(super) async fn attach(&self, payment: &Payment) -> Result<(), Stuck> {
        let captured = !payment.on_delivery;
        let Some(paid) = self.pay(payment.id, captured).await? else {
            return self.tell_of_order(payment.id, Command::TurnedDown).await;
        };
        if paid.order.is_being_sold() {
            // Nothing keeps it from becoming bought any more, so the payment need not wait for it.
            let sold = self.checkout.drive(paid, Way::Runtime);
            let attached = self.tell_of_order(payment.id, Command::Attached);
            return try_join(sold, attached).await.map(drop);
        }
        let driven = self.checkout.drive(paid, Way::Runtime).await?;
        let command = if driven.order.is_bought() {
            Command::Attached
        } else {
            Command::TurnedDown
        };
        self.tell_of_order(payment.id, command).await
    }

    async fn tell_of_order(&self, payment: Id, command: Command) -> Result<(), Stuck> {
        self.payments.tell(payment, command, None).await?;
        Ok(())
    }

    /// The order after it was told that it is paid; none when it takes no payment.
    async fn pay(&self, id: Id, captured: bool) -> Result<Option<Seen>, Stuck> {
        let orders = self.checkout.orders();
        for _ in 0..ATTEMPTS {
            match orders.tell(id, order::Command::Pay { captured }, None).await {
                Ok(seen) => return Ok(Some(seen)),
                Err(AskError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let Some(seen) = orders.see(id).await? else {
                return Ok(None);
            };
            // What it held is still going back; after that it can be held anew.
            if !(captured && seen.order.may_revive() && seen.order.task.is_some()) {
                return Ok(None);
            }
            self.checkout.drive(seen, Way::Runtime).await?;
        }
        Err(Stuck::Overloaded)
    }

    /// Tells the order that its money goes back. What is not on its way yet is cancelled.
    pub(super) async fn detach(&self, payment: &Payment) -> Result<(), Stuck> {
        for _ in 0..ATTEMPTS {
            let Some(kept) = self.end(payment.id).await? else {
                continue;
            };
            self.payments
                .tell(payment.id, Command::Detached { kept }, None)
                .await?;
            return Ok(());
        }
        Err(Stuck::Overloaded)
    }

    /// Ends an order, and says whether its buyer keeps what was ordered; nothing when it was just
    /// about to become something else.
    async fn end(&self, id: Id) -> Result<Option<bool>, Stuck> {
        let orders = self.checkout.orders();
        let Some(seen) = orders.see(id).await? else {
            return Ok(Some(false));
        };
        let Seen { order, .. } = self.checkout.drive(seen, Way::Runtime).await?;
        if order.status == Some(Status::Cancelled) {
            let user = order.user;
            // Money that comes later does not bring it back.
            let closed = orders
                .tell(id, order::Command::Supersede { id, user }, None)
                .await;
            return refused_is_none(closed).map(|closed| closed.map(|_| false));
        }
        let by = Authority::Admin;
        let cancelled = orders.tell(id, order::Command::Cancel { by }, None).await;
        let Some(cancelled) = refused_is_none(cancelled)? else {
            let seen = orders.see(id).await?;
            return Ok(seen.filter(|seen| seen.order.is_bought()).map(|_| true));
        };
        self.checkout.drive(cancelled, Way::Runtime).await?;
        Ok(Some(false))
    }
}

fn refused_is_none<T>(asked: Result<T, AskError<order::Refusal>>) -> Result<Option<T>, Stuck> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(AskError::Refused { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a payment is told of an attempt at its provider, if there is anything to tell.
pub(super) fn news(provider: &str, found: &PaymentRecord) -> Option<Command> {
    match found.state {
        PaymentState::Failed => Some(Command::Declined {
            payment: found.id.clone(),
        }),
        _ => captured(provider, found),
    }
}

/// What a payment is told of an attempt that brought money.
pub(super) fn captured(provider: &str, found: &PaymentRecord) -> Option<Command> {
    match found.state {
        PaymentState::Captured | PaymentState::Refunded => Some(Command::Captured(Box::new(Capture {
            provider: provider.to_owned(),
            id: found.id.clone(),
            amount: found.amount,
            fee: found.fee,
            refunds: Vec::new(),
        }))),
        PaymentState::Created | PaymentState::Authorized | PaymentState::Failed => None,
    }
}

/// An attempt whose money is taken if it is only set aside: after some days it would go back to the
/// buyer by itself.
pub(super) async fn taken(
    provider: &dyn PaymentProvider,
    found: PaymentRecord,
) -> Result<PaymentRecord, Failure> {
    match found.state {
        PaymentState::Authorized => provider.capture(&found).await,
        _ => Ok(found),
    }
}

pub(super) fn refund(heard: &RefundRecord) -> Refund {
    Refund {
        id: heard.id.clone(),
        amount: heard.amount,
        state: match heard.state {
            payments::RefundState::Pending => RefundState::Pending,
            payments::RefundState::Processed => RefundState::Processed,
            payments::RefundState::Failed => RefundState::Failed,
        },
    }
}
