//! The owners of inboxes, and those who look into one just now.

use std::sync::Arc;

use super::ask::{Ask, AskError};
use super::engine::Engine;
use super::onlookers::{Onlooker, Onlookers};
use super::owners::Owners;
use crate::domain::id::Id;
use crate::domain::inbox::{Command, Inbox, Notice, Refusal, Reply};

/// All inboxes. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Inboxes {
    owners: Owners<Inbox>,
    onlookers: Onlookers,
}

/// What is new in an inbox.
#[derive(Debug, Default)]
pub struct News {
    /// How many notices ever came in.
    pub count: u64,
    /// How many are not read.
    pub unread: usize,
    /// The new ones, the oldest first.
    pub notices: Vec<Notice>,
}

impl Inboxes {
    /// The inboxes on this engine.
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
    pub fn owners(&self) -> &Owners<Inbox> {
        &self.owners
    }

    /// Asks something of an inbox.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, user: Id, ask: Ask<Inbox>) -> Result<Reply, AskError<Refusal>> {
        Ok(self.owners.ask(user, ask).await?.reply)
    }

    /// Tells an inbox something on the runtime's own behalf.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn tell(&self, user: Id, command: Command) -> Result<Reply, AskError<Refusal>> {
        let ask = Ask::new(command, self.owners.engine().now(None));
        Ok(self.owners.ask_as_runtime(user, ask).await?.reply)
    }

    /// An inbox as it is; one that nothing ever came into is empty.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn see(&self, user: Id) -> Result<Inbox, AskError<Refusal>> {
        let see = |inbox: Option<&Inbox>, _| inbox.cloned().unwrap_or_default();
        self.owners.view(user, see).await
    }

    /// What is new in an inbox for somebody who has heard of so many notices.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn news(&self, user: Id, heard: u64) -> Result<News, AskError<Refusal>> {
        let see = move |inbox: Option<&Inbox>, _| match inbox {
            None => News::default(),
            Some(inbox) => News {
                count: inbox.count,
                unread: inbox.unread(),
                notices: inbox.since(heard).to_vec(),
            },
        };
        self.owners.view(user, see).await
    }

    /// Looks into an inbox from now on.
    #[must_use]
    pub fn watch(&self, user: Id) -> Onlooker {
        self.onlookers.watch(user)
    }
}
