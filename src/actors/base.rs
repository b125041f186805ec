//! What an owner knows to be durable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::error;

use crate::domain::entity::{Entity, SideRow};
use crate::store::{CommitId, Loaded, Unavailable, Version, document};

/// A thing as the store has it.
#[derive(Debug)]
pub struct Base<E> {
    /// The thing, if it has ever been made.
    pub state: Option<E>,
    /// Its version.
    pub version: Version,
}

impl<E: Entity> Base<E> {
    /// Reads what was loaded, and which commit wrote it. A fault in it is no reason for its owner to
    /// fail again and again.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(loaded: &Loaded) -> Result<(Self, Option<CommitId>), Unavailable> {
        let unreadable = || Unavailable("what is stored cannot be read".into());
        match catch_unwind(AssertUnwindSafe(|| Self::decode(loaded))) {
            Ok(Ok(base)) => Ok((base, loaded.document.as_ref().and_then(document::commit))),
            Ok(Err(error)) => {
                error!(kind = E::KIND, %error, "a stored document cannot be read");
                Err(unreadable())
            }
            Err(_) => {
                error!(kind = E::KIND, "reading a stored document panicked");
                Err(unreadable())
            }
        }
    }

    fn decode(loaded: &Loaded) -> Result<Self, bson::error::Error> {
        let Some(found) = &loaded.document else {
            return Ok(Self::default());
        };
        let mut state: E = document::decode(found)?;
        for (collection, document) in &loaded.rows {
            state.absorb(SideRow { collection, document });
        }
        Ok(Self {
            state: Some(state),
            version: document::version(found),
        })
    }
}

impl<E> Default for Base<E> {
    fn default() -> Self {
        Self {
            state: None,
            version: 0,
        }
    }
}
