//! The history of one thing, as its events tell it.

use super::event::Event;
use crate::domain::id::Id;
use crate::store::query::Cursor;
use crate::store::{EVENTS, Query, Store, Unavailable};

/// Some events of a thing, the first one first.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// The events.
    pub events: Vec<Event>,
    /// Where to go on; `None` when nothing has happened after them.
    pub next: Option<Cursor>,
}

/// What happened to the thing of this kind and id, at most `limit` events of it, from where an
/// earlier page ended.
///
/// # Errors
/// When the store cannot answer.
pub async fn timeline(
    store: &dyn Store,
    (kind, id): (&str, Id),
    after: Option<Cursor>,
    limit: usize,
) -> Result<Timeline, Unavailable> {
    let query = Query::by_name(&EVENTS, format!("{kind}/{id}/"));
    let page = store.find(query.after(after).limit(limit)).await?;
    Ok(Timeline {
        events: page.documents.iter().filter_map(Event::read).collect(),
        next: page.next,
    })
}
