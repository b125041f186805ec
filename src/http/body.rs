//! The JSON body of a request: read once, within a limit and a time, and only for a caller who
//! may send it.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::caller;
use super::fault::Fault;
use super::fields::{self, Input};
use super::problem::Problem;
use super::state::Web;

/// What a client sent, and a digest of the bytes it came in.
#[derive(Debug)]
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// By which the same request is known again.
    pub digest: BodyDigest,
}

/// A digest of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// A digest that was taken on the way.
    #[must_use]
    pub fn taken(digest: Sha256) -> Self {
        Self(digest.finalize().into())
    }

    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl<T: Input> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        let admitted = caller::admission(&request);
        async move {
            admitted.await?;
            let bytes = bytes(&request, payload).await?;
            let value = fields::read(&object(&request, &bytes)?).map_err(Fault::Invalid)?;
            let digest = BodyDigest::of(&bytes);
            Ok(Self { value, digest })
        }
        .boxed_local()
    }
}

/// A body as it came, of whatever type: for what is signed byte by byte.
#[derive(Debug)]
pub struct Raw(pub Bytes);

impl FromRequest for Raw {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move { Ok(Self(bytes(&request, payload).await?)) }.boxed_local()
    }
}

/// All bytes of a body, within the limits.
async fn bytes(request: &HttpRequest, payload: Payload) -> Result<Bytes, Fault> {
    let Some(web) = request.app_data::<Data<Web>>() else {
        return Err(Fault::Broken("a route without the shared state".into()));
    };
    let limit = web.config.server.body_limit_bytes;
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(Fault::TooLarge(limit));
    }
    timeout(web.config.server.header_timeout, gather(payload, limit))
        .await
        .unwrap_or(Err(Fault::TooSlow))
}

async fn gather(mut payload: Payload, limit: usize) -> Result<Bytes, Fault> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| broken_off(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(Fault::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

pub(super) fn broken_off(error: &PayloadError) -> Fault {
    match error {
        PayloadError::EncodingCorrupted => Fault::Malformed("The body is not encoded as it says.".into()),
        _ => Fault::BrokenOff,
    }
}

/// The JSON object in a body. No body at all is an object without fields.
fn object(request: &HttpRequest, bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.is_empty() && !request.headers().contains_key(CONTENT_TYPE) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let media_type = request.content_type();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Fault::WrongMediaType("application/json"));
    }
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Fault::MalformedJson("The body must be a JSON object.".into())),
        Err(error) => Err(Fault::MalformedJson(format!(
            "The body is not valid JSON: {error}."
        ))),
    }
}
