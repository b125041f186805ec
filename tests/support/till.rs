//! A payment provider of the tests: it keeps its own books, which no runtime of ours can touch,
//! and answers badly as often as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bazaar::clock::Chance;
use bazaar::domain::money::Money;
use bazaar::services::payments::{
    Delivery, Failure, NewOrder, NotGenuine, Notice, PaymentProvider, PaymentRecord, PaymentState,
    ProviderOrder, RAZORPAY, RefundRecord, RefundState, Webhook,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::sleep;

/// How a call that changes something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It is done and answered.
    Good,
    /// It is not even taken.
    Away,
    /// It is done, and the answer is lost.
    DoneInSilence,
    /// It is lost, and nobody can tell.
    LostInSilence,
    /// It is done and answered, so much later.
    Late(Duration),
}

/// A provider. Cloning it gives another handle to the same one.
#[derive(Clone, Default)]
pub(crate) struct Till {
    books: Arc<Mutex<Books>>,
    /// Of so many calls in a thousand something goes wrong, by this chance.
    weather: Option<(Chance, u64)>,
}

#[derive(Default)]
struct Books {
    orders: BTreeMap<String, ProviderOrder>,
    payments: BTreeMap<String, PaymentRecord>,
    /// Each under the key that it was asked with.
    refunds: BTreeMap<String, RefundRecord>,
    moods: VecDeque<Mood>,
}

impl Till {
    /// The same, where of so many calls in a thousand something goes wrong.
    pub(crate) fn weather(self, chance: Chance, per_mille: u64) -> Self {
        let weather = Some((chance, per_mille));
        Self { weather, ..self }
    }

    /// The next calls that change something go like this, one after the other.
    pub(crate) fn next(&self, mood: Mood) {
        self.books().moods.push_back(mood);
    }

    /// Forgets what was to go how, and says how much that was.
    pub(crate) fn forget_script(&self) -> usize {
        std::mem::take(&mut self.books().moods).len()
    }

    /// A buyer pays something that was opened here: the name of the payment.
    pub(crate) fn pay(&self, order: &str) -> String {
        self.paid(order, PaymentState::Captured)
    }

    /// A buyer tries to, and cannot.
    pub(crate) fn decline(&self, order: &str) -> String {
        self.paid(order, PaymentState::Failed)
    }

    /// A buyer's money is set aside here, and whoever wants to take it is refused.
    pub(crate) fn set_aside(&self, order: &str) -> String {
        self.paid(order, PaymentState::Authorized)
    }

    fn paid(&self, order: &str, state: PaymentState) -> String {
        let mut books = self.books();
        let amount = books.orders[order].amount;
        let id = format!("pay_{:010}", books.payments.len());
        let record = PaymentRecord {
            id: id.clone(),
            order: Some(order.to_owned()),
            state,
            amount,
            refunded: Money::zero(amount.currency()),
            fee: Some(Money::of_minor(amount.minor() / 50, amount.currency())),
            tax: None,
            method: None,
            error: None,
        };
        books.payments.insert(id.clone(), record);
        id
    }

    /// What a buyer shows who has paid.
    pub(crate) fn signature(order: &str, payment: &str) -> String {
        format!("{order}|{payment}|signed")
    }

    /// Every order that was opened here, by our name for it.
    pub(crate) fn receipts(&self) -> Vec<String> {
        let books = self.books();
        books.orders.values().map(|order| order.receipt.clone()).collect()
    }

    /// What was taken and not given back, by our name for the order.
    pub(crate) fn kept(&self) -> BTreeMap<String, i64> {
        let books = self.books();
        let mut kept = BTreeMap::new();
        for payment in books.payments.values() {
            if payment.state != PaymentState::Failed {
                let order = &books.orders[payment.order.as_ref().expect("an order")];
                let left = payment.amount.minor() - payment.refunded.minor();
                *kept.entry(order.receipt.clone()).or_default() += left;
            }
        }
        kept
    }

    /// The most that was given back of any payment, beyond what was taken.
    pub(crate) fn gave_too_much(&self) -> bool {
        let books = self.books();
        let mut payments = books.payments.values();
        payments.any(|payment| payment.refunded.minor() > payment.amount.minor())
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books
            .lock()
            .expect("no test has panicked with the books in hand")
    }

    async fn mood(&self) -> Mood {
        let told = self.books().moods.pop_front();
        let Some((chance, per_mille)) = &self.weather else {
            return told.unwrap_or(Mood::Good);
        };
        sleep(Duration::from_millis(chance.below(40))).await;
        let bad = chance.below(1_000) < *per_mille;
        let how = [Mood::Away, Mood::DoneInSilence, Mood::LostInSilence];
        let how = how[usize::try_from(chance.below(3)).expect("a few")];
        told.unwrap_or(if bad { how } else { Mood::Good })
    }

