//! A part of a long list: which one is wanted, and what is told with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::fields::{Fields, Input, Wrong, whole};
use crate::store::Query;
use crate::store::query::Cursor;

const USUAL: i64 = 20;
const MOST: i64 = 100;
/// Passing over more than this costs more than it is worth: there are cursors.
const SKIP_MAX: i64 = 100_000;

/// Which part is wanted.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many at the most: 1 to 100, and 20 if nothing is said.
    #[param(value_type = Option<u8>)]
    limit: usize,
    /// How many to pass over.
    #[param(value_type = Option<u32>)]
    skip: usize,
    /// Where the part before it ended: its `nextCursor`.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

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

    /// What to tell of it.
    #[must_use]
    pub fn meta(&self, next: Option<&Cursor>, total: u64) -> Meta {
        Meta {
            total,
            limit: self.limit,
            skip: self.skip,
            next_cursor: next.map(|Cursor(place)| URL_SAFE_NO_PAD.encode(place)),
        }
    }
}

impl Input for Paging {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limit = fields.optional("limit", whole(1..=MOST));
        let skip = fields.optional("skip", whole(0..=SKIP_MAX));
        let cursor = fields.optional("cursor", cursor);
        Some(Self {
            limit: usize::try_from(limit?.unwrap_or(USUAL)).ok()?,
            skip: usize::try_from(skip?.unwrap_or(0)).ok()?,
            cursor: cursor?,
        })
    }
}

fn cursor(value: &Value) -> Result<Cursor, Wrong> {
    let text = value.as_str().unwrap_or_default();
    let place = URL_SAFE_NO_PAD.decode(text);
    place
        .map(Cursor)
        .map_err(|_| "is not a cursor that was given".into())
}
