//! What was told a webhook or is to be, for its owner, and how to have it told once more.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::SellerOrAdmin;
use super::fault::{Fault, Telling};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Attempt, Delivery, DeliveryCommand, DeliveryRefusal, Webhook};

/// A part of what was told a webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryList {
    deliveries: Vec<WebhookDelivery>,
    meta: Meta,
}

/// A delivery under its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryBody {
    delivery: WebhookDelivery,
}

/// One event on its way to one webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    /// Its receiver finds it in `webhook-id`.
    #[schema(value_type = String)]
    id: Id,
    /// The event.
    event: String,
    /// Its topic: `order.created`.
    r#type: String,
    /// `WAITING`, `SENDING`, `DELIVERED` or `FAILED`.
    state: &'static str,
    /// How often it was tried since it was last asked for.
    tries: u32,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    due: Option<Timestamp>,
    /// What came of the last attempts, the oldest first: when, how long it took, the status and
    /// the beginning of the answer, and why it was not taken.
    #[schema(value_type = Vec<Object>)]
    attempts: Vec<Attempt>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Delivery> for WebhookDelivery {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            state: delivery.state.name(),
            tries: delivery.tries,
            due: delivery.due(),
            event: delivery.event,
            r#type: delivery.topic,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
        }
    }
}

impl Telling for DeliveryRefusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Unknown => Fault::NotFound("delivery").into(),
            Self::NotNow => Problem::new(StatusCode::CONFLICT, "not_now", self.to_string()),
        }
    }
}

/// A webhook of the caller's own.
async fn own(caller: &SellerOrAdmin, id: Id, web: &Web) -> Result<Webhook, Problem> {
    let seen = web.webhooks.see(id).await?;
    let own = seen.filter(|webhook| webhook.owner == caller.0.id);
    own.ok_or_else(|| Fault::NotFound("webhook").into())
}

/// What was told a webhook in the last week or is to be, the newest first.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), Paging), responses(
    (status = 200, description = "A part of it", body = DeliveryList),
    (status = 404, description = "There is no such webhook"),
))]
#[get("/api/webhooks/{id}/deliveries")]
pub(super) async fn list(
    caller: SellerOrAdmin,
    path: Path<Id>,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let webhook = own(&caller, *path, &web).await?;
    let paging = paging.0;
    let (found, next, total) = web.webhooks.told(webhook.id, |query| paging.of(query)).await?;
    Ok(HttpResponse::Ok().json(DeliveryList {
        deliveries: found.into_iter().map(WebhookDelivery::from).collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// Has something told once more, whatever became of it: under the same id, and as often as
/// anything new.
#[utoipa::path(tag = "webhooks", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), ("deliveryId" = String, Path),
        ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 202, description = "It is on its way", body = DeliveryBody),
    (status = 404, description = "There is no such webhook or delivery"),
    (status = 409, description = "It is being told at this moment, or the webhook is disabled"),
))]
#[post("/api/webhooks/{id}/deliveries/{deliveryId}/retry")]
pub(super) async fn retry(
    caller: SellerOrAdmin,
    idempotency: Idempotency,
    path: Path<(Id, Id)>,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (id, delivery) = path.into_inner();
    let webhook = own(&caller, id, &web).await?;
    let seen = web.webhooks.see_delivery(delivery).await?;
    if seen.is_none_or(|seen| seen.webhook != webhook.id) {
        return Err(DeliveryRefusal::Unknown.problem());
    }
    if !webhook.is_on() {
        let why = "The webhook is disabled. Please enable it first.";
        return Err(Problem::new(StatusCode::CONFLICT, "webhook_disabled", why));
    }
    let ask = Ask::new(DeliveryCommand::Retry, web.engine.now(Some(caller.0.id)));
    let ask = ask.once(idempotency.once(&body.digest));
    let delivery = web.webhooks.ask_delivery(delivery, ask).await?.reply.into();
    Ok(HttpResponse::Accepted().json(DeliveryBody { delivery }))
}
