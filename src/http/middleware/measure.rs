//! Counts answers and their times by route, method and status.

use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::{Outcome, status};
use crate::http::state::Web;
use crate::http::surface;

/// Counts one.
///
/// # Errors
/// Those of the services behind it.
pub async fn count(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let asked = Instant::now();
    let web = request.app_data::<Data<Web>>().cloned();
    let (method, route) = (request.method().clone(), surface::pattern(request.path()));
    let outcome = next.call(request).await;
    if let Some(web) = web {
        web.meters
            .request(route, &method, status(&outcome), asked.elapsed());
    }
    outcome
}
