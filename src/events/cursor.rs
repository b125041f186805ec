//! The place of a shared consumer in the feed, and whose turn it is to tell it: one document,
//! guarded by its version, so that of several runtimes on one database one works at a time.

use std::sync::Arc;

use bson::Binary;
use bson::spec::BinarySubtype;
use serde::{Deserialize, Serialize};

use super::ground::Ground;
use crate::domain::collection::Collection;
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Commit, FeedPosition, Guard, Outcome, Unavailable, Version, document};

/// A document for each shared consumer, under its name.
pub static CURSORS: Collection = Collection::plain("cursors");

/// The cursor of one consumer as this runtime knows it.
pub struct Cursor {
    name: &'static str,
    ground: Arc<Ground>,
    /// The document, while it is this runtime's turn.
    held: Option<(Version, Row)>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// This runtime's.
    Ours,
    /// Another's, until this time if it gives no sign of life.
    Elsewhere(Timestamp),
}

/// Nobody's turn, at the beginning of the feed, as long as nothing else is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Row {
    holder: Option<Id>,
    until: Timestamp,
    position: Option<Binary>,
}

impl Cursor {
    /// The cursor of the consumer with this name, not looked at yet.
    #[must_use]
    pub fn new(name: &'static str, ground: Arc<Ground>) -> Self {
        Self {
            name,
            ground,
            held: None,
        }
    }

    /// Makes sure that it is this runtime's turn, if it can be, for half a lease at least.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn take(&mut self) -> Result<Turn, Unavailable> {
        if let Some((_, row)) = &self.held {
            let fresh = !self.leased() || row.until.since(self.ground.now()) > self.ground.pace.lease / 2;
            return if fresh { Ok(Turn::Ours) } else { self.renew().await };
        }
        let (version, row) = self.read().await?;
        if self.leased() && row.holder != Some(self.ground.runtime) && row.until > self.ground.now() {
            return Ok(Turn::Elsewhere(row.until));
        }
        self.held = Some((version, row));
        if self.leased() {
            self.renew().await
        } else {
            Ok(Turn::Ours)
        }
    }

    /// Where the consumer is in the feed.
    #[must_use]
    pub fn position(&self) -> Option<FeedPosition> {
        let (_, row) = self.held.as_ref()?;
        row.position
            .as_ref()
            .map(|place| FeedPosition(place.bytes.clone()))
    }

    /// Moves on in memory. The next write saves it.
    pub fn move_to(&mut self, position: FeedPosition) {
        if let Some((_, row)) = &mut self.held {
            row.position = Some(Binary {
                subtype: BinarySubtype::Generic,
                bytes: position.0,
            });
        }
    }

    /// Saves where the consumer is, and keeps the turn for another lease.
    ///
    /// # Errors
    /// When it may not have been saved.
    pub async fn renew(&mut self) -> Result<Turn, Unavailable> {
        let until = self.ground.now().after(self.ground.pace.lease);
        self.write(Some(self.ground.runtime), until).await
    }

    /// Lets the next runtime have its turn at once.
    ///
    /// # Errors
    /// When the store does not take it; the turn then ends with its lease.
    pub async fn release(&mut self) -> Result<(), Unavailable> {
        if self.leased() && self.held.is_some() {
            self.write(None, self.ground.now()).await?;
        }
        self.held = None;
        Ok(())
    }

    /// A store that nobody else writes to needs no turns; and the turn of a runtime that was
    /// killed must not hold up the one that is started in its place.
    fn leased(&self) -> bool {
        self.ground.store.shared()
    }

    async fn read(&self) -> Result<(Version, Row), Unavailable> {
        let key = Key::Name(self.name.to_owned());
        let Some(found) = self.ground.store.load(&CURSORS, key, &[]).await?.document else {
            return Ok((0, Row::default()));
        };
        let row = document::decode(&found)
            .map_err(|error| Unavailable(format!("the cursor of {} cannot be read: {error}", self.name)))?;
        Ok((document::version(&found), row))
    }

    async fn write(&mut self, holder: Option<Id>, until: Timestamp) -> Result<Turn, Unavailable> {
        // Whatever goes wrong, the document is read again before anything rests on it.
        let Some((version, row)) = self.held.take() else {
            return Ok(Turn::Elsewhere(until));
        };
        let row = Row { holder, until, ..row };
        match self.ground.committer.commit(self.commit(version, &row)).await {
            Outcome::Stored => {
                self.held = Some((version + 1, row));
                Ok(Turn::Ours)
            }
            Outcome::Conflict => Ok(Turn::Elsewhere(self.ground.now())),
            other => Err(Unavailable(format!(
                "the cursor of {} was not saved: {other:?}",
                self.name
            ))),
        }
    }

    fn commit(&self, expect: Version, row: &Row) -> Commit {
        let id = self.ground.commit_id();
        let key = Key::Name(self.name.to_owned());
        let put = document::of_entity(&key, expect + 1, id, row);
        let guard = Guard {
            collection: &CURSORS,
            key,
            expect,
            put: Some(put),
        };
        Commit {
            id,
            guard: Some(guard),
            writes: Vec::new(),
        }
    }
}
