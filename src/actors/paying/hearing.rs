//! What providers say by themselves, and administrators want. Everything is durable in the payment
//! before it is answered, and whatever follows from it is done beside the answer.

use tracing::{info, warn};

use super::telling::news;
use super::{NotHeard, Paying};
use crate::actors::ask::{Answer, Ask, AskError, Once};
use crate::actors::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::payment::{Command, Opened, Payment, Refusal};
use crate::services::payments::{Delivery, Failure, Notice, PaymentProvider, PaymentRecord, ProviderOrder};
use crate::services::payments::{RefundRecord, Webhook};

impl Paying {
    /// Gives all of a payment back, or notes that it is back, at an administrator's wish.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn refund_all(&self, id: Id, ask: Ask<Payment>) -> Result<Answer<Payment>, AskError<Refusal>> {
        let asked = self.payments.owners().ask(id, ask).await?;
        Ok(self.driven(asked).await)
    }

    /// What is decided stands, come what may; what follows from it is done now, or later.
    pub(super) async fn driven(&self, asked: Answer<Payment>) -> Answer<Payment> {
        match self.drive(asked.reply.id).await {
            Ok(Some(seen)) => seen.answer(asked.replayed),
            Ok(None) => asked,
            Err(stuck) => {
                warn!(payment = %asked.reply.id, %stuck, "it is gone on with later");
                asked
            }
        }
    }

    /// Takes in what a provider says by itself.
    ///
    /// # Errors
    /// See [`NotHeard`].
    pub async fn hear(&self, provider: &str, delivery: &Delivery<'_>) -> Result<(), NotHeard> {
        let provider = self.providers.named(provider)?;
        let webhook = provider.read(delivery)?;
        if let Some((id, commands)) = self.meaning(provider, &webhook).await?
            && let Some(known) = self.payments.see(id).await?
        {
            let source = format!("webhook/{}/{}", provider.name(), webhook.event);
            return self.tell_news(&known.payment, commands, &source).await;
        }
        info!(
            event = webhook.event,
            "a webhook that concerns no payment of ours"
        );
        Ok(())
    }

    /// What a payment knows already is not written down a second time. From the first piece of
    /// news on it is told everything, because what follows may rest on it. Whoever gave it
    /// something to do before is at it; what is to be done since then is begun here.
    async fn tell_news(&self, known: &Payment, commands: Vec<Command>, source: &str) -> Result<(), NotHeard> {
        let owners = self.payments.owners();
        let at = owners.engine().now(None);
        let (before, mut task) = (known.task(at.now), None);
        let told = commands.into_iter().enumerate();
        for (n, command) in told.skip_while(|(_, command)| !known.is_news(command, &at)) {
            let once = Once {
                key: format!("{source}/{n}"),
                body: String::new(),
            };
            let ask = Ask::new(command, at).once(Some(once));
            match owners.ask_as_runtime(known.id, ask).await {
                Ok(heard) => task = heard.reply.task(at.now),
                Err(AskError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if task.is_some() && task != before {
            self.drive_soon(known.id);
        }
        Ok(())
    }

    /// Which payment a webhook is about, and what it is told.
    async fn meaning(
        &self,
        provider: &dyn PaymentProvider,
        webhook: &Webhook,
    ) -> Result<Option<(Id, Vec<Command>)>, NotHeard> {
        match &webhook.notice {
            Notice::PaymentCaptured(payment) | Notice::PaymentFailed(payment) => {
                self.of_payment(provider, payment).await
            }
            Notice::OrderPaid(order, payment) => Ok(Self::of_order(provider, order, payment)),
            Notice::RefundProcessed(refund) | Notice::RefundFailed(refund) => {
                self.of_refund(provider, refund).await
            }
            // Money that is only set aside is taken when the provider is asked what it has.
            Notice::PaymentAuthorized(_) | Notice::Ignored(_) => Ok(None),
        }
    }

    async fn of_payment(
        &self,
        provider: &dyn PaymentProvider,
        payment: &PaymentRecord,
    ) -> Result<Option<(Id, Vec<Command>)>, NotHeard> {
        let Some(order) = &payment.order else {
            return Ok(None);
        };
        let id = self.payments.named(provider.name(), order).await?;
        let command = news(provider.name(), payment);
        Ok(id.map(|id| (id, command.into_iter().collect())))
    }

    /// An order there bears our own name for it, and so is known even if we never heard that it
    /// was opened.
    fn of_order(
        provider: &dyn PaymentProvider,
        order: &ProviderOrder,
        payment: &PaymentRecord,
    ) -> Option<(Id, Vec<Command>)> {
        let id = order.receipt.parse::<Id>().ok()?;
        let opened = Command::Opened(Opened {
            provider: provider.name().to_owned(),
            id: order.id.clone(),
        });
        let told = news(provider.name(), payment);
        Some((id, [opened].into_iter().chain(told).collect()))
    }

    /// A refund may be heard of before what it gives back.
    async fn of_refund(
        &self,
        provider: &dyn PaymentProvider,
        heard: &RefundRecord,
    ) -> Result<Option<(Id, Vec<Command>)>, NotHeard> {
        let refunded = Command::Refunded {
            capture: heard.payment.clone(),
            refund: super::telling::refund(heard),
        };
        if let Some(id) = self.payments.named(provider.name(), &heard.payment).await? {
            return Ok(Some((id, vec![refunded])));
        }
        let payment = provider.payment(&heard.payment).await?;
        let found = self.of_payment(provider, &payment).await?;
        Ok(found.map(|(id, mut commands)| {
            commands.push(refunded);
            (id, commands)
        }))
    }
}

impl From<Failure> for NotHeard {
    fn from(failure: Failure) -> Self {
        Self::Later(Stuck::Unavailable(failure.to_string()))
    }
}
