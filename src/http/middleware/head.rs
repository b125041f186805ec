//! HEAD is GET without a body. The connection remembers that it was asked for the head alone, so
//! the routes need not know.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::middleware::Next;

use super::Outcome;

/// Lets HEAD find the routes of GET.
///
/// # Errors
/// Those of the services behind it.
pub async fn as_get(mut request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}