    async fn changes<T: Send>(
        &self,
        act: impl FnOnce(&mut Books) -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        match self.mood().await {
            Mood::Good => act(&mut self.books()),
            Mood::Late(by) => {
                sleep(by).await;
                act(&mut self.books())
            }
            Mood::Away => Err(Failure::Unavailable("the till is closed".into())),
            Mood::LostInSilence => Err(Failure::Unknown("no answer".into())),
            Mood::DoneInSilence => {
                let _done = act(&mut self.books());
                Err(Failure::Unknown("no answer".into()))
            }
        }
    }

    async fn tells<T: Send>(&self, look: impl FnOnce(&Books) -> T + Send) -> Result<T, Failure> {
        // Only the weather keeps it from telling: what is scripted is for what changes something.
        if let Some((chance, per_mille)) = &self.weather {
            sleep(Duration::from_millis(chance.below(40))).await;
            if chance.below(1_000) < *per_mille {
                return Err(Failure::Unavailable("the till is closed".into()));
            }
        }
        Ok(look(&self.books()))
    }
}

fn unknown(what: &str) -> Failure {
    Failure::Refused {
        code: "BAD_REQUEST_ERROR".into(),
        description: format!("{what} is not known here"),
    }
}

impl PaymentProvider for Till {
    fn name(&self) -> &'static str {
        RAZORPAY
    }

    fn key_id(&self) -> &'static str {
        "key_of_the_tests"
    }

    fn open<'a>(&'a self, order: &'a NewOrder) -> BoxFuture<'a, Result<ProviderOrder, Failure>> {
        self.changes(|books| {
            let id = format!("order_{:010}", books.orders.len());
            let opened = ProviderOrder {
                id: id.clone(),
                receipt: order.receipt.clone(),
                amount: order.amount,
                paid: Money::zero(order.amount.currency()),
            };
            books.orders.insert(id, opened.clone());
            Ok(opened)
        })
        .boxed()
    }

    fn find<'a>(&'a self, receipt: &'a str) -> BoxFuture<'a, Result<Option<ProviderOrder>, Failure>> {
        let find = move |books: &Books| {
            books
                .orders
                .values()
                .find(|order| order.receipt == receipt)
                .cloned()
        };
        self.tells(find).boxed()
    }

    fn payments_of<'a>(&'a self, order: &'a str) -> BoxFuture<'a, Result<Vec<PaymentRecord>, Failure>> {
        let of = move |payment: &&PaymentRecord| payment.order.as_deref() == Some(order);
        self.tells(move |books| books.payments.values().filter(of).cloned().collect())
            .boxed()
    }

    fn payment<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        async move {
            let found = self.tells(|books| books.payments.get(payment).cloned()).await?;
            found.ok_or_else(|| unknown(payment))
        }
        .boxed()
    }

    fn capture<'a>(&'a self, payment: &'a PaymentRecord) -> BoxFuture<'a, Result<PaymentRecord, Failure>> {
        if payment.state == PaymentState::Authorized {
            return ready(Err(unknown("a way to take this money"))).boxed();
        }
        self.payment(&payment.id)
    }

    fn refund<'a>(
        &'a self,
        payment: &'a str,
        amount: Money,
        key: &'a str,
    ) -> BoxFuture<'a, Result<RefundRecord, Failure>> {
        self.changes(move |books| {
            if let Some(known) = books.refunds.get(key) {
                return Ok(known.clone());
            }
            let id = format!("rfnd_{:010}", books.refunds.len());
            let found = books.payments.get_mut(payment).ok_or_else(|| unknown(payment))?;
            if found.refunded.minor() + amount.minor() > found.amount.minor() {
                return Err(unknown("so much money"));
            }
            found.refunded = found
                .refunded
                .plus(amount)
                .map_err(|_| unknown("so much money"))?;
            let refund = RefundRecord {
                id,
                payment: payment.to_owned(),
                amount,
                state: RefundState::Processed,
            };
            books.refunds.insert(key.to_owned(), refund.clone());
            Ok(refund)
        })
        .boxed()
    }

    fn refunds_of<'a>(&'a self, payment: &'a str) -> BoxFuture<'a, Result<Vec<RefundRecord>, Failure>> {
        let of = move |refund: &&RefundRecord| refund.payment == payment;
        self.tells(move |books| books.refunds.values().filter(of).cloned().collect())
            .boxed()
    }

    fn signed(&self, order: &str, payment: &str, signature: &str) -> bool {
        Self::signature(order, payment) == signature
    }

    fn read(&self, delivery: &Delivery<'_>) -> Result<Webhook, NotGenuine> {
        let text = std::str::from_utf8(delivery.body).map_err(|_| NotGenuine::Malformed)?;
        let (event, payment) = text.split_once(' ').ok_or(NotGenuine::Malformed)?;
        let books = self.books();
        let record = books.payments.get(payment).ok_or(NotGenuine::Malformed)?.clone();
        let notice = match record.state {
            PaymentState::Failed => Notice::PaymentFailed(record),
            _ => Notice::PaymentCaptured(record),
        };
        let event = event.to_owned();
        Ok(Webhook { event, notice })
    }
}
