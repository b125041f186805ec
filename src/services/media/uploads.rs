//! Pictures on their way to whoever is to show them. Each is noted before it is kept, so that one
//! which nobody shows, because the runtime was killed in between, is found again and dropped.

use std::time::Duration;

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use serde::Deserialize;

use super::Down;
use crate::clock::{Chance, Clock};
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::{Key, RowWrite};
use crate::domain::id::Id;
use crate::store::committer::Committer;
use crate::store::{Commit, Outcome, Query, Store, Unavailable, Write, document};

/// Where they are noted.
pub static UPLOADS: Collection = Collection::indexed("uploads", &[Index::on("due", &["due"])]);

/// Long after every request has been answered.
const DUE_AFTER: Duration = Duration::from_hours(1);

/// Who is to show a picture: the kind of thing, and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The kind: `product`.
    pub kind: &'static str,
    /// Which one.
    pub id: Id,
}

/// A picture whose time has come to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Upload {
    /// Its id.
    #[serde(rename = "_id")]
    name: String,
    /// The kind of thing that is to show it.
    pub kind: String,
    /// Which one.
    pub bearer: Id,
    /// The name by which the service that has it knows it.
    pub handle: String,
}

/// The notes.
#[derive(Clone)]
pub struct Uploads {
    committer: Committer,
    clock: Clock,
    chance: Chance,
}

impl Uploads {
    /// Notes that go through this committer.
    #[must_use]
    pub fn new(committer: Committer, clock: Clock, chance: Chance) -> Self {
        Self {
            committer,
            clock,
            chance,
        }
    }

    /// Notes pictures, by their ids and handles, that somebody is to show.
    ///
    /// # Errors
    /// When the store does not take the note: nothing is kept that would not be found again.
    pub(super) async fn note(&self, pictures: Vec<(Id, String)>, bearer: Bearer) -> Result<(), Down> {
        let due = self.clock.now().after(DUE_AFTER).millis();
        let write = |(id, handle): (Id, String)| {
            let row = rawdoc! {
                "_id": id.to_string(),
                "kind": bearer.kind,
                "bearer": ObjectId::from(bearer.id),
                "handle": handle,
                "due": bson::DateTime::from_millis(due),
            };
            (id.to_string(), RowWrite::Put(row))
        };
        self.write(pictures.into_iter().map(write).collect()).await
    }

    /// Some of the pictures whose time has come.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn due(&self, store: &dyn Store, many: usize) -> Result<Vec<Upload>, Unavailable> {
        let now = bson::DateTime::from_millis(self.clock.now().millis());
        let query = Query::by_index(&UPLOADS, "due", Vec::new()).between(None, Some(now.into()));
        let page = store.find(query.limit(many)).await?;
        let read = |row: &RawDocumentBuf| document::decode(row).ok();
        Ok(page.documents.iter().filter_map(read).collect())
    }

    /// Strikes a picture off: it is shown, or dropped.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn strike(&self, upload: &Upload) -> Result<(), Down> {
        self.write(vec![(upload.name.clone(), RowWrite::Delete)]).await
    }

    async fn write(&self, rows: Vec<(String, RowWrite)>) -> Result<(), Down> {
        if rows.is_empty() {
            return Ok(());
        }
        let write = |(name, row)| Write {
            collection: &UPLOADS,
            key: Key::Name(name),
            row,
        };
        let commit = Commit {
            id: self.chance.id(self.clock.now()).into(),
            guard: None,
            writes: rows.into_iter().map(write).collect(),
        };
        match self.committer.commit(commit).await {
            Outcome::Stored => Ok(()),
            other => Err(Down(format!("its note was not taken: {other:?}"))),
        }
    }
}

impl Upload {
    /// The id of the picture.
    #[must_use]
    pub fn picture(&self) -> Option<Id> {
        self.name.parse().ok()
    }
}
