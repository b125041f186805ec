//! Queries, in the order of an index or of names.

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::error::Result;
use mongodb::options::{FindOptions, Hint};

use super::{bounds, error_code, indexes, shelf};
use crate::domain::collection::Index;
use crate::store::order;
use crate::store::query::{By, Cursor, Page, Query};

/// What the server says when the end of a stretch is not after its start.
const EMPTY_STRETCH: i32 = 51175;

pub(super) async fn find(database: Database, query: Query) -> Result<Page> {
    let asked = match &query.by {
        _ if query.limit == 0 => None,
        By::Name { prefix } => by_name(&query, prefix),
        By::Index { name, .. } => query
            .collection
            .index(name)
            .and_then(|index| by_index(&query, index)),
    };
    let Some((filter, mut options)) = asked else {
        return Ok(Page::default());
    };
    // One more than asked for tells whether there is a next page.
    options.limit = Some(i64::try_from(query.limit.saturating_add(1)).unwrap_or(i64::MAX));
    options.skip = Some(query.skip as u64);
    let shelf = shelf(&database, query.collection.name);
    let found = async {
        let found = shelf.find(filter).with_options(options).await?;
        found.try_collect::<Vec<_>>().await
    };
    match found.await {
        Ok(documents) => Ok(page(&query, documents)),
        Err(error) if error_code(&error) == Some(EMPTY_STRETCH) => Ok(Page::default()),
        Err(error) => Err(error),
    }
}

pub(super) async fn count(database: Database, query: Query) -> Result<u64> {
    let filter = match &query.by {
        By::Name { prefix } => starts_with(prefix),
        By::Index {
            name,
            equal,
            from,
            until,
        } => match query.collection.index(name) {
            Some(index) => matching(index, equal, from.as_ref(), until.as_ref()),
            None => return Ok(0),
        },
    };
    shelf(&database, query.collection.name)
        .count_documents(filter)
        .await
}

fn page(query: &Query, mut documents: Vec<RawDocumentBuf>) -> Page {
    let more = documents.len() > query.limit;
    documents.truncate(query.limit);
    let next = documents
        .last()
        .filter(|_| more)
        .and_then(|last| match &query.by {
            By::Name { .. } => {
                let mut bytes = Vec::new();
                order::push(&mut bytes, last.get("_id").ok()??).ok()?;
                Some(Cursor(bytes))
            }
            By::Index { name, .. } => bounds::cursor(query.collection.index(name)?, last),
        });
    Page { documents, next }
}

fn by_index(query: &Query, index: &Index) -> Option<(Document, FindOptions)> {
    if let Some(one) = unique_place(query, index) {
        return query.after.is_none().then(|| (one, FindOptions::default()));
    }
    let stretch = bounds::of(query, index)?;
    let options = FindOptions::builder()
        .hint(Hint::Name(index.name.to_owned()))
        .min(stretch.min)
        .max(stretch.max)
        .sort(indexes::keys(index, if query.descending { -1 } else { 1 }))
        .build();
    let filter = stretch
        .given
        .map_or_else(Document::new, |given| doc! { "_id": { "$ne": given } });
    Some((filter, options))
}

/// The filter for the one document that can have a place in a unique index, when all of the place
/// is given: there is no stretch between a place and itself.
fn unique_place(query: &Query, index: &Index) -> Option<Document> {
    let By::Index { equal, .. } = &query.by else {
        return None;
    };
    let whole = index.unique && equal.len() >= index.fields.len();
    whole.then(|| matching(index, equal, None, None))
}

fn by_name(query: &Query, prefix: &str) -> Option<(Document, FindOptions)> {
    let mut filter = starts_with(prefix);
    if let Some(Cursor(cursor)) = &query.after {
        let after = order::take(&mut &cursor[..]).ok()?;
        let side = if query.descending { "$lt" } else { "$gt" };
        filter = doc! { "$and": [filter, { "_id": { side: after } }] };
    }
    let sort = doc! { "_id": if query.descending { -1 } else { 1 } };
    Some((filter, FindOptions::builder().sort(sort).build()))
}

/// The filter that lets through what a stretch of an index holds.
fn matching(index: &Index, equal: &[Bson], from: Option<&Bson>, until: Option<&Bson>) -> Document {
    let mut parts = vec![bounds::indexed(index)];
    let mut fields = index.fields.iter();
    for (field, value) in fields.by_ref().take(equal.len()).zip(equal) {
        parts.push(doc! { *field: value.clone() });
    }
    if let Some(field) = fields.next() {
        parts.extend(from.map(|from| doc! { *field: { "$gte": from.clone() } }));
        parts.extend(until.map(|until| doc! { *field: { "$lt": until.clone() } }));
    }
    doc! { "$and": parts }
}

/// Names that start so.
pub(super) fn starts_with(prefix: &str) -> Document {
    let mut range = doc! { "$gte": prefix };
    if let Some(end) = after_prefix(prefix) {
        range.insert("$lt", end);
    }
    doc! { "_id": range }
}

/// The least text after all those that start so.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Texts sort as their characters do, and between two characters there is none.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}
