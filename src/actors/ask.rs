//! What is asked of an owner, and how an ask can end.

use crate::domain::entity::{Circumstances, Entity};
use crate::events::consumer::Retry;
use crate::store::Version;

/// A command on its way to the owner of a thing.
#[derive(Debug)]
pub struct Ask<E: Entity> {
    /// What is wanted.
    pub command: E::Command,
    /// When and by whom.
    pub at: Circumstances,
    /// Only if the thing is at one of these versions.
    pub if_match: Option<Vec<Version>>,
    /// To take effect once, however often it is sent.
    pub once: Option<Once>,
}

/// The name under which an ask takes effect once, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Stands for caller, route and the caller's key together.
    pub key: String,
    /// A digest of what was asked: the same key with another body is a mistake of the caller.
    pub body: String,
}

/// An answer that rests on durable facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<R> {
    /// What the rules replied.
    pub reply: R,
    /// The version of the thing that the reply speaks of.
    pub version: Version,
    /// Whether this is the answer to an earlier ask with the same [`Once`].
    pub replayed: bool,
}

/// Why an ask has no answer. `R` is the refusal of the rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError<R> {
    /// The rules say no.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: R,
        /// Whether this is the refusal of an earlier ask with the same [`Once`].
        replayed: bool,
    },
    /// The thing is not at the version the caller knows.
    #[error("it is at version {current} by now")]
    VersionMismatch {
        /// The version it is at.
        current: Version,
        /// Whether this was the outcome of an earlier ask with the same [`Once`].
        replayed: bool,
    },
    /// The caller has used this idempotency key for something else.
    #[error("the idempotency key was used with another request")]
    KeyReused,
    /// More is waiting than can be answered soon. It was not handled and may be asked again.
    #[error("too much is being asked at once")]
    Overloaded,
    /// The store gives no answer. Whether the ask took effect may be unknown.
    #[error("the store gives no answer: {0}")]
    Unavailable(String),
    /// What was asked can never be stored: too large.
    #[error("it cannot be stored: {0}")]
    Rejected(String),
    /// A fault of ours. It changed nothing.
    #[error("it failed for a fault of the server")]
    Failed,
}

impl<R> AskError<R> {
    /// The same, with a refusal told in other words.
    pub fn refused_as<S>(self, retell: impl FnOnce(R) -> S) -> AskError<S> {
        match self {
            Self::Refused { refusal, replayed } => AskError::Refused {
                refusal: retell(refusal),
                replayed,
            },
            Self::VersionMismatch { current, replayed } => AskError::VersionMismatch { current, replayed },
            Self::KeyReused => AskError::KeyReused,
            Self::Overloaded => AskError::Overloaded,
            Self::Unavailable(why) => AskError::Unavailable(why),
            Self::Rejected(why) => AskError::Rejected(why),
            Self::Failed => AskError::Failed,
        }
    }
}

/// A consumer whose ask was not answered is told again. Nobody's event is to blame for it.
impl<R: std::error::Error> From<AskError<R>> for Retry {
    fn from(error: AskError<R>) -> Self {
        Self {
            outage: matches!(error, AskError::Overloaded | AskError::Unavailable(_)),
            ..Self::because(error.to_string())
        }
    }
}

impl<E: Entity> Ask<E> {
    /// A command without conditions.
    pub fn new(command: E::Command, at: Circumstances) -> Self {
        Self {
            command,
            at,
            if_match: None,
            once: None,
        }
    }

    /// Only if the thing is at one of these versions; `None` asks for no version.
    #[must_use]
    pub fn if_match(mut self, versions: Option<Vec<Version>>) -> Self {
        self.if_match = versions;
        self
    }

    /// To take effect once under this name; `None` may take effect again.
    #[must_use]
    pub fn once(mut self, once: Option<Once>) -> Self {
        self.once = once;
        self
    }
}
