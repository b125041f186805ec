//! How Razorpay says no.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::actors::ask::AskError;
use crate::actors::sandbox::NotDone;
use crate::http::fault::Fault;
use crate::http::problem::Problem;
use crate::store::Unavailable;

/// An error of the sandbox, in Razorpay's shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum No {
    /// There is no sandbox here. That alone is our own problem, not Razorpay's.
    #[error("there is no sandbox here")]
    NoSandbox,
    /// The key is wrong.
    #[error("Authentication failed")]
    WrongKey,
    /// What was asked cannot be done, in a sentence.
    #[error("{0}")]
    BadRequest(String),
    /// Somebody has switched it so, or something broke.
    #[error("We are facing some trouble completing your request at the moment. Please try again shortly.")]
    Trouble,
}

impl No {
    /// There is no such thing.
    #[must_use]
    pub fn unknown() -> Self {
        Self::BadRequest("The id provided does not exist".into())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSandbox | Self::WrongKey | Self::BadRequest(_) => "BAD_REQUEST_ERROR",
            Self::Trouble => "SERVER_ERROR",
        }
    }
}

impl From<NotDone> for No {
    fn from(why: NotDone) -> Self {
        match why {
            AskError::Refused { refusal, .. } => Self::BadRequest(refusal.to_string()),
            AskError::Rejected(why) => Self::BadRequest(why),
            AskError::VersionMismatch { .. }
            | AskError::KeyReused
            | AskError::Overloaded
            | AskError::Unavailable(_)
            | AskError::Failed => Self::Trouble,
        }
    }
}

impl From<Unavailable> for No {
    fn from(_: Unavailable) -> Self {
        Self::Trouble
    }
}

impl ResponseError for No {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoSandbox => StatusCode::NOT_FOUND,
            Self::WrongKey => StatusCode::UNAUTHORIZED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Trouble => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if *self == Self::NoSandbox {
            return Problem::from(Fault::UnknownRoute).error_response();
        }
        HttpResponse::build(self.status_code()).json(json!({
            "error": {
                "code": self.code(),
                "description": self.to_string(),
                "source": "NA",
                "step": "NA",
                "reason": "NA",
                "metadata": {},
            }
        }))
    }
}
