//! Stock kept for orders of other systems, and the audit that counts everything afresh.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::Admin;
use super::cart::quantity;
use super::fault::{Fault, Telling};
use super::fields::{Fields, Input, parsed, whole};
use super::idempotency::Idempotency;
use super::order::short;
use super::problem::Problem;
use super::state::Web;
use crate::actors::audit::{Audit, audit};
use crate::actors::reservations::NotReserved;
use crate::domain::id::Id;
use crate::domain::reservation::{Item, Refusal, Reservation, State};
use crate::domain::time::Timestamp;

/// As many lines as a cart has.
const LINES_MAX: usize = 100;
/// A reservation is kept for a week at the most.
const SECONDS_MAX: i64 = 7 * 24 * 60 * 60;
const SECONDS_USUAL: i64 = 900;

/// What is to be kept, and for which order.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewReservation {
    #[schema(value_type = String)]
    order_id: Id,
    #[schema(value_type = Vec<Object>)]
    items: Vec<NewItem>,
    /// For how long; 900 if nothing is said.
    #[schema(value_type = Option<u32>)]
    seconds: Duration,
}

/// So many of one product.
#[derive(Debug)]
pub struct NewItem(Item);

/// A reservation under its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReservationBody {
    reservation: ReservationView,
}

/// A reservation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReservationView {
    #[schema(value_type = String)]
    order_id: Id,
    #[schema(value_type = Vec<Object>)]
    items: Vec<Item>,
    #[schema(value_type = String)]
    state: State,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl Input for NewItem {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let product_id = fields.required("productId", parsed);
        let quantity = fields.required(fields.called(&["quantity", "qty"]), quantity);
        Some(Self(Item {
            product_id: product_id?,
            quantity: quantity?,
        }))
    }
}

impl Input for NewReservation {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let order_id = fields.required("orderId", parsed);
        let items = fields.objects::<NewItem>("items");
        if let Some(wrong) = items.as_deref().and_then(wrong_about) {
            fields.wrong("items", wrong);
        }
        let seconds = fields.optional("seconds", whole(1..=SECONDS_MAX));
        let seconds = seconds?.unwrap_or(SECONDS_USUAL).unsigned_abs();
        Some(Self {
            order_id: order_id?,
            items: items?,
            seconds: Duration::from_secs(seconds),
        })
    }
}

fn wrong_about(items: &[NewItem]) -> Option<&'static str> {
    let mut products: Vec<_> = items.iter().map(|item| item.0.product_id).collect();
    products.sort_unstable();
    products.dedup();
    match items.len() {
        0 => Some("must not be empty"),
        many if many > LINES_MAX => Some("must have at most 100 lines"),
        many if products.len() < many => Some("must name every product once"),
        _ => None,
    }
}

impl ReservationBody {
    fn of(kept: Reservation) -> Self {
        Self {
            reservation: ReservationView {
                order_id: kept.id,
                items: kept.items,
                state: kept.state,
                expires_at: kept.expires_at,
            },
        }
    }
}

/// Keeps stock for an order of another system: all lines or none.
#[utoipa::path(tag = "inventory", security(("token" = ["admin"])),
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewReservation, responses(
    (status = 201, description = "It is kept", body = ReservationBody),
    (status = 409, description = "There is too little of something, or something else was reserved"),
))]
#[post("/api/inventory/reserve")]
pub(super) async fn reserve(
    admin: Admin,
    idempotency: Idempotency,
    body: Body<NewReservation>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let once = idempotency.once(&body.digest);
    let NewReservation {
        order_id,
        items,
        seconds,
    } = body.value;
    if web.checkout.orders().see(order_id).await?.is_some() {
        return Err(Refusal::Other.problem());
    }
    let items = items.into_iter().map(|item| item.0).collect();
    let by = (admin.0.id, once);
    let kept = web.reservations.reserve(order_id, items, seconds, by).await?;
    if kept.reply.short.is_empty() {
        let body = ReservationBody::of(kept.reply.clone());
        return Ok(answer::created(&kept, body));
    }
    let problem = short(&kept.reply.short);
    Err(if kept.replayed {
        problem.replayed()
    } else {
        problem
    })
}

/// Gives back what was kept for an order of another system.
#[utoipa::path(tag = "inventory", security(("token" = ["admin"])),
    params(("orderId" = String, Path)), responses(
    (status = 200, description = "It is given back", body = ReservationBody),
    (status = 404, description = "Nothing was kept for this order"),
))]
#[delete("/api/inventory/reserve/{orderId}")]
pub(super) async fn give_back(admin: Admin, path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let kept = web.reservations.give_back(path.into_inner(), admin.0.id).await?;
    let body = ReservationBody::of(kept.reply.clone());
    Ok(answer::ok(&kept, body))
}

/// Counts afresh what is held and what is sold, and says whether the stocks agree.
#[utoipa::path(tag = "inventory", security(("token" = ["admin"])), responses(
    (status = 200, description = "Every product, as its stock has it and as it was counted"),
))]
#[get("/api/inventory/audit")]
pub(super) async fn count_afresh(_: Admin, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Audit { products, stands } = audit(&web.engine).await?;
    let body = json!({ "ok": stands, "products": products });
    Ok(HttpResponse::build(StatusCode::OK).json(body))
}

impl From<NotReserved> for Problem {
    fn from(why: NotReserved) -> Self {
        match why {
            NotReserved::Refused(error) => error.into(),
            NotReserved::Stuck(stuck) => stuck.into(),
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Unknown => Fault::NotFound("reservation").into(),
            Self::Other => Problem::new(StatusCode::CONFLICT, "other_reservation", self.to_string()),
            Self::Over => Problem::new(StatusCode::CONFLICT, "reservation_over", self.to_string()),
        }
    }
}
