//! Things that have a time at which somebody has to look after them: an order that was not paid,
//! a checkout that was left half-way. They are found by the index `due` of their collection, and
//! an alarm rings for those that this runtime knows of.

use bson::Bson;

use super::alarm::Alarm;
use super::engine::Engine;
use super::stuck::Stuck;
use crate::domain::collection::Collection;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Query, Unavailable};

/// Things of one kind that become due.
pub trait Due: Clone + Send + Sync + 'static {
    /// What they are called, and under which name runtimes take turns to look after them.
    const NAME: &'static str;
    /// Where they are kept.
    const COLLECTION: &'static Collection;

    /// Rings when the next of them is due.
    fn alarm(&self) -> &Alarm;

    /// Does what is due for one of them.
    fn look_after(&self, id: Id) -> impl Future<Output = Result<(), Stuck>> + Send;
}

/// Those that are due by now, the longest due first.
///
/// # Errors
/// When the store does not say.
pub async fn due<D: Due>(engine: &Engine, now: Timestamp, limit: usize) -> Result<Vec<Id>, Unavailable> {
    due_in(D::COLLECTION, engine, now, limit).await
}

/// The same in any collection that has the index.
///
/// # Errors
/// When the store does not say.
pub async fn due_in(
    collection: &'static Collection,
    engine: &Engine,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Id>, Unavailable> {
    let query = Query::by_index(collection, "due", Vec::new()).between(None, Some(after(now)));
    let page = engine.store.find(query.limit(limit)).await?;
    let ids = page.documents.iter().map(|row| row.get_object_id("_id"));
    Ok(ids.filter_map(|id| id.ok().map(Id::from)).collect())
}

/// When the next one after this time is due.
///
/// # Errors
/// When the store does not say.
pub async fn next<D: Due>(engine: &Engine, now: Timestamp) -> Result<Option<Timestamp>, Unavailable> {
    next_in(D::COLLECTION, engine, now).await
}

/// The same in any collection that has the index.
///
/// # Errors
/// When the store does not say.
pub async fn next_in(
    collection: &'static Collection,
    engine: &Engine,
    now: Timestamp,
) -> Result<Option<Timestamp>, Unavailable> {
    let query = Query::by_index(collection, "due", Vec::new()).between(Some(after(now)), None);
    let page = engine.store.find(query.limit(1)).await?;
    let next = page
        .documents
        .first()
        .and_then(|row| row.get_datetime("due").ok());
    Ok(next.map(|next| Timestamp::from_millis(next.timestamp_millis())))
}

fn after(now: Timestamp) -> Bson {
    bson::DateTime::from_millis(now.millis() + 1).into()
}
