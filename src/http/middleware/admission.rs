//! A bound on the requests in hand, before anything of them is read: what cannot be answered
//! soon is turned away at once.

use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::Outcome;
use crate::http::fault::Fault;
use crate::http::problem::Problem;
use crate::http::state::Web;

/// Whoever watches over the node must be answered above all when it is busy.
const ALWAYS: &[&str] = &["/healthz", "/readyz", "/metrics"];

/// Lets a request in if there is a place for it.
///
/// # Errors
/// Those of the services behind it.
pub async fn admit(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let web = request.app_data::<Data<Web>>().cloned();
    let place = web.as_ref().map(|web| web.places.try_acquire());
    if matches!(place, Some(Err(_))) && !ALWAYS.contains(&request.path()) {
        let problem = Problem::from(Fault::Overloaded);
        return Ok(request.into_response(problem.error_response()));
    }
    next.call(request).await
}
