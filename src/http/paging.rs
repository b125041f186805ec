//! A part of a long list: which one is wanted, and what is told with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::fields::{Fields, Input, Wrong, whole};
use crate::store::Query;
use crate::store::query::Cursor;

const USUAL: i64 = 20;
const MOST: i64 = 100;
/// Passing over more than this costs more than it is worth: there are cursors.
const SKIP_MAX: i64 = 100_000;
/// So many bytes stand before the place in a cursor, and say which list it is a place in.
const SEAL_BYTES: usize = 8;

/// Which part is wanted.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many at the most: 1 to 100, and 20 if nothing is said.
    #[param(value_type = Option<u8>)]
    pub(super) limit: usize,
    /// How many to pass over: at most 100 000.
    #[param(value_type = Option<u32>)]
    pub(super) skip: usize,
    /// Where the part before it ended: its `nextCursor`. It is good for the same list with the
    /// same filters and in the same order, and for no other.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<Cursor>,
    #[param(ignore)]
    list: List,
}

/// The list that a part is wanted of: its path and everything that was asked beside the part.
#[derive(Debug, Clone)]
struct List(Sha256);

/// What is told of a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// How many there are in all.
    total: u64,
    /// How many there could have been in this part.
    limit: usize,
    /// How many were passed over.
    skip: usize,
    /// Where the next part begins, if there is one.
    next_cursor: Option<String>,
}

impl Paging {
    /// This part of what a query finds.
    #[must_use]
    pub fn of(&self, query: Query) -> Query {
        query.limit(self.limit).skip(self.skip).after(self.cursor.clone())
    }

    /// This part of a list that is at hand, and what to tell of it.
    #[must_use]
    pub fn part<T>(&self, all: Vec<T>) -> (Vec<T>, Meta) {
        let total = all.len();
        let place = self.cursor.as_ref().and_then(|Cursor(place)| {
            let place = <[u8; 8]>::try_from(place.as_slice()).ok()?;
            usize::try_from(u64::from_be_bytes(place)).ok()
        });
        let begin = place.unwrap_or(0).saturating_add(self.skip);
        let part: Vec<_> = all.into_iter().skip(begin).take(self.limit).collect();
        let end = begin.saturating_add(part.len());
        let next = (end < total).then(|| Cursor((end as u64).to_be_bytes().into()));
        (part, self.meta(next.as_ref(), total as u64))
    }

    /// What to tell of it.
    #[must_use]
    pub fn meta(&self, next: Option<&Cursor>, total: u64) -> Meta {
        Meta {
            total,
            limit: self.limit,
            skip: self.skip,
            next_cursor: next.map(|place| self.list.sealed(place)),
        }
    }
}

impl Input for Paging {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let list = List::asked(fields);
        let limit = fields.optional("limit", whole(1..=MOST));
        let skip = fields.optional("skip", whole(0..=SKIP_MAX));
        let cursor = fields.optional("cursor", |value| list.opened(value));
        Some(Self {
            limit: usize::try_from(limit?.unwrap_or(USUAL)).ok()?,
            skip: usize::try_from(skip?.unwrap_or(0)).ok()?,
            cursor: cursor?,
            list,
        })
    }
}

/// A cursor of another list would lead to a place that means nothing in this one, and an answer
/// without anything in it would look like the end of the list.
impl List {
    fn asked(fields: &Fields<'_>) -> Self {
        let (path, others) = fields.asked_but(&["limit", "skip", "cursor"]);
        let mut list = Sha256::new_with_prefix(path);
        for (name, value) in others {
            // As JSON, which says where one ends and the next begins.
            list.update(Value::from(name).to_string());
            list.update(value.to_string());
        }
        Self(list)
    }

    fn seal(&self, place: &[u8]) -> Vec<u8> {
        let digest = self.0.clone().chain_update(place).finalize();
        digest[..SEAL_BYTES].to_vec()
    }

    fn sealed(&self, Cursor(place): &Cursor) -> String {
        let mut sealed = self.seal(place);
        sealed.extend_from_slice(place);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn opened(&self, value: &Value) -> Result<Cursor, Wrong> {
        let bytes = value.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let bytes = bytes.unwrap_or_default();
        let parts = bytes.split_at_checked(SEAL_BYTES);
        let place = parts.and_then(|(seal, place)| (seal == self.seal(place)).then_some(place));
        let place = place.ok_or("is not a cursor that was given for this list")?;
        Ok(Cursor(place.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::fields::read_asked;

    fn read(path: &str, query: &Value) -> Result<Paging, Vec<String>> {
        let read = read_asked::<Paging>(query, path);
        read.map_err(|errors| errors.into_iter().map(|error| error.path).collect())
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_alone() {
        let lamps = read("/products", &json!({ "category": "Lamps", "limit": "3" })).unwrap();
        let place = Cursor(vec![1, 2, 3]);
        let next = lamps.meta(Some(&place), 9).next_cursor.unwrap();
        let again = json!({ "cursor": &next, "category": "Lamps", "limit": "50" });
        assert_eq!(read("/products", &again).unwrap().cursor, Some(place));
        for (path, query) in [
            ("/orders", json!({ "cursor": &next, "category": "Lamps" })),
            ("/products", json!({ "cursor": &next, "category": "Chairs" })),
            ("/products", json!({ "cursor": &next })),
            (
                "/products",
                json!({ "cursor": next[..next.len() - 1], "category": "Lamps" }),
            ),
            ("/products", json!({ "cursor": "AAAA", "category": "Lamps" })),
            ("/products", json!({ "cursor": "", "category": "Lamps" })),
            ("/products", json!({ "cursor": "!!", "category": "Lamps" })),
        ] {
            assert_eq!(read(path, &query).unwrap_err(), ["cursor"], "{path} {query}");
        }
    }
}
