//! What browsers are told about everything we send.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::{Outcome, with_headers};
use crate::http::state::Web;

/// Nothing inline and nothing from elsewhere, in no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TWO_YEARS: &str = "max-age=63072000; includeSubDomains";

/// Adds the headers.
///
/// # Errors
/// Those of the services behind it.
pub async fn add(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let public = request
        .app_data::<Data<Web>>()
        .is_some_and(|web| web.config.environment.is_public());
    let outcome = next.call(request).await;
    with_headers(outcome, |headers| {
        // A page may say more narrowly what it is made of.
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            set(headers, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
        }
        set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(headers, header::X_FRAME_OPTIONS, "DENY");
        set(
            headers,
            header::REFERRER_POLICY,
            "strict-origin-when-cross-origin",
        );
        if public {
            set(headers, header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
        }
        // What a signed-in user reads stays out of shared caches unless a route says otherwise.
        if !headers.contains_key(header::CACHE_CONTROL) {
            set(headers, header::CACHE_CONTROL, "no-store");
        }
    })
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
