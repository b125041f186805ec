//! The shopping assistant. A user says something, a model answers in words and calls of tools, the
//! tools do what the user himself could do, and the shop says what really changed.
//!
//! # For a transport
//!
//! Anything that carries text both ways can carry the assistant; it needs five things of it:
//!
//! 1. [`Assistant::admit`] a [`Person`] whose token was checked. An error is the answer to the
//!    handshake.
//! 2. [`Arrival::enter`] with an [`Outlet`], as soon as something can be sent. `ready`, a question
//!    that still stands and news come at once; after that frames come at any time, from any thread.
//! 3. [`Seat::hear`] for each [`Inbound`] frame; [`Inbound::read`] reads them from JSON, and what it
//!    refuses it refuses with the frame to answer. An error means: too many, hang up.
//! 4. [`Seat::heard`] when the client has proved that it got what it was told, as [`Outlet::prove`]
//!    asks for.
//! 5. Drop the [`Seat`] when the connection is gone.
//!
//! A transport whose clients send and receive mere words makes `Inbound::Message` of what it
//! hears, sends the text of `Frame::Message`, and admits its people with [`Manner::Words`]: they
//! confirm by saying yes to the question just asked. The text of the question is part of the
//! `Message` that a `Frame::Confirm` follows, so such a transport need not show the latter.
//!
//! # For others
//!
//! [`tools`] is the registry that agents outside share; [`crate::services::models`] is the port of
//! the models.

mod broken;
mod calls;
mod exchange;
mod facts;
mod frame;
mod gathered;
mod limits;
mod news;
mod outlet;
mod pace;
mod person;
mod prompt;
mod rooms;
mod sales;
mod seat;
mod session;
mod settling;
mod shop;
mod shortened;
pub mod tools;
mod used;

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tracing::warn;

use self::rooms::Rooms;
use self::tools::Tools;
use super::ask::{Ask, AskError};
use super::engine::Engine;
use super::owners::Owners;
use crate::domain::account::Revocation;
use crate::domain::conversation::{Command, Conversation, News, Refusal};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::services::models::Model;
use crate::services::sessions::Sessions;
use crate::store::{Unavailable, document};

pub use frame::{CallState, Frame, Inbound, Said, Speaker, Status};
pub use limits::Limits;
pub use outlet::{Farewell, Outlet};
pub use pace::{Flood, Pace};
pub use person::Person;
pub use rooms::Crowded;
pub use seat::{Arrival, Manner, Seat};
pub use shop::Shop;

/// The assistant of a node. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Assistant(Arc<Parts>);

struct Parts {
    /// By which what this runtime began is known from what others did.
    runtime: Id,
    tools: Tools,
    model: Arc<dyn Model>,
    conversations: Owners<Conversation>,
    rooms: Arc<Rooms>,
    sessions: Arc<Sessions>,
    limits: Limits,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// There are as many connections as there may be.
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// The store does not say what was said so far.
    #[error("the store gives no answer: {0}")]
    Unavailable(String),
}

impl Assistant {
    /// An assistant with these tools, which thinks with this model.
    #[must_use]
    pub fn new(
        engine: &Arc<Engine>,
        tools: Tools,
        model: Arc<dyn Model>,
        sessions: Arc<Sessions>,
        limits: Limits,
    ) -> Self {
        Self(Arc::new(Parts {
            runtime: engine.id(),
            tools,
            model,
            conversations: Owners::new(Arc::clone(engine), Vec::new()),
            rooms: Rooms::new(),
            sessions,
            limits,
        }))
    }

    /// The tools.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.0.tools
    }

    /// The owners of the conversations.
    #[must_use]
    pub fn conversations(&self) -> &Owners<Conversation> {
        &self.0.conversations
    }

    /// How many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.0.rooms.taken()
    }

    /// A place for one more connection of this person.
    ///
    /// # Errors
    /// [`NotNow`]
    pub async fn admit(&self, person: Person, manner: Manner) -> Result<Arrival, NotNow> {
        let place = self.0.rooms.reserve(person, &self.0.limits)?;
        let so_far = self.read(person.id).await;
        let mut so_far = so_far.map_err(|Unavailable(why)| NotNow::Unavailable(why))?;
        if let Some(unsettled) = so_far.take_if(|_| !self.0.rooms.is_at_work(person.id)) {
            so_far = Some(self.settled(&person, unsettled).await.0);
        }
        Ok(Arrival::new(self.clone(), place, manner, so_far))
    }

    /// Shows everybody to the door whose session ends, as long as there is an assistant. It does
    /// not keep one alive by itself.
    pub fn watch_the_door(&self) -> impl Future<Output = ()> + Send + use<> {
        let (parts, mut ended) = (Arc::downgrade(&self.0), self.0.sessions.listen());
        async move {
            loop {
                let ended = ended.recv().await;
                let Some(parts) = parts.upgrade() else { return };
                if Self(parts).show_out_whom(ended).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn show_out_whom(&self, ended: Result<Revocation, RecvError>) -> Result<(), RecvError> {
        match ended {
            Ok(revocation) => {
                for person in self.0.rooms.ended_by(&revocation) {
                    self.0.rooms.show_out(&person, Farewell::SignedOut);
                }
            }
            Err(RecvError::Lagged(missed)) => {
                warn!(
                    missed,
                    "too many sessions ended at once: everybody is asked again"
                );
                for person in self.0.rooms.everybody() {
                    // Whoever stays although he should not is asked again with his next frame.
                    let _ = self.show_out_if_over(&person).await;
                }
            }
            Err(closed) => return Err(closed),
        }
        Ok(())
    }

    /// Clears away what nobody comes back for. Says how much there was of it.
    #[must_use]
    pub fn forget(&self) -> usize {
        self.0.rooms.forget(self.engine().clock.now())
    }

    /// Shows somebody to the door whose session is over. Says whether it goes on; when the store
    /// does not say, the person stays, since there is nothing to be had without it.
    async fn show_out_if_over(&self, person: &Person) -> Result<bool, Unavailable> {
        let goes_on = self.0.sessions.goes_on(person.id, person.session).await?;
        if !goes_on {
            self.0.rooms.show_out(person, Farewell::SignedOut);
        }
        Ok(goes_on)
    }

    fn engine(&self) -> &Engine {
        self.0.conversations.engine()
    }

    /// What was said so far, without waking anybody.
    async fn read(&self, user: Id) -> Result<Option<Conversation>, Unavailable> {
        let store = &self.engine().store;
        let found = store.get(Conversation::COLLECTION, vec![user.into()]).await?;
        let found = found.into_iter().flatten().next();
        Ok(found.and_then(|row| document::decode(&row).ok()))
    }

    /// What a user has not heard of yet and is to be told now, and what to note when he has: nothing
    /// while an answer is worked on, which tells it itself.
    fn news_of(&self, user: Id, so_far: Option<&Conversation>) -> Option<(String, News)> {
        let (unheard, seen) = so_far?.news();
        let silent = unheard.is_empty() || self.0.rooms.is_at_work(user);
        (!silent).then(|| (format!("While you were away: {}", unheard.join(" ")), seen))
    }

    async fn tell(&self, user: Id, command: Command) -> Result<Conversation, AskError<Refusal>> {
        let ask = Ask::new(command, self.engine().now(Some(user)));
        Ok(self.0.conversations.ask(user, ask).await?.reply)
    }
}
