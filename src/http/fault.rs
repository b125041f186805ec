//! Every way in which a request can fail, and the one place that gives each of them a status: no
//! wildcard, so a new error does not compile until it has one.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use tracing::{error, warn};

use super::etag;
use super::problem::{FieldError, Problem};
use crate::actors::ask::AskError;
use crate::services::limiter::TooOften;
use crate::store::Unavailable;

const SOON: Duration = Duration::from_secs(1);

/// What the web itself finds wrong, before or after an owner was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing at this path.
    UnknownRoute,
    /// There is something at this path, but not for this method; these it has.
    WrongMethod(String),
    /// The thing with this name does not exist: `product`.
    NotFound(&'static str),
    /// A path, query or header that cannot be read, in a sentence.
    Malformed(String),
    /// A body that is not the JSON it says it is, in a sentence.
    MalformedJson(String),
    /// A body that can be read, with bad fields.
    Invalid(Vec<FieldError>),
    /// A body of a media type that is not taken here; this one is.
    WrongMediaType(&'static str),
    /// A compressed body.
    Encoded,
    /// A body of more than so many bytes.
    TooLarge(usize),
    /// A body that took too long to arrive.
    TooSlow,
    /// A body that broke off.
    BrokenOff,
    /// Nobody is signed in, or not validly so; the sentence says which.
    SignIn(&'static str),
    /// The caller may not do this.
    Forbidden(&'static str),
    /// A page of another origin wants to act in the name of a signed-in user.
    CrossOrigin,
    /// The same idempotency key is being handled at this moment.
    InFlight,
    /// The caller asks too often, and may ask again after this.
    TooMany(Duration),
    /// The node has as much in hand as it can answer soon.
    Overloaded,
    /// Something that is needed for the answer gives none; for the log.
    Unavailable(String),
    /// A fault of ours; for the log.
    Broken(String),
}

/// A refusal of the rules, as the web tells it.
pub trait Telling {
    /// Its status, code and sentence.
    fn problem(&self) -> Problem;
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        use StatusCode as S;
        match fault {
            Fault::UnknownRoute => Self::new(S::NOT_FOUND, "unknown_route", "There is nothing at this path."),
            Fault::WrongMethod(allowed) => wrong_method(&allowed),
            Fault::NotFound(what) => {
                Self::new(S::NOT_FOUND, "not_found", format!("There is no such {what}."))
            }
            Fault::Malformed(why) => Self::new(S::BAD_REQUEST, "malformed_request", why),
            Fault::MalformedJson(why) => Self::new(S::BAD_REQUEST, "malformed_json", why),
            Fault::Invalid(errors) => invalid(errors),
            Fault::WrongMediaType(wanted) => wrong_media_type(&format!("The body must be {wanted}.")),
            Fault::Encoded => wrong_media_type("Compressed bodies are not taken."),
            Fault::TooLarge(limit) => too_large(&format!("The body is larger than {limit} bytes.")),
            Fault::TooSlow => Self::new(
                S::REQUEST_TIMEOUT,
                "too_slow",
                "The body took too long to arrive.",
            ),
            Fault::BrokenOff => Self::new(S::BAD_REQUEST, "broken_off", "The body broke off."),
            Fault::SignIn(why) => Self::new(S::UNAUTHORIZED, "unauthenticated", why)
                .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
            Fault::Forbidden(why) => Self::new(S::FORBIDDEN, "forbidden", why),
            Fault::CrossOrigin => {
                let why = "A page of another origin may not do this in your name.";
                Self::new(S::FORBIDDEN, "cross_origin", why)
            }
            Fault::InFlight => in_flight(),
            Fault::TooMany(wait) => {
                let why = "You are asking too often. Please wait a little.";
                Self::new(S::TOO_MANY_REQUESTS, "too_many_requests", why).retry_after(wait)
            }
            Fault::Overloaded => overloaded(),
            Fault::Unavailable(why) => unavailable(&why),
            Fault::Broken(why) => broken(&why),
        }
    }
}

impl<R: Telling> From<AskError<R>> for Problem {
    fn from(error: AskError<R>) -> Self {
        match error {
            AskError::Refused { refusal, replayed } => {
                let problem = refusal.problem();
                if replayed { problem.replayed() } else { problem }
            }
            AskError::VersionMismatch { current, replayed } => {
                let why = format!("It has changed: it is at version {current} by now.");
                let problem = Self::new(StatusCode::PRECONDITION_FAILED, "version_mismatch", why)
                    .header(header::ETAG, etag::of(current));
                if replayed { problem.replayed() } else { problem }
            }
            AskError::KeyReused => {
                let why = "This idempotency key was used with another request.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", why)
            }
            AskError::Overloaded => overloaded(),
            AskError::Unavailable(why) => unavailable(&why),
            AskError::Rejected(_) => too_large("This is more than can be kept."),
            AskError::Failed => broken("the owner failed"),
        }
    }
}

impl From<TooOften> for Problem {
    fn from(TooOften(wait): TooOften) -> Self {
        Fault::TooMany(wait).into()
    }
}

impl From<Unavailable> for Problem {
    fn from(Unavailable(why): Unavailable) -> Self {
        unavailable(&why)
    }
}

fn wrong_method(allowed: &str) -> Problem {
    let why = format!("This path takes {allowed} only.");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", why);
    match HeaderValue::from_str(allowed) {
        Ok(allowed) => problem.header(header::ALLOW, allowed),
        Err(_) => problem,
    }
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    let told: Vec<_> = errors
        .iter()
        .map(|error| format!("{} {}", error.path, error.msg))
        .collect();
    let why = format!("Some fields are not valid: {}.", told.join("; "));
    Problem::new(StatusCode::BAD_REQUEST, "invalid", why).errors(errors)
}

fn wrong_media_type(why: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", why)
}

fn too_large(why: &str) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", why)
}

fn in_flight() -> Problem {
    let why = "A request with this idempotency key is being handled.";
    Problem::new(StatusCode::CONFLICT, "in_flight", why).retry_after(SOON)
}

fn overloaded() -> Problem {
    let why = "More is being asked than can be answered soon. Please try again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", why).retry_after(SOON)
}

/// An outage is told as one, and what it is stays in the log.
fn unavailable(why: &str) -> Problem {
    warn!(%why, "answered 503");
    let told = "The shop cannot answer at this moment. Please try again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", told).retry_after(SOON)
}

/// The client reads only the request's id, by which the log is found.
fn broken(why: &str) -> Problem {
    error!(%why, "answered 500");
    let told = "Something went wrong on our side.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", told)
}
