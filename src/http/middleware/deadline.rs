//! A bound on the time of every request, so that nobody waits for an answer that will not come.
//! What was handed to an owner by then goes on; an idempotency key tells the client later what
//! came of it.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use actix_web::web::Data;
use tokio::time::timeout;

use super::Outcome;
use crate::http::fault::Fault;
use crate::http::problem::Problem;
use crate::http::state::Web;

/// Answers 503 when time is up.
///
/// # Errors
/// The problem; the request that it would go with as a response is lost with its handler.
pub async fn keep(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let Some(web) = request.app_data::<Data<Web>>() else {
        return next.call(request).await;
    };
    let limit = web.config.server.request_timeout;
    let late = || Fault::Unavailable(format!("no answer within {limit:?}"));
    match timeout(limit, next.call(request)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Problem::from(late()).into()),
    }
}
