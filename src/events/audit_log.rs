//! What auditors read: the marked events of all things, and what operators do to the runtime.

use bson::oid::ObjectId;
use bson::rawdoc;

use super::event::Event;
use crate::domain::entity::{Key, RowWrite};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::committer::Committer;
use crate::store::query::Cursor;
use crate::store::{Commit, EVENTS, Outcome, Query, Store, Unavailable, Write, document};

/// The kind of what is done to the runtime and not to a thing in the shop.
const OPERATION: &str = "operation";

/// Some entries, where the log goes on, and how many there are in all.
pub type Listed = (Vec<Event>, Option<Cursor>, u64);

/// A part of the log, the newest first.
///
/// # Errors
/// When the store does not say.
pub async fn list(store: &dyn Store, part: impl FnOnce(Query) -> Query) -> Result<Listed, Unavailable> {
    let all = Query::by_index(&EVENTS, "audited", vec![true.into()]);
    let page = store.find(part(all.clone().descending())).await?;
    let total = store.count(all).await?;
    let entries = page.documents.iter().filter_map(Event::read);
    Ok((entries.collect(), page.next, total))
}

/// Writes down what an operator does to the runtime, under an id of its own.
///
/// # Errors
/// When it was not written down, or that is not known.
pub async fn note(
    committer: &Committer,
    (id, at): (Id, Timestamp),
    by: Id,
    (name, data): (&str, bson::RawDocumentBuf),
) -> Result<(), Unavailable> {
    let key = document::event_id(OPERATION, id, 1, 0);
    let row = rawdoc! {
        "_id": key.as_str(),
        "type": name,
        "kind": OPERATION,
        "entity": ObjectId::from(id),
        "version": document::signed(1),
        "at": bson::DateTime::from_millis(at.millis()),
        "by": ObjectId::from(by),
        "audited": true,
        "data": data,
    };
    let write = Write {
        collection: &EVENTS,
        key: Key::Name(key),
        row: RowWrite::Insert(row),
    };
    match committer.commit(Commit::of_rows(id.into(), vec![write])).await {
        Outcome::Stored => Ok(()),
        other => Err(Unavailable(format!("it was not written down: {other:?}"))),
    }
}
