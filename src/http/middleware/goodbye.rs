//! The last answer on a connection when the node stops: it says that the connection closes, so
//! that no client sends another request into a door that is shutting.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::{Outcome, with_answer};
use crate::http::state::Web;

/// Says goodbye with every answer from the moment that the node stops.
///
/// # Errors
/// Those of the services behind it.
pub async fn say(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let stopping = request.app_data::<Data<Web>>().map(|web| web.stopping.clone());
    let outcome = next.call(request).await;
    if !stopping.is_some_and(|stopping| stopping.begun()) {
        return outcome;
    }
    with_answer(outcome, |answer| {
        answer.head_mut().set_connection_type(ConnectionType::Close);
    })
}
