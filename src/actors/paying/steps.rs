//! The tasks of a payment, and how each is done. Every step may be done twice and by several at
//! once; only the calls that move money are claimed before they are made.

use tracing::{error, warn};

use super::Paying;
use super::telling::{news, refund, taken};
use crate::actors::payments::Seen;
use crate::actors::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::payment::{Capture, Command, Owed, Payment, Task};
use crate::services::payments::{Failure, PaymentProvider, PaymentRecord, RefundRecord};

/// So many tasks follow one another at the most, even where others work on the same payment.
const TASKS_MAX: usize = 16;

impl Paying {
    /// Does what is to be done for a payment until nothing is, or until its provider wants a rest.
    ///
    /// # Errors
    /// See [`Stuck`].
    pub async fn drive(&self, id: Id) -> Result<Option<Seen>, Stuck> {
        for _ in 0..TASKS_MAX {
            let Some(seen) = self.payments.see(id).await? else {
                return Ok(None);
            };
            let now = self.payments.owners().engine().clock.now();
            match seen.payment.task(now) {
                None => return Ok(Some(seen)),
                Some(Task::Attach) => self.attach(&seen.payment).await?,
                Some(Task::Detach) => self.detach(&seen.payment).await?,
                Some(Task::Refund(_)) => self.give_back(&seen.payment).await?,
                Some(Task::Look) => self.look(&seen.payment).await?,
            }
        }
        error!(payment = %id, "a payment does not come to an end");
        Err(Stuck::Failed)
    }

    /// Gives back what is owed, if nobody else is at it.
    async fn give_back(&self, payment: &Payment) -> Result<(), Stuck> {
        let by = self.payments.owners().engine().id();
        let claimed = self
            .payments
            .tell(payment.id, Command::Claim { by }, None)
            .await?
            .payment;
        let Some(owed) = claimed.owed().filter(|_| claimed.is_claimed_by(by)) else {
            return Ok(());
        };
        let heard = self.refund(&owed).await;
        let refunds = heard.inspect_err(|failure| {
            warn!(payment = %payment.id, capture = owed.capture, %failure, "it goes back later");
        });
        let refunds = refunds.unwrap_or_default();
        for heard in &refunds {
            self.told_of_refund(payment.id, &owed.capture, heard).await?;
        }
        let capture = owed.capture;
        let put_off = Command::PutOff { by, capture };
        self.payments.tell(payment.id, put_off, None).await?;
        Ok(())
    }

    /// What is known of the refunds of a capture, after asking for one.
    async fn refund(&self, owed: &Owed) -> Result<Vec<RefundRecord>, Failure> {
        let provider = self.providers.named(&owed.provider)?;
        match provider.refund(&owed.capture, owed.amount, &owed.key).await {
            Ok(refund) => Ok(vec![refund]),
            // It may have gone back at somebody else's hands.
            Err(Failure::Refused { code, description }) => {
                let known = provider.refunds_of(&owed.capture).await?;
                warn!(
                    capture = owed.capture,
                    code,
                    description,
                    known = known.len(),
                    "a refund was refused"
                );
                Ok(known)
            }
            Err(failure) => Err(failure),
        }
    }

    pub(super) async fn told_of_refund(
        &self,
        payment: Id,
        capture: &str,
        heard: &RefundRecord,
    ) -> Result<(), Stuck> {
        let capture = capture.to_owned();
        let refund = refund(heard);
        let command = Command::Refunded { capture, refund };
        self.payments.tell(payment, command, None).await?;
        Ok(())
    }

    /// Asks the providers what they have heard of the buyer. Whatever they say or do not say,
    /// they are asked again later, as long as something may come.
    async fn look(&self, payment: &Payment) -> Result<(), Stuck> {
        let mut heard = true;
        for opened in &payment.orders {
            let Ok(provider) = self.providers.named(&opened.provider) else {
                heard = false;
                continue;
            };
            match self.look_at(payment, provider, &opened.id).await {
                Ok(()) => {}
                Err(Lost::Provider(failure)) => {
                    heard = false;
                    warn!(payment = %payment.id, %failure, "the provider is asked again later");
                }
                Err(Lost::Stuck(stuck)) => return Err(stuck),
            }
        }
        let looked = Command::Looked { heard };
        self.payments.tell(payment.id, looked, None).await?;
        Ok(())
    }

    async fn look_at(
        &self,
        payment: &Payment,
        provider: &dyn PaymentProvider,
        order: &str,
    ) -> Result<(), Lost> {
        let mut failed = None;
        for found in provider.payments_of(order).await? {
            match self.look_at_attempt(payment, provider, found).await {
                Ok(()) => {}
                // Another attempt may have brought the money all the same.
                Err(Lost::Provider(failure)) => failed = failed.or(Some(failure)),
                Err(stuck) => return Err(stuck),
            }
        }
        failed.map_or(Ok(()), |failure| Err(Lost::Provider(failure)))
    }

    async fn look_at_attempt(
        &self,
        payment: &Payment,
        provider: &dyn PaymentProvider,
        found: PaymentRecord,
    ) -> Result<(), Lost> {
        let found = taken(provider, found).await?;
        if let Some(command) = news(provider.name(), &found) {
            self.payments
                .tell(payment.id, command, None)
                .await
                .map_err(Stuck::from)?;
        }
        let refunding = payment.capture(&found.id).is_some_and(Capture::is_under_way);
        if found.refunded.is_positive() || refunding {
            for heard in provider.refunds_of(&found.id).await? {
                self.told_of_refund(payment.id, &found.id, &heard).await?;
            }
        }
        Ok(())
    }
}

/// Why a look broke off.
enum Lost {
    Provider(Failure),
    Stuck(Stuck),
}

impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        Self::Provider(failure)
    }
}

impl From<Stuck> for Lost {
    fn from(stuck: Stuck) -> Self {
        Self::Stuck(stuck)
    }
}
