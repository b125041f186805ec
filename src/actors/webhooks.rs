//! The owners of webhooks and of what is on its way to them, and the lists both are found in.

use std::sync::Arc;

use bson::Bson;
use bson::oid::ObjectId;
use serde::de::DeserializeOwned;

use super::agenda::Agenda;
use super::ask::{Answer, Ask, AskError};
use super::crew::{Changed, Watcher};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{
    Command, DELIVERIES, Delivery, DeliveryCommand, DeliveryRefusal, Refusal, WEBHOOKS, Webhook,
};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// So many are read at once where all are wanted.
const PAGE: usize = 500;

/// Some deliveries in a list, where it goes on, and how many there are in all.
pub type Listed = (Vec<Delivery>, Option<Cursor>, u64);

/// All webhooks. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Webhooks {
    owners: Owners<Webhook>,
    deliveries: Owners<Delivery>,
    agenda: Agenda,
}

impl Webhooks {
    /// The webhooks on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let agenda = Agenda::default();
        let noted = agenda.clone();
        let due: Watcher<Delivery> = Box::new(move |changed: &Changed<'_, Delivery>| {
            if let Some(due) = changed.state.due() {
                noted.note(changed.state.webhook, due);
            }
        });
        Self {
            owners: Owners::new(Arc::clone(engine), Vec::new()),
            deliveries: Owners::new(Arc::clone(engine), vec![due]),
            agenda,
        }
    }

    /// The owners of webhooks.
    #[must_use]
    pub fn owners(&self) -> &Owners<Webhook> {
        &self.owners
    }

    /// The owners of deliveries.
    #[must_use]
    pub fn deliveries(&self) -> &Owners<Delivery> {
        &self.deliveries
    }

    /// Which of them are to be gone to, and when.
    #[must_use]
    pub fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// Asks something of a webhook.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Webhook>) -> Result<Answer<Webhook>, AskError<Refusal>> {
        self.owners.ask(id, ask).await
    }

    /// Tells a webhook something on the runtime's own behalf.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, id: Id, command: Command) -> Result<Webhook, AskError<Refusal>> {
        let ask = Ask::new(command, self.owners.engine().now(None));
        Ok(self.owners.ask_as_runtime(id, ask).await?.reply)
    }

    /// A webhook, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, id: Id) -> Result<Option<Webhook>, AskError<Refusal>> {
        let see = |webhook: Option<&Webhook>, _| webhook.filter(|webhook| webhook.stands()).cloned();
        self.owners.view(id, see).await
    }

    /// Asks something of a delivery.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_delivery(
        &self,
        id: Id,
        ask: Ask<Delivery>,
    ) -> Result<Answer<Delivery>, AskError<DeliveryRefusal>> {
        self.deliveries.ask(id, ask).await
    }

    /// Tells a delivery something on the runtime's own behalf.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell_delivery(
        &self,
        id: Id,
        command: DeliveryCommand,
    ) -> Result<Delivery, AskError<DeliveryRefusal>> {
        let ask = Ask::new(command, self.deliveries.engine().now(None));
        Ok(self.deliveries.ask_as_runtime(id, ask).await?.reply)
    }

    /// A delivery, if there is one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see_delivery(&self, id: Id) -> Result<Option<Delivery>, AskError<DeliveryRefusal>> {
        let see = |delivery: Option<&Delivery>, _| delivery.cloned();
        self.deliveries.view(id, see).await
    }

    /// The webhooks of one owner, or of all.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(&self, owner: Option<Id>) -> Result<Vec<Webhook>, Unavailable> {
        let equal: Vec<Bson> = owner.map(value).into_iter().collect();
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let part = Query::by_index(&WEBHOOKS, "listed", equal.clone()).limit(PAGE);
            let page = self.owners.engine().store.find(part.after(after)).await?;
            all.extend(decoded::<Webhook>(&page.documents));
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// A part of what was told a webhook or is to be, the newest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn told(&self, webhook: Id, part: impl FnOnce(Query) -> Query) -> Result<Listed, Unavailable> {
        let all = Query::by_index(&DELIVERIES, "webhook", vec![value(webhook)]);
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        Ok((decoded(&page.documents).collect(), page.next, total))
    }

    /// What is due to a webhook, the longest due first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn due(&self, webhook: Id, now: Timestamp, many: usize) -> Result<Vec<Id>, Unavailable> {
        let until = now.after(std::time::Duration::from_millis(1));
        let due =
            Query::by_index(&DELIVERIES, "queue", vec![value(webhook)]).between(None, Some(time(until)));
        let page = self.owners.engine().store.find(due.limit(many)).await?;
        let ids = page.documents.iter().map(|row| row.get_object_id("_id"));
        Ok(ids.filter_map(|id| id.ok().map(Id::from)).collect())
    }

    /// When a webhook is to be gone to next, if anything waits for it.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn next(&self, webhook: Id) -> Result<Option<Timestamp>, Unavailable> {
        let queue = Query::by_index(&DELIVERIES, "queue", vec![value(webhook)]);
        let page = self.owners.engine().store.find(queue.limit(1)).await?;
        let first = page
            .documents
            .first()
            .and_then(|row| row.get_datetime("due").ok());
        Ok(first.map(|due| Timestamp::from_millis(due.timestamp_millis())))
    }

    /// Notes every webhook that something waits for. It costs one look for each of them, however
    /// much it is that waits.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn look_around(&self) -> Result<(), Unavailable> {
        let mut from = Id::from_bytes([0; 12]);
        loop {
            let rest = Query::by_index(&DELIVERIES, "queue", Vec::new()).between(Some(value(from)), None);
            let page = self.owners.engine().store.find(rest.limit(1)).await?;
            let Some(first) = decoded::<Delivery>(&page.documents).next() else {
                return Ok(());
            };
            if let Some(due) = first.due() {
                self.agenda.note(first.webhook, due);
            }
            let Some(next) = follower(first.webhook) else {
                return Ok(());
            };
            from = next;
        }
    }
}

/// The id that comes next, if there is one.
fn follower(id: Id) -> Option<Id> {
    let mut bytes = id.bytes();
    for byte in bytes.iter_mut().rev() {
        let (next, over) = byte.overflowing_add(1);
        *byte = next;
        if !over {
            return Some(Id::from_bytes(bytes));
        }
    }
    None
}

fn value(id: Id) -> Bson {
    Bson::ObjectId(ObjectId::from(id))
}

fn time(time: Timestamp) -> Bson {
    bson::DateTime::from_millis(time.millis()).into()
}

fn decoded<T: DeserializeOwned>(rows: &[bson::RawDocumentBuf]) -> impl Iterator<Item = T> {
    rows.iter().filter_map(|row| document::decode(row).ok())
}
