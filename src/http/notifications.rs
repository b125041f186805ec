//! The inbox of whoever is signed in: what he was told, and which of it he has read.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::SignedIn;
use super::fault::Telling;
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::domain::id::Id;
use crate::domain::inbox::{Command, Notice, Refusal, Reply};
use crate::domain::time::Timestamp;

/// Something that a user was told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    #[schema(value_type = String)]
    id: Id,
    /// What kind of thing happened: `order.confirmed`.
    topic: String,
    title: String,
    text: String,
    #[schema(value_type = Option<String>)]
    order_id: Option<Id>,
    #[schema(value_type = Option<String>)]
    product_id: Option<Id>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    read: bool,
}

/// A part of an inbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notifications {
    #[serde(rename = "notifications")]
    part: Vec<Notification>,
    /// How many of all are not read.
    unread: usize,
    meta: Meta,
}

impl From<Notice> for Notification {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id,
            topic: notice.topic,
            title: notice.title,
            text: notice.text,
            order_id: notice.order,
            product_id: notice.product,
            at: notice.at,
            read: notice.read,
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Unknown => Problem::new(StatusCode::NOT_FOUND, "not_found", self.to_string()),
        }
    }
}

/// What one was told, the newest first. The newest 200 are kept.
#[utoipa::path(tag = "notifications", security(("token" = ["user", "seller", "admin"])),
    params(Paging), responses(
    (status = 200, description = "A part of it", body = Notifications),
))]
#[get("/api/notifications")]
pub(super) async fn list(
    caller: SignedIn,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let inbox = web.inboxes.see(caller.0.id).await?;
    let unread = inbox.unread();
    let newest = inbox.notices.into_iter().rev().collect();
    let (part, meta) = paging.0.part(newest);
    Ok(HttpResponse::Ok().json(Notifications {
        part: part.into_iter().map(Notification::from).collect(),
        unread,
        meta,
    }))
}

/// Notes that something was read.
#[utoipa::path(tag = "notifications", security(("token" = ["user", "seller", "admin"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 200, description = "It is read"),
    (status = 404, description = "There is no such notification, or not any more"),
))]
#[post("/api/notifications/{id}/read")]
pub(super) async fn read(
    caller: SignedIn,
    path: Path<Id>,
    idempotency: Idempotency,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let user = caller.0.id;
    let ask = Ask::new(Command::Read(*path), web.engine.now(Some(user)));
    let once = idempotency.once(&body.digest);
    let Reply { notice, unread } = web.inboxes.ask(user, ask.once(once)).await?;
    let notification = Notification::from(notice);
    Ok(HttpResponse::Ok().json(json!({ "notification": notification, "unread": unread })))
}
