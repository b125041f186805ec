//! The first step of a payment: something is opened for it at its provider, once, whoever asks
//! for it how often and on how many runtimes.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{NoPayment, Paying};
use crate::actors::ask::{Answer, Ask, Once};
use crate::actors::payments::Seen;
use crate::domain::id::Id;
use crate::domain::order::{self, Order, Status};
use crate::domain::payment::{Beginning, Bond, Command, Opened, Payment, Share, Split};
use crate::services::payments::{Failure, NewOrder, PaymentProvider, open_once};

/// So long does a request wait for another one that is opening the same payment.
const PATIENCE: Duration = Duration::from_secs(8);

/// What somebody gives who wants to pay.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The order, which is the caller's own.
    pub order: Order,
    /// The name of the provider.
    pub method: String,
    /// To take effect once.
    pub once: Option<Once>,
}

impl Paying {
    /// Makes an order payable, or finds that it is.
    ///
    /// # Errors
    /// See [`NoPayment`].
    pub async fn begin(&self, wanted: &Wanted) -> Result<Answer<Payment>, NoPayment> {
        let provider = self.providers.named(&wanted.method)?;
        if wanted.order.status != Some(Status::Pending) {
            return self.begun(wanted, provider).await;
        }
        self.make_payable(wanted).await
    }

    /// The same, whatever became of the order.
    pub(super) async fn make_payable(&self, wanted: &Wanted) -> Result<Answer<Payment>, NoPayment> {
        let provider = self.providers.named(&wanted.method)?;
        enough(wanted, provider)?;
        let (mut once, mut replayed) = (wanted.once.clone(), false);
        let patience = Instant::now() + PATIENCE;
        loop {
            let changed = self.payments.changed().notified();
            tokio::pin!(changed);
            // Whatever changes after the question wakes it.
            changed.as_mut().enable();
            let by = self.payments.owners().engine().id();
            let asked = self.ask_to_begin(wanted, provider, by, once.take(), None).await?;
            if asked.replayed {
                // What came of it then may have come further since.
                replayed = true;
                continue;
            }
            let begun = self.gone_on(wanted, provider, by, asked).await?;
            // While it was opened, the buyer may have chosen to pay another way.
            if let Some(begun) = begun.filter(|begun| begun.payment.method == wanted.method) {
                return Ok(begun.answer(replayed));
            }
            if timeout_at(patience, changed).await.is_err() {
                return Err(NoPayment::Busy);
            }
        }
    }

    /// The next step of what was just asked, if it is this request's to take.
    async fn gone_on(
        &self,
        wanted: &Wanted,
        provider: &dyn PaymentProvider,
        by: Id,
        asked: Answer<Payment>,
    ) -> Result<Option<Seen>, NoPayment> {
        let payment = &asked.reply;
        if payment.method != wanted.method {
            return Ok(None);
        }
        if payment.on_delivery {
            return Ok(Some(self.promised(payment).await?));
        }
        if payment.is_claimed_by(by) {
            return Ok(Some(self.open(payment, provider, by).await?));
        }
        Ok(payment.provider_order().is_some().then(|| Seen::from(asked)))
    }

    /// An order that is not waiting for money may have been promised it, or this very request was
    /// answered when it still was.
    async fn begun(
        &self,
        wanted: &Wanted,
        provider: &dyn PaymentProvider,
    ) -> Result<Answer<Payment>, NoPayment> {
        let not_now = NoPayment::NotNow(wanted.order.status);
        let seen = self.payments.see(wanted.order.id).await?.ok_or(not_now.clone())?;
        let payment = &seen.payment;
        if payment.method != wanted.method {
            return Err(not_now);
        }
        if payment.on_delivery && payment.bond == Bond::Tied && wanted.order.is_bought() {
            return Ok(seen.answer(false));
        }
        if wanted.once.is_none() || payment.provider_order().is_none() {
            return Err(not_now);
        }
        let by = self.payments.owners().engine().id();
        // What is remembered of the request is its answer, now and later.
        let refused = Some(order::Refusal::NotNow(wanted.order.status));
        let asked = self
            .ask_to_begin(wanted, provider, by, wanted.once.clone(), refused)
            .await?;
        Ok(seen.answer(asked.replayed))
    }

    async fn ask_to_begin(
        &self,
        wanted: &Wanted,
        provider: &dyn PaymentProvider,
        by: Id,
        once: Option<Once>,
        refused: Option<order::Refusal>,
    ) -> Result<Answer<Payment>, NoPayment> {
        let order = &wanted.order;
        let Some(bill) = order.bill else {
            return Err(NoPayment::NotNow(order.status));
        };
        let beginning = Beginning {
            order: order.id,
            user: order.user,
            method: wanted.method.clone(),
            on_delivery: provider.pays_on_delivery(),
            price: bill.total,
            split: Split {
                shares: shares(order),
                tax: bill.tax,
                shipping: bill.shipping,
            },
            look_every: self.look_every,
            by,
            refused,
        };
        let owners = self.payments.owners();
        let now = owners.engine().now(Some(order.user));
        let ask = Ask::new(Command::Begin(Box::new(beginning)), now).once(once);
        Ok(owners.ask(order.id, ask).await?)
    }

    async fn open(
        &self,
        payment: &Payment,
        provider: &dyn PaymentProvider,
        by: Id,
    ) -> Result<Seen, NoPayment> {
        let order = NewOrder {
            receipt: payment.id.to_string(),
            amount: payment.price,
            notes: vec![("order".into(), payment.id.to_string())],
        };
        let opened = open_once(provider, &order, payment.attempts > 1).await;
        let tell = |command| self.payments.tell(payment.id, command, Some(payment.user));
        match opened {
            Ok(opened) => {
                let provider = provider.name().to_owned();
                let id = opened.id;
                Ok(tell(Command::Opened(Opened { provider, id })).await?)
            }
            Err(failure) => {
                let sure = !matches!(failure, Failure::Unknown(_));
                tell(Command::NotOpened { by, sure }).await?;
                Err(failure.into())
            }
        }
    }

    /// The order is confirmed without waiting for the money.
    async fn promised(&self, payment: &Payment) -> Result<Seen, NoPayment> {
        let over = NoPayment::NotNow(Some(Status::Cancelled));
        let seen = self.drive(payment.id).await?.ok_or(over.clone())?;
        if seen.payment.bond == Bond::Cut {
            Err(over)
        } else {
            Ok(seen)
        }
    }
}

/// Whether an order comes to as much as the provider takes.
fn enough(wanted: &Wanted, provider: &dyn PaymentProvider) -> Result<(), NoPayment> {
    let Some(bill) = wanted.order.bill else {
        return Err(NoPayment::NotNow(wanted.order.status));
    };
    let least = provider.least(bill.total.currency());
    if bill.total.minor() < least.minor() {
        return Err(NoPayment::TooLittle(least));
    }
    Ok(())
}

/// What each seller gets of an order.
fn shares(order: &Order) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for line in &order.lines {
        // The bill has added all of them up before, so none is more than any amount.
        let Ok(amount) = line.total() else { continue };
        match shares.iter_mut().find(|share| share.seller == line.seller) {
            Some(share) => share.amount = share.amount.plus(amount).unwrap_or(share.amount),
            None => shares.push(Share {
                seller: line.seller,
                amount,
            }),
        }
    }
    shares
}
