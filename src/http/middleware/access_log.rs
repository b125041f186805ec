//! One line for each answer: what was asked, by its pattern, and what came of it. Neither query
//! nor body nor headers, where secrets travel.

use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use tracing::info;

use super::{Outcome, status};
use crate::http::surface;

/// Writes the line.
///
/// # Errors
/// Those of the services behind it.
pub async fn write(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let asked = Instant::now();
    let (method, route) = (request.method().clone(), surface::pattern(request.path()));
    let outcome = next.call(request).await;
    let duration_ms = asked.elapsed().as_secs_f64() * 1000.0;
    info!(target: "access", %method, route, status = status(&outcome).as_u16(), duration_ms, "answered");
    outcome
}
