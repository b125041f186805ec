//! Answers that rest on what an owner replied: status, body, `ETag`, and whether it is a replay.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use super::etag;
use crate::actors::ask::Answer;
use crate::store::Version;

/// The header of an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// 200 with the version the reply speaks of.
pub fn ok<R>(answer: &Answer<R>, body: impl Serialize) -> HttpResponse {
    answered(StatusCode::OK, answer, body)
}

/// 201 with the version the reply speaks of.
pub fn created<R>(answer: &Answer<R>, body: impl Serialize) -> HttpResponse {
    answered(StatusCode::CREATED, answer, body)
}

/// 200 for something that was only looked at.
pub fn seen(version: Version, body: impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(version)))
        .json(body)
}

fn answered<R>(status: StatusCode, answer: &Answer<R>, body: impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, etag::of(answer.version)));
    if answer.replayed {
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    }
    response.json(body)
}
