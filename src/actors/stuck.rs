//! Why something that takes several steps was not brought to its end. What was done stays done,
//! and is gone on with later.

use tracing::error;

use super::ask::AskError;
use crate::store::Unavailable;

/// The reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stuck {
    /// More is waiting than can be answered soon.
    #[error("too much is being asked at once")]
    Overloaded,
    /// The store gives no answer.
    #[error("the store gives no answer: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("it failed for a fault of the server")]
    Failed,
}

impl<R: std::error::Error> From<AskError<R>> for Stuck {
    fn from(error: AskError<R>) -> Self {
        match error {
            AskError::Overloaded => Self::Overloaded,
            AskError::Unavailable(why) => Self::Unavailable(why),
            AskError::Failed => Self::Failed,
            other => {
                error!(error = %other, "a step was refused that cannot be");
                Self::Failed
            }
        }
    }
}

impl From<Unavailable> for Stuck {
    fn from(Unavailable(why): Unavailable) -> Self {
        Self::Unavailable(why)
    }
}
