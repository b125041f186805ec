//! What Engine.IO answers to a request that it cannot make anything of. Its clients know the
//! numbers, so these are no problem documents.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// There are polling and websocket.
    Transport,
    /// No session has this id, or none for this caller.
    Session,
    /// A session begins with a GET.
    Method,
    /// It does not go with what was said before.
    BadRequest,
    /// There is version 4.
    Version,
}

impl Refused {
    fn told(self) -> (u8, &'static str) {
        match self {
            Self::Transport => (0, "Transport unknown"),
            Self::Session => (1, "Session ID unknown"),
            Self::Method => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::Version => (5, "Unsupported protocol version"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.told().1)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }

    fn error_response(&self) -> HttpResponse {
        let (code, message) = self.told();
        HttpResponse::BadRequest().json(json!({ "code": code, "message": message }))
    }
}
