//! The documents that the cases write, and short words for writing them.

use bazaar::domain::collection::{Collection, Index};
use bazaar::domain::entity::{Key, RowWrite};
use bazaar::domain::id::Id;
use bazaar::store::{Commit, CommitId, EVENTS, Guard, Store, Version, Write, document};
use bson::oid::ObjectId;
use bson::{Document, RawDocumentBuf, doc};

/// Entities with a unique index, and one that orders by a field that may be absent.
pub(crate) static THINGS: Collection = Collection::indexed(
    "things",
    &[
        Index::unique("email", &["email"]),
        Index::on("status_due", &["status", "due"]),
    ],
);

/// Side rows of a thing.
pub(crate) static PARTS: Collection = Collection::indexed("parts", &[Index::on("n", &["n"])]);

/// Rows that have names.
pub(crate) static NOTES: Collection = Collection::plain("notes");

/// What a thing is loaded with.
pub(crate) static WITH_PARTS: &[&Collection] = &[&PARTS];

/// All that a case may write to.
pub(crate) static COLLECTIONS: &[&Collection] = &[&THINGS, &PARTS, &NOTES, &EVENTS];

/// The n-th id.
pub(crate) fn id(n: u32) -> Id {
    let mut bytes = [0x65; 12];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

/// The commit that makes the n-th thing.
pub(crate) fn make(n: u32, fields: Document) -> Commit {
    change(n, 0, fields)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without & at every document"
)]
/// The commit that takes the n-th thing from a version to the next.
pub(crate) fn change(n: u32, expect: Version, fields: Document) -> Commit {
    let commit = CommitId::new();
    let key = Key::Id(id(n));
    let put = document::of_entity(&key, expect + 1, commit, &fields);
    Commit {
        id: commit,
        guard: Some(Guard {
            collection: &THINGS,
            key,
            expect,
            put: Some(put),
        }),
        writes: Vec::new(),
    }
}

/// A commit of rows that stands as long as the n-th thing has this version.
pub(crate) fn beside(n: u32, expect: Version) -> Commit {
    Commit {
        id: CommitId::new(),
        guard: Some(Guard {
            collection: &THINGS,
            key: Key::Id(id(n)),
            expect,
            put: None,
        }),
        writes: Vec::new(),
    }
}

/// Short words for the rows of a commit.
pub(crate) trait With: Sized {
    fn with(self, collection: &'static Collection, key: Key, row: RowWrite) -> Self;

    fn put_part(self, of: u32, name: &str, fields: Document) -> Self {
        let key = Key::Part(id(of), name.to_owned());
        let row = row(&key, fields);
        self.with(&PARTS, key, RowWrite::Put(row))
    }

    fn put_note(self, name: &str, fields: Document) -> Self {
        let key = Key::Name(name.to_owned());
        let row = row(&key, fields);
        self.with(&NOTES, key, RowWrite::Put(row))
    }

    fn insert_note(self, name: &str, fields: Document) -> Self {
        let key = Key::Name(name.to_owned());
        let row = row(&key, fields);
        self.with(&NOTES, key, RowWrite::Insert(row))
    }

    /// The event of the n-th thing's version.
    fn event(self, of: u32, version: Version) -> Self {
        let name = document::event_id("thing", id(of), version, 0);
        let key = Key::Name(name);
        let fields = doc! { "entity": ObjectId::from(id(of)), "version": document::signed(version), "at": bson::DateTime::now() };
        let row = row(&key, fields);
        self.with(&EVENTS, key, RowWrite::Insert(row))
    }
}

impl With for Commit {
    fn with(mut self, collection: &'static Collection, key: Key, row: RowWrite) -> Self {
        self.writes.push(Write { collection, key, row });
        self
    }
}

/// A row with its key in front.
pub(crate) fn row(key: &Key, fields: Document) -> RawDocumentBuf {
    let mut row = match key {
        Key::Id(id) => doc! { "_id": ObjectId::from(*id) },
        key => doc! { "_id": key.to_string() },
    };
    row.extend(fields);
    document::encode(&row)
}

/// The n-th thing as it stands.
pub(crate) async fn thing(store: &dyn Store, n: u32) -> Option<Document> {
    one(store, &THINGS, Key::Id(id(n))).await
}

/// The note of this name as it stands.
pub(crate) async fn note(store: &dyn Store, name: &str) -> Option<Document> {
    one(store, &NOTES, Key::Name(name.to_owned())).await
}

async fn one(store: &dyn Store, collection: &'static Collection, key: Key) -> Option<Document> {
    let mut found = store
        .get(collection, vec![key])
        .await
        .expect("a store that is up");
    found
        .remove(0)
        .map(|found| document::decode(&found).expect("a document"))
}
