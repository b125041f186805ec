//! Reads of several rows, each from one snapshot: rows read one by one can come from before and
//! after the same batch.

use std::ops::{Bound, RangeBounds};

use bson::{Bson, RawDocumentBuf};
use fjall::{Slice, Snapshot};

use super::table::{Range, starting};
use super::{Drawer, Inner, indexing, number};
use crate::domain::collection::Collection;
use crate::domain::entity::Key;
use crate::store::query::{By, Cursor};
use crate::store::{EVENTS, FeedPage, FeedPosition, Loaded, Page, Query, Version, document as stored, order};

/// The document in these bytes.
pub(super) fn document(bytes: &[u8]) -> Option<RawDocumentBuf> {
    RawDocumentBuf::from_bytes(bytes.to_vec()).ok()
}

pub(super) fn load(
    inner: &Inner,
    collection: &'static Collection,
    key: &Key,
    sides: &[&'static Collection],
) -> fjall::Result<Loaded> {
    let key = order::key_bytes(key);
    let mut drawers = Vec::with_capacity(sides.len());
    for side in sides {
        drawers.push(inner.drawer(side)?);
    }
    let drawer = inner.drawer(collection)?;
    let snapshot = inner.database.snapshot();
    let mut loaded = Loaded {
        document: drawer
            .documents
            .read(&snapshot, &key)?
            .and_then(|bytes| document(&bytes)),
        rows: Vec::new(),
    };
    for side in drawers {
        for row in side.documents.prefixed(&snapshot, &key) {
            loaded
                .rows
                .extend(document(&row.value()?).map(|row| (side.collection.name, row)));
        }
    }
    Ok(loaded)
}

pub(super) fn get(
    inner: &Inner,
    collection: &'static Collection,
    keys: &[Key],
) -> fjall::Result<Vec<Option<RawDocumentBuf>>> {
    let drawer = inner.drawer(collection)?;
    let snapshot = inner.database.snapshot();
    let one = |key| {
        let found = drawer.documents.read(&snapshot, &order::key_bytes(key))?;
        Ok(found.and_then(|bytes| document(&bytes)))
    };
    keys.iter().map(one).collect()
}

pub(super) fn versions(
    inner: &Inner,
    documents: &[(&'static Collection, Key)],
) -> fjall::Result<Vec<Version>> {
    let one = |(collection, key): &(&'static Collection, Key)| {
        let found = inner.drawer(collection)?.documents.get(&order::key_bytes(key))?;
        Ok(found
            .and_then(|bytes| document(&bytes))
            .as_ref()
            .map_or(0, stored::version))
    };
    documents.iter().map(one).collect()
}

pub(super) fn find(inner: &Inner, query: &Query) -> fjall::Result<Page> {
    let drawer = inner.drawer(query.collection)?;
    let snapshot = inner.database.snapshot();
    let mut page = Page::default();
    let mut rows = rows(&snapshot, &drawer, query, query.after.as_ref()).skip(query.skip);
    for row in rows.by_ref().take(query.limit) {
        let (row, value) = row?;
        let bytes = match &query.by {
            By::Name { .. } => Some(value),
            By::Index { .. } => drawer.documents.read(&snapshot, &value)?,
        };
        page.documents.extend(bytes.and_then(|bytes| document(&bytes)));
        page.next = Some(Cursor(row));
    }
    if rows.next().is_none() {
        page.next = None;
    }
    Ok(page)
}

pub(super) fn count(inner: &Inner, query: &Query) -> fjall::Result<u64> {
    let drawer = inner.drawer(query.collection)?;
    let snapshot = inner.database.snapshot();
    Ok(rows(&snapshot, &drawer, query, None).count() as u64)
}

pub(super) fn feed(inner: &Inner, after: Option<FeedPosition>, limit: usize) -> fjall::Result<FeedPage> {
    let drawer = inner.drawer(&EVENTS)?;
    let snapshot = inner.database.snapshot();
    let seen = after.map_or(0, |position| number(&position.0));
    let mut page = FeedPage {
        events: Vec::new(),
        next: FeedPosition(seen.to_be_bytes().to_vec()),
    };
    let from = seen.saturating_add(1).to_be_bytes();
    let news = (Bound::Included(from.to_vec()), Bound::Unbounded);
    for row in inner.feed.stretch(&snapshot, news).take(limit) {
        let (position, event) = inner.feed.row(row)?;
        let event = drawer.documents.read(&snapshot, &event)?;
        page.events.extend(event.and_then(|bytes| document(&bytes)));
        page.next = FeedPosition(position);
    }
    Ok(page)
}

fn rows(
    snapshot: &Snapshot,
    drawer: &Drawer,
    query: &Query,
    after: Option<&Cursor>,
) -> Box<dyn Iterator<Item = fjall::Result<(Vec<u8>, Slice)>>> {
    let (table, mut range) = match &query.by {
        By::Name { prefix } => (&drawer.documents, starting(prefix.as_bytes())),
        By::Index {
            name,
            equal,
            from,
            until,
        } => {
            let range = index_range(query.collection, name, equal, from.as_ref(), until.as_ref());
            let Some(range) = range else {
                return Box::new(std::iter::empty());
            };
            (&drawer.index, range)
        }
    };
    if let Some(Cursor(place)) = after {
        // A cursor comes back from a client: it may not lead out of what is asked for, which may
        // be all that the client is allowed to see.
        if !range.contains(place) {
            return Box::new(std::iter::empty());
        }
        let bound = Bound::Excluded(place.clone());
        if query.descending {
            range.1 = bound;
        } else {
            range.0 = bound;
        }
    }
    if empty(&range) {
        return Box::new(std::iter::empty());
    }
    let (rows, table) = (table.stretch(snapshot, range), table.clone());
    if query.descending {
        Box::new(rows.rev().map(move |row| table.row(row)))
    } else {
        Box::new(rows.map(move |row| table.row(row)))
    }
}

/// The rows of an index between two values; `None` for an index that was never declared or a
/// value that cannot be in one.
fn index_range(
    collection: &Collection,
    name: &str,
    equal: &[Bson],
    from: Option<&Bson>,
    until: Option<&Bson>,
) -> Option<Range> {
    let mut start = indexing::prefix(collection.index(name)?);
    for value in equal {
        order::push_bson(&mut start, value).ok()?;
    }
    let bound = |value: &Bson| {
        let mut bound = start.clone();
        order::push_bson(&mut bound, value).ok()?;
        Some(bound)
    };
    let tagged = |tag: u8| [&start[..], &[tag]].concat();
    let mut range = starting(&start);
    if let Some(value) = from.or(until) {
        let (first, end) = order::bracket(value).ok()?;
        range = (Bound::Included(tagged(first)), Bound::Excluded(tagged(end)));
    }
    if let Some(from) = from {
        range.0 = Bound::Included(bound(from)?);
    }
    if let Some(until) = until {
        range.1 = Bound::Excluded(bound(until)?);
    }
    Some(range)
}

/// Whether nothing can lie in the range; the store panics when it is asked for such a one.
fn empty(range: &Range) -> bool {
    let bytes = |bound: &Bound<Vec<u8>>| match bound {
        Bound::Included(bytes) | Bound::Excluded(bytes) => Some(bytes.clone()),
        Bound::Unbounded => None,
    };
    match (bytes(&range.0), bytes(&range.1)) {
        (Some(from), Some(until)) => from >= until,
        _ => false,
    }
}
