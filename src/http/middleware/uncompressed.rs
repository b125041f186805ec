//! A few compressed kilobytes unpack to gigabytes, so nothing compressed is taken.

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};
use actix_web::middleware::Next;

use super::Outcome;
use crate::http::fault::Fault;
use crate::http::problem::Problem;

/// Refuses a request with any content encoding but the one that changes nothing.
///
/// # Errors
/// Those of the services behind it.
pub async fn check(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let mut encodings = request.headers().get_all(CONTENT_ENCODING);
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return next.call(request).await;
    }
    let problem = Problem::from(Fault::Encoded);
    let problem = problem.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request.into_response(problem.error_response()))
}
