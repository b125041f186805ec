//! What a client reads when something is not as it asked for: a problem document (RFC 9457), the
//! same shape for every error of every layer.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer;
use super::middleware::request_id;

const MEDIA_TYPE: &str = "application/problem+json";

/// A problem on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where it is: `fullName.firstName`.
    pub path: String,
    /// What is wrong with it.
    pub msg: String,
}

/// The document as it is sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct Document<'a> {
    /// A name for this kind of problem, made from its code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// What is wrong, in a sentence.
    detail: &'a str,
    /// The same sentence as `detail`.
    message: &'a str,
    /// What is wrong, for programs: it stays when the sentence changes.
    code: &'a str,
    /// Names the request in our logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Every bad field of the request.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    #[schema(ignore)]
    members: &'a Map<String, Value>,
}

impl Problem {
    /// A problem of this status, with a code for programs and a sentence for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
        }
    }

    /// Names the bad fields.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Adds a member of its own to the document.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Marks it as the answer to an earlier request with the same idempotency key.
    #[must_use]
    pub fn replayed(self) -> Self {
        self.header(answer::REPLAYED, HeaderValue::from_static("true"))
    }

    /// Says when it is worth asking again: in whole seconds, one at the least.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(header::RETRY_AFTER, seconds.max(1))
    }

    fn document(&self) -> Document<'_> {
        Document {
            kind: format!("urn:bazaar:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            message: &self.detail,
            code: self.code,
            request_id: request_id::current(),
            errors: &self.errors,
            members: &self.members,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(MEDIA_TYPE);
        for header in &self.headers {
            response.append_header(header.clone());
        }
        response.json(self.document())
    }
}
