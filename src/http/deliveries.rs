//! For those who watch over events: who has been told how far, what is wrong where, and the
//! messages that nobody could take.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::caller::Admin;
use super::fault::Fault;
use super::paging::Paging;
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::domain::time::Timestamp;
use crate::events::rabbitmq::{Broken, DeadLetter, RabbitMq, Revival};
use crate::events::tally::Tally;

/// How far a consumer has been told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Its name.
    consumer: &'static str,
    /// Whether it is this node that tells it.
    here: bool,
    /// The last event that it has taken from this node; the transaction of a payment that a service
    /// outside told of.
    cursor: Option<String>,
    /// How many events it has taken from this node.
    delivered: u64,
    /// About how many there are that it has not taken.
    behind: u64,
    /// How old the oldest of those is.
    lag_seconds: u64,
    /// How often it failed, and was told again.
    retries: u64,
    /// When it failed last, and why.
    last_error: Option<Failure>,
}

/// A failure of a consumer.
#[derive(Serialize, ToSchema)]
pub struct Failure {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    why: String,
}

/// How it stands with the broker.
#[derive(Serialize, ToSchema)]
pub struct BrokerView {
    /// `up`, `down`, or `unknown` as long as nobody here talks to it.
    state: &'static str,
    /// What is wrong.
    why: Option<String>,
    /// Messages that it has not confirmed.
    unconfirmed: u64,
    /// Messages that it has confirmed to this node.
    confirmed: u64,
}

/// How everybody is told of events.
#[derive(Serialize, ToSchema)]
pub struct Deliveries {
    /// Those who are told.
    consumers: Vec<Progress>,
    /// The broker, if there is one.
    broker: Option<BrokerView>,
}

impl Progress {
    fn of(tally: &Tally, now: Timestamp) -> Self {
        let last = tally.last();
        Self {
            consumer: tally.consumer(),
            here: tally.ours(),
            cursor: last.event,
            delivered: tally.delivered(),
            behind: tally.behind(),
            lag_seconds: tally.lag(now).as_secs(),
            retries: tally.retries(),
            last_error: last.failure.map(|(at, why)| Failure { at, why }),
        }
    }
}

impl From<&RabbitMq> for BrokerView {
    fn from(broker: &RabbitMq) -> Self {
        let standing = broker.standing();
        let (state, why) = match standing.known() {
            Some(Ok(())) => ("up", None),
            Some(Err(why)) => ("down", Some(why)),
            None => ("unknown", None),
        };
        Self {
            state,
            why,
            unconfirmed: standing.unconfirmed(),
            confirmed: standing.confirmed(),
        }
    }
}

/// Who is told of events, and how far each has been told.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), responses(
    (status = 200, description = "Every consumer, and the broker", body = Deliveries),
))]
#[get("/api/ops/events")]
pub(super) async fn show(_: Admin, web: Data<Web>) -> HttpResponse {
    let now = web.engine.clock.now();
    let told = web.consumers.iter().map(Arc::as_ref);
    HttpResponse::Ok().json(Deliveries {
        consumers: told.map(|tally| Progress::of(tally, now)).collect(),
        broker: web.broker.as_ref().map(BrokerView::from),
    })
}

/// The messages that a consumer could not take in five tries, the oldest first: a part of the oldest
/// thousand. Without a broker there are none.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), params(Paging), responses(
    (status = 200, description = "A part of them"),
    (status = 503, description = "The broker does not answer"),
))]
#[get("/api/ops/dead-letters")]
pub(super) async fn dead_letters(
    _: Admin,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let letters: Vec<DeadLetter> = match &web.broker {
        Some(broker) => broker.dead_letters().await.map_err(|why| unavailable(&why))?,
        None => Vec::new(),
    };
    let (letters, meta) = paging.0.part(letters);
    Ok(HttpResponse::Ok().json(json!({ "deadLetters": letters, "meta": meta })))
}

/// Puts a message back into the queue that gave it up.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), params(("id" = String, Path)), responses(
    (status = 200, description = "It is tried again"),
    (status = 404, description = "There is no such message, or it has no queue to go back to"),
    (status = 503, description = "The broker does not answer"),
))]
#[post("/api/ops/dead-letters/{id}/retry")]
pub(super) async fn retry(_: Admin, id: Path<String>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let revival = match &web.broker {
        Some(broker) => broker.revive(Some(&id)).await.map_err(|why| unavailable(&why))?,
        None => Revival::default(),
    };
    if revival.revived == 0 {
        return Err(Fault::NotFound("dead letter").into());
    }
    Ok(HttpResponse::Ok().json(json!({ "message": "It is tried again." })))
}

fn unavailable(why: &Broken) -> Problem {
    Fault::Unavailable(why.to_string()).into()
}
