//! A browser sends the cookie along with whatever any page asks of us. So what changes something
//! and rests on the cookie alone is done only for our own pages and those of allowed origins.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};

use super::Outcome;
use crate::http::caller::COOKIE;
use crate::http::fault::Fault;
use crate::http::problem::Problem;
use crate::http::state::Web;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a foreign page asks in the name of a signed-in user.
///
/// # Errors
/// Those of the services behind it.
pub async fn check(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    if rests_on_the_cookie(&request) && !is_ours(request.request()) {
        let problem = Problem::from(Fault::CrossOrigin);
        return Ok(request.into_response(problem.error_response()));
    }
    next.call(request).await
}

fn rests_on_the_cookie(request: &ServiceRequest) -> bool {
    !request.method().is_safe()
        && !request.headers().contains_key(AUTHORIZATION)
        && request.cookie(COOKIE).is_some()
}

/// Whether it comes from a page of our own or of an allowed origin, or from no page at all.
///
/// No browser leaves both headers out of a request that changes something or opens a socket, so
/// what has neither comes from a program, which nobody can trick into it.
#[must_use]
pub fn is_ours(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = header(ORIGIN);
    if origin.is_some_and(|origin| is_allowed(request, origin)) {
        return true;
    }
    match (header(SEC_FETCH_SITE), origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == header(HOST),
        (None, None) => !request.headers().contains_key(ORIGIN),
    }
}

/// Whether pages of this origin may act in the name of a signed-in user.
pub(super) fn allowed(request: &ServiceRequest, origin: &str) -> bool {
    is_allowed(request.request(), origin)
}

fn is_allowed(request: &HttpRequest, origin: &str) -> bool {
    request
        .app_data::<Data<Web>>()
        .is_some_and(|web| web.config.http.allowed_origins.iter().any(|one| one == origin))
}
