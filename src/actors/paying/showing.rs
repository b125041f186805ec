//! What a buyer shows who has paid. The provider signs for money that its bank has set aside as well
//! as for money that it has, so a good signature is the reason to ask it, and its word is what counts.

use tracing::warn;

use super::telling::{captured, taken};
use super::{NoPayment, Paying};
use crate::actors::ask::{Answer, Ask, Once};
use crate::actors::holds::Way;
use crate::actors::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::payment::{Command, Payment, Status};
use crate::services::payments::{Failure, PaymentProvider, PaymentState};

/// What a buyer shows who has paid.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The order, by the provider's name for it.
    pub order: String,
    /// What paid it, likewise.
    pub payment: String,
    /// The provider's signature under both.
    pub signature: String,
}

impl Paying {
    /// Confirms the order of a buyer who shows the provider's signature, once the money is there.
    ///
    /// # Errors
    /// See [`NoPayment`].
    pub async fn verify(
        &self,
        provider: &str,
        buyer: Id,
        shown: &Verified,
        once: Option<Once>,
    ) -> Result<Answer<Payment>, NoPayment> {
        let provider = self.providers.named(provider)?;
        let named = self.payments.named(provider.name(), &shown.order).await?;
        let id = named.ok_or(NoPayment::Forged)?;
        let known = self.payments.see(id).await?.ok_or(NoPayment::Forged)?.payment;
        // A provider's names of payments are known as well, and are none of an order.
        if known.orders.iter().all(|opened| opened.id != shown.order) {
            return Err(NoPayment::Forged);
        }
        if known.user != buyer {
            return Err(NoPayment::NotYours);
        }
        if !signed(provider, &known, shown) {
            let payment = shown.payment.clone();
            self.payments
                .tell(id, Command::Forged { payment }, Some(buyer))
                .await?;
            return Err(NoPayment::Forged);
        }
        let command = match known.capture(&shown.payment) {
            Some(heard) => Command::Captured(Box::new(heard.clone())),
            None => self.ask_after(provider, &known, shown).await?,
        };
        let owners = self.payments.owners();
        let now = owners.engine().now(Some(buyer));
        let asked = owners.ask(id, Ask::new(command, now).once(once)).await?;
        let answer = self.driven(asked).await;
        if let Err(stuck) = self.finish_sale(id).await {
            warn!(payment = %id, %stuck, "its order is gone on with later");
        }
        judge(answer, &shown.payment)
    }

    /// A webhook may have been faster, and its work not be done yet. Whoever hears that he has paid
    /// is to find his order confirmed.
    async fn finish_sale(&self, order: Id) -> Result<(), Stuck> {
        let seen = self.checkout.orders().see(order).await?;
        if let Some(seen) = seen.filter(|seen| seen.order.is_being_sold()) {
            self.checkout.drive(seen, Way::Runtime).await?;
        }
        Ok(())
    }

    /// What the provider has of a payment that was shown. If it does not say, the payment knows that
    /// something is to be heard, and the provider is asked again without the buyer.
    async fn ask_after(
        &self,
        provider: &dyn PaymentProvider,
        known: &Payment,
        shown: &Verified,
    ) -> Result<Command, NoPayment> {
        let why = match money_of(provider, &shown.payment).await {
            Ok(captured) => return Ok(captured),
            Err(why) => why,
        };
        self.payments
            .tell(known.id, Command::Shown, Some(known.user))
            .await?;
        Err(why.into())
    }
}

/// The money of a payment, which is taken if it is only set aside.
async fn money_of(provider: &dyn PaymentProvider, payment: &str) -> Result<Command, Failure> {
    let found = provider.payment(payment).await?;
    let found = taken(provider, found).await?;
    if let Some(captured) = captured(provider.name(), &found) {
        return Ok(captured);
    }
    Err(match (found.state, found.error) {
        (PaymentState::Failed, Some(why)) => Failure::Refused {
            code: why.code,
            description: why.description,
        },
        (state, _) => Failure::Unavailable(format!("the provider has signed for money that is {state:?}")),
    })
}

/// The signature is checked under the name that *we* know: what the buyer sends names nothing.
fn signed(provider: &dyn PaymentProvider, known: &Payment, shown: &Verified) -> bool {
    let ours = known.orders.iter().find(|opened| opened.id == shown.order);
    ours.is_some_and(|opened| provider.signed(&opened.id, &shown.payment, &shown.signature))
}

/// What a buyer hears who has shown a good signature. What has paid the order is good for ever: the
/// answer says what became of it. Money that never paid anything goes back.
fn judge(answer: Answer<Payment>, shown: &str) -> Result<Answer<Payment>, NoPayment> {
    let Payment {
        recorded,
        status,
        has_paid,
        ..
    } = &answer.reply;
    let pays = recorded.as_deref() == Some(shown);
    if pays && (*has_paid || *status == Status::Successful) {
        return Ok(answer);
    }
    Err(NoPayment::GoesBack(Box::new(answer.reply)))
}
