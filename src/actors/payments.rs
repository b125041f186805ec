//! The owners of payments, the lists that payments are found in, and the alarm that rings when
//! the next one is due.

use std::sync::Arc;

use bson::oid::ObjectId;
use tokio::sync::Notify;

use super::alarm::Alarm;
use super::ask::{Answer, Ask, AskError};
use super::crew::{Changed, Watcher};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::payment::{Command, PAYMENTS, PROVIDER_NAMES, Payment, Refusal};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, Version, document};

/// A payment at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The payment.
    pub payment: Payment,
    /// The version.
    pub version: Version,
}

/// Some payments in a list, where it goes on, and how many there are in all.
pub type Listed = (Vec<Seen>, Option<Cursor>, u64);

/// All payments. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Payments {
    owners: Owners<Payment>,
    alarm: Alarm,
    changed: Arc<Notify>,
}

impl Payments {
    /// The payments on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let (alarm, changed) = (Alarm::default(), Arc::<Notify>::default());
        let (set, notify) = (alarm.clone(), Arc::clone(&changed));
        let watcher: Watcher<Payment> = Box::new(move |changed: &Changed<'_, Payment>| {
            if let Some(due) = changed.state.due() {
                set.no_later_than(due);
            }
            notify.notify_waiters();
        });
        Self {
            owners: Owners::new(Arc::clone(engine), vec![watcher]),
            alarm,
            changed,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Payment> {
        &self.owners
    }

    /// Rings when the next payment is due.
    #[must_use]
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Is notified whenever a payment has changed on this node.
    #[must_use]
    pub fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Asks something of a payment.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Payment>) -> Result<Seen, AskError<Refusal>> {
        Ok(Seen::from(self.owners.ask(id, ask).await?))
    }

    /// Tells a payment something on the runtime's own behalf, in whose name it happens.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, id: Id, command: Command, by: Option<Id>) -> Result<Seen, AskError<Refusal>> {
        let ask = Ask::new(command, self.owners.engine().now(by));
        Ok(Seen::from(self.owners.ask_as_runtime(id, ask).await?))
    }

    /// A payment, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, id: Id) -> Result<Option<Seen>, AskError<Refusal>> {
        let see = |payment: Option<&Payment>, version| {
            let payment = payment?.clone();
            Some(Seen { payment, version })
        };
        self.owners.view(id, see).await
    }

    /// The payments of these orders, each in its place.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn of(&self, orders: impl Iterator<Item = Id>) -> Result<Vec<Option<Payment>>, Unavailable> {
        let keys = orders.map(Key::from).collect();
        let found = self.owners.engine().store.get(&PAYMENTS, keys).await?;
        let read = found.into_iter().map(|row| document::decode(&row?).ok());
        Ok(read.collect())
    }

    /// The payment that a provider has this name for.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn named(&self, provider: &str, name: &str) -> Result<Option<Id>, Unavailable> {
        let keys = vec![Key::Name(format!("{provider}/{name}"))];
        let found = self.owners.engine().store.get(&PROVIDER_NAMES, keys).await?;
        let row = found.into_iter().next().flatten();
        Ok(row.and_then(|row| row.get_object_id("payment").ok().map(Id::from)))
    }

    /// A part of a buyer's payments, the newest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(&self, buyer: Id, part: impl FnOnce(Query) -> Query) -> Result<Listed, Unavailable> {
        let all = Query::by_index(&PAYMENTS, "buyer", vec![ObjectId::from(buyer).into()]);
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        let seen = page.documents.iter().filter_map(|row| {
            let payment = document::decode(row).ok()?;
            let version = document::version(row);
            Some(Seen { payment, version })
        });
        Ok((seen.collect(), page.next, total))
    }
}

impl Seen {
    /// The same as an answer to somebody who asked, for the first time or again.
    #[must_use]
    pub fn answer(self, replayed: bool) -> Answer<Payment> {
        Answer {
            reply: self.payment,
            version: self.version,
            replayed,
        }
    }
}

impl From<Answer<Payment>> for Seen {
    fn from(answer: Answer<Payment>) -> Self {
        Self {
            payment: answer.reply,
            version: answer.version,
        }
    }
}
