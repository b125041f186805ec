//! The owners of passes, and how a pass is written on a ticket.

use std::sync::Arc;

use super::ask::{Ask, AskError};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::id::Id;
use crate::domain::pass::{Command, Holder, Pass, Refusal};

/// All passes. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Passes {
    owners: Owners<Pass>,
}

impl Passes {
    /// The passes on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        Self {
            owners: Owners::new(Arc::clone(engine), Vec::new()),
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Pass> {
        &self.owners
    }

    /// Makes a ticket that lets somebody in once.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub async fn issue(&self, holder: Holder) -> Result<String, AskError<Refusal>> {
        let engine = self.owners.engine();
        let (id, secret) = (engine.id(), hex::encode(engine.chance.bytes::<16>()));
        let ticket = format!("{id}{secret}");
        let issue = Command::Issue { holder, secret };
        let ask = Ask::new(issue, engine.now(Some(holder.account)));
        self.owners.ask(id, ask).await?;
        Ok(ticket)
    }

    /// Whom a ticket lets in. It lets in nobody again.
    ///
    /// # Errors
    /// When it is none, or not any more; or when the store does not say.
    pub async fn redeem(&self, ticket: &str) -> Result<Holder, AskError<Refusal>> {
        let refused = AskError::Refused {
            refusal: Refusal,
            replayed: false,
        };
        let Some((id, secret)) = ticket.split_at_checked(24) else {
            return Err(refused);
        };
        let id: Id = id.parse().map_err(|_| refused)?;
        let secret = secret.to_owned();
        let ask = Ask::new(Command::Use { secret }, self.owners.engine().now(None));
        Ok(self.owners.ask(id, ask).await?.reply)
    }
}
