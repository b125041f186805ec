//! Lets pages of the allowed origins read our answers, cookies included. There is no allowing
//! everyone: a page of an origin that is not named reads nothing.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::{Outcome, origin, with_headers};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-match, x-request-id";
const RESPONSE_HEADERS: &str = "etag, idempotent-replayed, location, retry-after, x-request-id";
const TEN_MINUTES: &str = "600";

/// Answers preflights, and marks what a page of an allowed origin may read.
///
/// # Errors
/// Those of the services behind it.
pub async fn share(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let allowed = allowed_origin(&request);
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let outcome = if preflight {
        Ok(request.into_response(HttpResponse::NoContent().finish()))
    } else {
        next.call(request).await
    };
    with_headers(outcome, |headers| {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = allowed else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        if preflight {
            set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
            set(headers, header::ACCESS_CONTROL_MAX_AGE, TEN_MINUTES);
        }
    })
}

fn allowed_origin(request: &ServiceRequest) -> Option<HeaderValue> {
    let value = request.headers().get(header::ORIGIN)?;
    origin::allowed(request, value.to_str().ok()?).then(|| value.clone())
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
