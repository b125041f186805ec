//! Why a call did nothing, told so that a model can put it right and a person can understand it.

use std::fmt;

use serde_json::{Value, json};

use crate::actors::ask::AskError;
use crate::actors::checkout::NoOrder;
use crate::actors::finding;
use crate::actors::stuck::Stuck;
use crate::store::Unavailable;

/// The reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no such tool.
    #[error("there is no tool called {0}")]
    Unknown(String),
    /// The arguments are not right.
    #[error("the arguments are not right: {0}")]
    Malformed(String),
    /// Nobody is signed in.
    #[error("this needs somebody who is signed in")]
    SignIn,
    /// It is for others.
    #[error("this user may not do that")]
    Forbidden,
    /// There is no such thing, or none that this user may see.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The shop says no.
    #[error("{0}")]
    Refused(String),
    /// It is not so any more what the user agreed to.
    #[error("it has changed meanwhile")]
    Changed,
    /// Something that is needed gives no answer at this moment. Whether it was done may be unknown.
    #[error("the shop cannot answer at this moment")]
    Unavailable(String),
    /// A fault of ours.
    #[error("something went wrong on our side")]
    Failed,
}

impl Trouble {
    /// Whether the call itself was wrong, and not what it asked for.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Malformed(_))
    }

    /// What it is, for programs: it stays when the sentence changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown_tool",
            Self::Malformed(_) => "invalid_arguments",
            Self::SignIn => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Refused(_) => "refused",
            Self::Changed => "changed",
            Self::Unavailable(_) => "unavailable",
            Self::Failed => "internal",
        }
    }

    /// What a model or a program reads in the place of an outcome.
    #[must_use]
    pub fn data(&self) -> Value {
        json!({ "error": { "code": self.code(), "message": self.to_string() } })
    }
}

impl<R: fmt::Display> From<AskError<R>> for Trouble {
    fn from(error: AskError<R>) -> Self {
        match error {
            AskError::Refused { refusal, .. } => Self::Refused(refusal.to_string()),
            AskError::VersionMismatch { .. } => Self::Changed,
            AskError::KeyReused | AskError::Failed => Self::Failed,
            AskError::Overloaded => Self::Unavailable("too much is being asked at once".into()),
            AskError::Unavailable(why) => Self::Unavailable(why),
            AskError::Rejected(_) => Self::Refused("this is more than can be kept".into()),
        }
    }
}

impl From<finding::NotFound> for Trouble {
    fn from(why: finding::NotFound) -> Self {
        Self::Unavailable(why.to_string())
    }
}

impl From<Unavailable> for Trouble {
    fn from(Unavailable(why): Unavailable) -> Self {
        Self::Unavailable(why)
    }
}

impl From<NoOrder> for Trouble {
    fn from(why: NoOrder) -> Self {
        match why {
            NoOrder::Cart(error) => error.into(),
            NoOrder::Order(error) => error.into(),
            NoOrder::Short { lines, .. } => {
                let told: Vec<_> = lines
                    .iter()
                    .map(|line| {
                        let (requested, available) = (line.requested, line.available);
                        format!(
                            "{available} of the {requested} wanted of product {}",
                            line.product_id
                        )
                    })
                    .collect();
                Self::Refused(format!(
                    "there is too little in stock: {}. Nothing was ordered",
                    told.join(", ")
                ))
            }
            NoOrder::Changed => Self::Changed,
            NoOrder::Stuck(Stuck::Failed) => Self::Failed,
            NoOrder::Stuck(stuck) => Self::Unavailable(stuck.to_string()),
        }
    }
}
