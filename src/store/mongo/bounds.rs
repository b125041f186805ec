//! Where a query begins and ends in an index. Bounds are given to the server as places of the
//! index and not as a filter, because a filter cannot say "after a document that lacks a field".

use bson::{Bson, Document, RawDocumentBuf, doc, oid::ObjectId};

use super::indexes;
use crate::domain::collection::Index;
use crate::store::order;
use crate::store::query::{By, Cursor, Query};

/// The types that an index orders; absence is not among them.
const TYPES: [&str; 6] = ["bool", "int", "long", "date", "objectId", "string"];

/// What a document must have to be in an index. A query that is to use the index says the same.
pub(super) fn indexed(index: &Index) -> Document {
    let first = index.fields.first().copied().unwrap_or("_id");
    doc! { first: { "$type": TYPES.to_vec() } }
}

/// A stretch of an index.
pub(super) struct Bounds {
    /// From here on, included.
    pub(super) min: Document,
    /// Up to here, excluded.
    pub(super) max: Document,
    /// What the cursor stands on, which has been given already.
    pub(super) given: Option<Bson>,
}

/// The stretch that a query by index asks for; `None` when nothing can lie in it.
pub(super) fn of(query: &Query, index: &Index) -> Option<Bounds> {
    let By::Index {
        equal, from, until, ..
    } = &query.by
    else {
        return None;
    };
    let (least, end) = range(from.as_ref(), until.as_ref())?;
    // A range ends before its end; without one, everything that is equal is in the stretch.
    let rest = if end.is_some() { Bson::MinKey } else { Bson::MaxKey };
    let from_here = equal.iter().cloned().chain(least).collect();
    let to_here = equal.iter().cloned().chain(end).collect();
    let mut bounds = Bounds {
        min: place(index, from_here, &Bson::MinKey),
        max: place(index, to_here, &rest),
        given: None,
    };
    if let Some(cursor) = &query.after {
        let mut stands = read(cursor)?;
        let key = stands.pop()?;
        // A cursor comes back from a client: it may not lead out of what is asked for, which may
        // be all that the client is allowed to see.
        let inside = stands.len() == index.fields.len()
            && stands.starts_with(equal)
            && within(stands.get(equal.len()), from.as_ref(), until.as_ref());
        if !inside {
            return None;
        }
        let place = place(index, stands, &key);
        if query.descending {
            bounds.max = place;
        } else {
            bounds.min = place;
            bounds.given = Some(key);
        }
    }
    Some(bounds)
}

/// The cursor that stands on a document.
pub(super) fn cursor(index: &Index, document: &RawDocumentBuf) -> Option<Cursor> {
    let mut bytes = order::place(index, document).ok()??;
    order::push(&mut bytes, document.get("_id").ok()??).ok()?;
    Some(Cursor(bytes))
}

fn read(cursor: &Cursor) -> Option<Vec<Bson>> {
    let mut bytes = &cursor.0[..];
    let mut values = Vec::new();
    while !bytes.is_empty() {
        values.push(order::take(&mut bytes).ok()?);
    }
    Some(values)
}

fn place(index: &Index, mut values: Vec<Bson>, rest: &Bson) -> Document {
    let fields: Vec<_> = indexes::keys(index, 1).keys().cloned().collect();
    values.resize_with(fields.len().max(values.len()), || rest.clone());
    fields.into_iter().zip(values).collect()
}

/// Both ends of a range; an open one reaches as far as values of the other one's type do.
/// `None` when the range ends before it starts.
fn range(from: Option<&Bson>, until: Option<&Bson>) -> Option<(Option<Bson>, Option<Bson>)> {
    let Some(any) = from.or(until) else {
        return Some((None, None));
    };
    if let (Some(from), Some(until)) = (from, until) {
        let (mut start, mut end) = (Vec::new(), Vec::new());
        order::push_bson(&mut start, from).ok()?;
        order::push_bson(&mut end, until).ok()?;
        if start >= end {
            return None;
        }
    }
    let (least, bound) = bracket(any)?;
    Some((
        Some(from.cloned().unwrap_or(least)),
        Some(until.cloned().unwrap_or(bound)),
    ))
}

/// Whether a value lies in a range, and is of the range's type.
fn within(value: Option<&Bson>, from: Option<&Bson>, until: Option<&Bson>) -> bool {
    let bytes = |value: &Bson| {
        let mut bytes = Vec::new();
        order::push_bson(&mut bytes, value).is_ok().then_some(bytes)
    };
    let Some(any) = from.or(until) else { return true };
    let (Some(value), Ok((first, end))) = (value.and_then(bytes), order::bracket(any)) else {
        return false;
    };
    (vec![first]..vec![end]).contains(&value)
        && from.is_none_or(|from| bytes(from).is_some_and(|from| from <= value))
        && until.is_none_or(|until| bytes(until).is_some_and(|until| value < until))
}

/// The least value of a type, and the least of the type that the server puts after it.
fn bracket(value: &Bson) -> Option<(Bson, Bson)> {
    let nothing = ObjectId::from_bytes([0; 12]);
    Some(match value {
        Bson::Int32(_) | Bson::Int64(_) => (Bson::Double(f64::NEG_INFINITY), Bson::String(String::new())),
        Bson::String(_) => (Bson::String(String::new()), Bson::Document(Document::new())),
        Bson::ObjectId(_) => (Bson::ObjectId(nothing), Bson::Boolean(false)),
        Bson::Boolean(_) => (Bson::Boolean(false), Bson::DateTime(bson::DateTime::MIN)),
        Bson::DateTime(_) => {
            let after = bson::Timestamp {
                time: 0,
                increment: 0,
            };
            (Bson::DateTime(bson::DateTime::MIN), Bson::Timestamp(after))
        }
        _ => return None,
    })
}
