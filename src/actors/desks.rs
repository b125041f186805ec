//! The owners of sellers' desks: each seller at work has one supervised actor, woken by the first
//! ask, asleep when idle, that holds what was sold and takes what the seller sets one thing after
//! the other.

use std::sync::Arc;

use bson::Bson;
use bson::oid::ObjectId;

use super::ask::{Answer, Ask, AskError};
use super::engine::Engine;
use super::onlookers::{Onlooker, Onlookers};
use super::owners::Owners;
use crate::domain::desk::{Command, DESK_ORDERS, Day, Desk, Figures, Posting, Refusal, Reply, Settings};
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::order::Status;
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// All desks. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Desks {
    owners: Owners<Desk>,
    onlookers: Onlookers,
}

/// Some of the orders at a desk, where they go on, and how many there are in all.
pub type Listed = (Vec<Posting>, Option<Cursor>, u64);

impl Desks {
    /// The desks on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let onlookers = Onlookers::default();
        Self {
            owners: Owners::new(Arc::clone(engine), vec![onlookers.watcher()]),
            onlookers,
        }
    }

    /// The owners.
    #[must_use]
    pub fn owners(&self) -> &Owners<Desk> {
        &self.owners
    }

    /// Asks something of a desk.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, ask: Ask<Desk>) -> Result<Answer<Reply>, AskError<Refusal>> {
        self.owners.ask(ask.command.seller(), ask).await
    }

    /// Tells a desk something on the runtime's own behalf.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, command: Command) -> Result<Reply, AskError<Refusal>> {
        let ask = Ask::<Desk>::new(command, self.owners.engine().now(None));
        let told = self.owners.ask_as_runtime(ask.command.seller(), ask).await;
        Ok(told?.reply)
    }

    /// What a seller has set.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn settings(&self, seller: Id) -> Result<Settings, AskError<Refusal>> {
        let see = |desk: Option<&Desk>, _| desk.map_or_else(Settings::default, |desk| desk.settings);
        self.owners.view(seller, see).await
    }

    /// What a desk shows, with so many of the products that sell best, and what its seller has
    /// set: both from the same moment.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn figures(&self, seller: Id, top: usize) -> Result<(Figures, Settings), AskError<Refusal>> {
        let today = Day::of(self.owners.engine().clock.now());
        self.see(seller, move |desk| (desk.figures(today, top), desk.settings))
            .await
    }

    /// Looks at a desk; one where nothing was ever posted is bare.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see<T: Send + 'static>(
        &self,
        seller: Id,
        see: impl FnOnce(&Desk) -> T + Send + 'static,
    ) -> Result<T, AskError<Refusal>> {
        let see = move |desk: Option<&Desk>, _| match desk {
            Some(desk) => see(desk),
            None => see(&Desk::bare(seller)),
        };
        self.owners.view(seller, see).await
    }

    /// Looks at a desk from now on.
    #[must_use]
    pub fn watch(&self, seller: Id) -> Onlooker {
        self.onlookers.watch(seller)
    }

    /// A part of the orders at a desk, the newest first.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn orders(
        &self,
        seller: Id,
        status: Option<Status>,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, AskError<Refusal>> {
        let total = self.see(seller, move |desk| desk.standing.count(status)).await?;
        let seller = Bson::from(ObjectId::from(seller));
        let all = match status {
            None => Query::by_index(&DESK_ORDERS, "seller", vec![seller]),
            Some(status) => {
                let equal = vec![seller, status.name().into()];
                Query::by_index(&DESK_ORDERS, "seller_status", equal)
            }
        };
        let store = &self.owners.engine().store;
        let page = store.find(part(all.descending())).await;
        let page = page.map_err(|Unavailable(why)| AskError::Unavailable(why))?;
        let postings = page.documents.iter().filter_map(|row| document::decode(row).ok());
        Ok((postings.collect(), page.next, total))
    }

    /// What is kept of these orders of sellers, each in its place.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn postings(
        &self,
        of: impl Iterator<Item = (Id, Id)>,
    ) -> Result<Vec<Option<Posting>>, Unavailable> {
        let keys = of.map(|(seller, order)| Key::Part(seller, order.to_string()));
        let found = self
            .owners
            .engine()
            .store
            .get(&DESK_ORDERS, keys.collect())
            .await?;
        let read = found.into_iter().map(|row| document::decode(&row?).ok());
        Ok(read.collect())
    }
}
