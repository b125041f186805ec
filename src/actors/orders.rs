//! The owners of orders, the lists that orders are found in, and the alarm that rings when the
//! next one is due.

use std::sync::Arc;

use bson::oid::ObjectId;
use bson::{Bson, RawDocumentBuf};

use super::alarm::Alarm;
use super::ask::{Answer, Ask, AskError};
use super::crew::{Changed, Watcher};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::order::{Command, ORDERS, Order, Refusal, Status};
use crate::domain::time::Timestamp;
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, Version, document};

/// An order at a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The order.
    pub order: Order,
    /// The version.
    pub version: Version,
}

/// Some orders in a list, where it goes on, and how many there are in all.
pub type Listed = (Vec<Seen>, Option<Cursor>, u64);

/// All orders. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Orders {
    owners: Owners<Order>,
    alarm: Alarm,
}

impl Orders {
    /// The orders on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let alarm = Alarm::default();
        let set = alarm.clone();
        let due: Watcher<Order> = Box::new(move |changed: &Changed<'_, Order>| {
            if let Some(due) = changed.state.due() {
                set.no_later_than(due);
            }
        });
        Self {
            owners: Owners::new(Arc::clone(engine), vec![due]),
            alarm,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Order> {
        &self.owners
    }

    /// Rings when the next order is due.
    #[must_use]
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Asks something of an order.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Order>) -> Result<Seen, AskError<Refusal>> {
        Ok(Seen::from(self.owners.ask(id, ask).await?))
    }

    /// Tells an order something on the runtime's own behalf, in whose name it happens.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, id: Id, command: Command, by: Option<Id>) -> Result<Seen, AskError<Refusal>> {
        let ask = Ask::new(command, self.owners.engine().now(by));
        Ok(Seen::from(self.owners.ask_as_runtime(id, ask).await?))
    }

    /// An order, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, id: Id) -> Result<Option<Seen>, AskError<Refusal>> {
        let see = |order: Option<&Order>, version| {
            let order = order?.clone();
            Some(Seen { order, version })
        };
        self.owners.view(id, see).await
    }

    /// When the order of this id was made, whether it ever stood or not.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn made(&self, id: Id) -> Result<Option<Timestamp>, AskError<Refusal>> {
        let made = |order: Option<&Order>, _| order.map(|order| order.created_at);
        self.owners.view(id, made).await
    }

    /// These orders as the store has them, each in its place.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn read(&self, ids: impl Iterator<Item = Id>) -> Result<Vec<Option<Seen>>, Unavailable> {
        let keys = ids.map(Key::from).collect();
        let rows = self.owners.engine().store.get(&ORDERS, keys).await?;
        Ok(rows.into_iter().map(|row| Seen::read(&row?)).collect())
    }

    /// A part of a buyer's orders, the newest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(
        &self,
        buyer: Id,
        status: Option<Status>,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, Unavailable> {
        let buyer = Bson::from(ObjectId::from(buyer));
        let all = match status {
            None => Query::by_index(&ORDERS, "buyer", vec![buyer]),
            Some(status) => Query::by_index(&ORDERS, "buyer_status", vec![buyer, status.name().into()]),
        };
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        let seen = page.documents.iter().filter_map(Seen::read);
        Ok((seen.collect(), page.next, total))
    }
}

impl Seen {
    fn read(row: &RawDocumentBuf) -> Option<Self> {
        let order = document::decode(row).ok()?;
        let version = document::version(row);
        Some(Self { order, version })
    }
}

impl From<Answer<Order>> for Seen {
    fn from(answer: Answer<Order>) -> Self {
        Self {
            order: answer.reply,
            version: answer.version,
        }
    }
}
