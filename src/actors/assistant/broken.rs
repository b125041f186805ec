//! Why an answer ends before it is whole.

use super::frame::{Frame, Status};
use crate::actors::ask::AskError;
use crate::domain::conversation::Refusal;
use crate::services::models::ModelError;

/// The reasons.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("stopped")]
    Cancelled,
    #[error("This took too long.")]
    Slow,
    #[error("The session that this was done for has ended. Nothing more was done.")]
    SignedOut,
    #[error("The assistant has lost its thread.")]
    Lost,
    #[error("This took more steps than one answer may have.")]
    Endless,
    #[error("You have used up the assistant for today; it is back tomorrow.")]
    UsedUp,
    #[error("{}", told(.0))]
    Model(ModelError),
    #[error("The shop cannot answer at this moment. Please try again.")]
    Shop(AskError<Refusal>),
}

impl Broken {
    /// The same as the user gets it.
    pub(super) fn frame(&self) -> Frame {
        let code = match self {
            Self::Cancelled => return Frame::status(Status::Cancelled, "Stopped."),
            Self::Slow => "too_slow",
            Self::SignedOut => "signed_out",
            Self::Lost => "model_confused",
            Self::Endless => "too_many_steps",
            Self::UsedUp => "used_up",
            Self::Model(ModelError::Unavailable(_)) => "model_unavailable",
            Self::Model(ModelError::Cut(_)) => "model_cut",
            Self::Model(ModelError::Refused(_)) => "model_refused",
            Self::Shop(_) => "unavailable",
        };
        Frame::error(code, self.to_string())
    }
}

/// What the product says of itself stays in the log.
fn told(error: &ModelError) -> &'static str {
    match error {
        ModelError::Unavailable(_) => "The assistant cannot be reached at this moment. Please try again.",
        ModelError::Cut(_) => "The assistant broke off. Please try again.",
        ModelError::Refused(_) => "The assistant does not answer this.",
    }
}

impl From<AskError<Refusal>> for Broken {
    fn from(error: AskError<Refusal>) -> Self {
        match error {
            AskError::Refused {
                refusal: Refusal::UsedUp,
                ..
            } => Self::UsedUp,
            error => Self::Shop(error),
        }
    }
}
