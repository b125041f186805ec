//! A panic costs one request: its caller reads a 500 problem, and everyone else goes on.

use std::panic::AssertUnwindSafe;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use futures_util::FutureExt;

use super::Outcome;
use crate::http::fault::Fault;
use crate::http::problem::Problem;

/// Turns a panic into a problem.
///
/// # Errors
/// The problem; the request that it would go with as a response is lost in the panic.
pub async fn catch(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    // The call itself stands inside the block, because it may panic before its first await.
    let handled = AssertUnwindSafe(async move { next.call(request).await });
    match handled.catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => Err(Problem::from(Fault::Broken("a handler panicked".into())).into()),
    }
}
