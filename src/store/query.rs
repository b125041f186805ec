//! Finding documents by a declared index: equal on its first fields, in the order of the rest.

use bson::{Bson, RawDocumentBuf};

use crate::domain::collection::Collection;
use crate::domain::entity::Key;

/// What to look for.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where.
    pub collection: &'static Collection,
    /// By what.
    pub by: By,
    /// The last first.
    pub descending: bool,
    /// How many to pass over. Costs as much as reading them: prefer `after`.
    pub skip: usize,
    /// How many at the most.
    pub limit: usize,
    /// Only what comes after this place, which an earlier page of the same query gave.
    pub after: Option<Cursor>,
}

/// What orders the documents that are found.
#[expect(clippy::large_enum_variant, reason = "a query is made once and read once")]
#[derive(Debug, Clone)]
pub enum By {
    /// The keys that are names and start so.
    Name {
        /// The start of the name.
        prefix: String,
    },
    /// An index.
    Index {
        /// Its name.
        name: &'static str,
        /// The values of its first fields.
        equal: Vec<Bson>,
        /// The least value of the next field, itself included.
        from: Option<Bson>,
        /// The value that the next field stays under.
        until: Option<Bson>,
    },
}

/// A place in a query's order; opaque, and understood by the store that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// Some documents, and where to go on when there may be more.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The documents, in order.
    pub documents: Vec<RawDocumentBuf>,
    /// The place of the last one; `None` when nothing comes after it.
    pub next: Option<Cursor>,
}

impl Query {
    /// Documents whose first index fields have these values, in the order of the rest.
    #[must_use]
    pub fn by_index(collection: &'static Collection, name: &'static str, equal: Vec<Bson>) -> Self {
        Self::new(
            collection,
            By::Index {
                name,
                equal,
                from: None,
                until: None,
            },
        )
    }

    /// Documents whose key is a name that starts so.
    #[must_use]
    pub fn by_name(collection: &'static Collection, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        Self::new(collection, By::Name { prefix })
    }

    fn new(collection: &'static Collection, by: By) -> Self {
        Self {
            collection,
            by,
            descending: false,
            skip: 0,
            limit: 100,
            after: None,
        }
    }

    /// Only values of the field after the equal ones that lie in `from..until`. An open end
    /// reaches as far as values of the other end's type do: a field that is absent is in no range.
    #[must_use]
    pub fn between(mut self, least: Option<Bson>, bound: Option<Bson>) -> Self {
        if let By::Index { from, until, .. } = &mut self.by {
            *from = least;
            *until = bound;
        }
        self
    }

    /// The last first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// So many at the most.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Passes over so many.
    #[must_use]
    pub fn skip(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Goes on where a page ended.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }
}

/// The key of a stored document, from its `_id`.
#[must_use]
pub fn key_of(document: &RawDocumentBuf) -> Option<Key> {
    match document.get("_id").ok()?? {
        bson::RawBsonRef::ObjectId(id) => Some(Key::Id(id.into())),
        bson::RawBsonRef::String(text) => Some(crate::store::order::parse_key(text)),
        _ => None,
    }
}
