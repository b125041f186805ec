//! What waits at an owner: asks with whoever wants their answer, and looks at the state.

use std::panic::{AssertUnwindSafe, catch_unwind};

use actix::Message;
use tokio::sync::oneshot;

use super::admission::Permit;
use super::ask::{Ask, AskError};
use super::remembered::Earlier;
use super::round::Reply;
use crate::domain::entity::Entity;
use crate::store::{Unavailable, Version};

/// What waits for the next round.
pub(super) enum Work<E: Entity> {
    Ask(Box<Waiting<E>>),
    Look(Look<E>),
}

/// An ask in hand. Dropped without an answer, it says that there is none.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Waiting<E: Entity> {
    /// What is asked.
    pub ask: Box<Ask<E>>,
    /// What is known of an earlier ask under the same name.
    pub earlier: Earlier<E>,
    /// A refusal that the store has pronounced: a place in a unique index is taken.
    pub refused: Option<E::Refusal>,
    /// Whether it is part of a commit that was handed in, so that it may have taken effect.
    pub sent: bool,
    /// Its place among those who may wait.
    pub permit: Permit,
    reply: Option<ReplyTo<E>>,
}

/// Whoever waits for an answer.
pub type ReplyTo<E> = oneshot::Sender<Reply<E>>;

/// Something that only wants to see the state.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Look<E: Entity> {
    /// The version that whoever looks has heard of: what was before is not for him, although an owner
    /// hears of its commit a moment after the world does.
    pub since: Version,
    see: See<E>,
    _permit: Permit,
}

/// What a look does with what it sees.
pub type See<E> = Box<dyn FnOnce(Result<(Option<&E>, Version), Unavailable>) + Send>;

impl<E: Entity> Waiting<E> {
    /// An ask with its permit and whoever waits for its answer.
    #[must_use]
    pub fn new(ask: Ask<E>, permit: Permit, reply: ReplyTo<E>) -> Self {
        Self {
            ask: Box::new(ask),
            earlier: Earlier::Unknown,
            refused: None,
            sent: false,
            permit,
            reply: Some(reply),
        }
    }

    /// Answers, and gives the place back.
    pub fn answer(mut self, reply: Reply<E>) {
        if let Some(to) = self.reply.take() {
            // The caller may have gone; what was decided stands all the same.
            let _ = to.send(reply);
        }
    }
}

impl<E: Entity> Drop for Waiting<E> {
    fn drop(&mut self) {
        if let Some(to) = self.reply.take() {
            let _ = to.send(Err(if self.sent {
                AskError::Unavailable(in_doubt().0)
            } else {
                AskError::Failed
            }));
        }
    }
}

impl<E: Entity> Look<E> {
    /// A look with its permit.
    #[must_use]
    pub fn new(permit: Permit, since: Version, see: See<E>) -> Self {
        Self {
            since,
            see,
            _permit: permit,
        }
    }

    /// Shows what is, or why it is not known.
    pub fn show(self, what: Result<(Option<&E>, Version), Unavailable>) {
        // What looks is not the owner's, nor are its faults. Its caller hears nothing, and knows.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.see)(what)));
    }
}

/// What everybody hears while nobody knows what became of a commit.
pub(super) fn in_doubt() -> Unavailable {
    Unavailable("whether the last change was stored is not known yet".into())
}
