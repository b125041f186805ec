//! Orders: made of carts, seen by their buyers and sellers, and brought to their end.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::{Buyer, SellerOrAdmin, SignedIn};
use super::destination::{NewOrder, Readdress, address, sent_to};
use super::etag::{self, IfMatch};
use super::fault::Fault;
use super::fields::{Fields, Input, Wrong};
use super::idempotency::Idempotency;
use super::order::{self, OrderBody, OrderView};
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::actors::checkout::{Placed, Wanted};
use crate::actors::orders::Seen;
use crate::domain::account::Role;
use crate::domain::id::Id;
use crate::domain::order::{Authority, Command, Order, Parcel, Status};
use crate::domain::time::Timestamp;
use crate::events::timeline::timeline;
use crate::services::tokens::Claims;

/// So many events of an order are read at once.
const TIMELINE_PAGE: usize = 1_000;

/// How far parcels have come.
#[derive(Debug, ToSchema)]
pub struct Advance {
    /// `SHIPPED` or `DELIVERED`.
    #[schema(value_type = String)]
    status: Parcel,
}

/// Which of one's orders are wanted.
#[derive(Debug)]
pub struct Mine {
    status: Option<Status>,
    paging: Paging,
}

/// A part of one's orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct Orders {
    orders: Vec<OrderView>,
    meta: Meta,
}

/// Everything that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineBody {
    timeline: Vec<Happening>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Happening {
    id: String,
    /// Such as `ORDER_CREATED`.
    #[serde(rename = "type")]
    name: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it; nobody when its time was over.
    #[schema(value_type = Option<String>)]
    actor: Option<Id>,
    version: u64,
}

impl Input for Advance {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.required("status", parcel)?;
        Some(Self { status })
    }
}

impl Input for Mine {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", order::status);
        let paging = Paging::read(fields);
        Some(Self {
            status: status?,
            paging: paging?,
        })
    }
}

fn parcel(value: &Value) -> Result<Parcel, Wrong> {
    match order::status(value) {
        Ok(Status::Shipped) => Ok(Parcel::Shipped),
        Ok(Status::Delivered) => Ok(Parcel::Delivered),
        _ => Err("must be SHIPPED or DELIVERED".into()),
    }
}

/// Orders what is in the caller's cart.
#[utoipa::path(tag = "orders", security(("token" = ["user"])),
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewOrder, responses(
    (status = 201, description = "The order; its stock is held until it expires", body = OrderBody),
    (status = 200, description = "The unpaid order that was made of this cart before", body = OrderBody),
    (status = 400, description = "The cart is empty"),
    (status = 409, description = "There is too little of something; nothing is held"),
))]
#[post("/api/orders")]
pub(super) async fn place(
    buyer: Buyer,
    idempotency: Idempotency,
    body: Body<NewOrder>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let made = async |id| web.checkout.orders().made(id).await;
    let said = body.value.says_where();
    let id = idempotency.unused_id(&web.engine, made).await?;
    let address = match address(&web, buyer.0.id, body.value).await {
        // Whoever repeats a request hears the first answer, although its address is gone since.
        Err(_) if made(id).await?.is_some() => None,
        address => address?,
    };
    let wanted = Wanted {
        buyer: buyer.0.id,
        id,
        once: idempotency.once(&body.digest),
        address,
        agreed: None,
    };
    let Placed {
        mut seen,
        created,
        replayed,
    } = web.checkout.order(&wanted).await?;
    // The order of a second click goes where the second click says.
    if said && !created && !replayed {
        seen = sent_to(&web, buyer.0.id, seen, wanted.address).await?;
    }
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, etag::of(seen.version)));
    if replayed {
        response.insert_header((answer::REPLAYED, "true"));
    }
    let order = with_payment(&web, seen).await?;
    Ok(response.json(OrderBody { order }))
}

/// The caller's orders, the newest first.
#[utoipa::path(tag = "orders", security(("token" = ["user"])),
    params(Paging, ("status" = Option<String>, Query)), responses(
    (status = 200, description = "A part of them", body = Orders),
))]
#[get("/api/orders/me")]
pub(super) async fn mine(buyer: Buyer, wanted: Query<Mine>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let Mine { status, paging } = wanted.0;
    let part = |query| paging.of(query);
    let (found, next, total) = web.checkout.orders().list(buyer.0.id, status, part).await?;
    let payments = web.paying.payments();
    let payments = payments.of(found.iter().map(|seen| seen.order.id)).await?;
    let orders = found.into_iter().zip(&payments);
    let orders = orders.map(|(seen, payment)| OrderView::whole(seen).paid_by(payment.as_ref()));
    Ok(HttpResponse::Ok().json(Orders {
        orders: orders.collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// An order.
#[utoipa::path(tag = "orders", security(("token" = ["user", "seller", "admin"])),
    params(("id" = String, Path)), responses(
    (status = 200, description = "The order; for a seller the own lines alone", body = OrderBody),
    (status = 403, description = "It is somebody else's"),
    (status = 404, description = "There is no such order"),
))]
#[get("/api/orders/{id}")]
pub(super) async fn show(caller: SignedIn, path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let seen = visible(&web, path.into_inner(), &caller.0).await?;
    let version = seen.version;
    let order = view(&web, seen, &caller.0).await?;
    Ok(answer::seen(version, OrderBody { order }))
}

/// Cancels an order and gives its stock back.
#[utoipa::path(tag = "orders", security(("token" = ["user", "admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)), responses(
    (status = 200, description = "The order as it is now", body = OrderBody),
    (status = 403, description = "It is somebody else's"),
    (status = 409, description = "It is on its way, or over"),
))]
#[post("/api/orders/{id}/cancel")]
pub(super) async fn cancel(
    caller: SignedIn,
    path: Path<Id>,
    idempotency: Idempotency,
    if_match: IfMatch,
    body: Body<()>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = visible(&web, path.into_inner(), &caller.0).await?;
    let by = match authority(&seen.order, &caller.0) {
        Authority::Seller(_) => return Err(Fault::Forbidden("Only its buyer may cancel an order.").into()),
        by => by,
    };
    let now = web.engine.now(Some(caller.0.id));
    let once = idempotency.once(&body.digest);
    let ask = |command| Ask::new(command, now).if_match(if_match.0).once(once);
    let answer = web.checkout.cancel(seen.order.id, by, ask).await?;
    let order = with_payment(&web, Seen::from(answer.clone())).await?;
    web.paying.drive_soon(answer.reply.id);
    Ok(answer::ok(&answer, OrderBody { order }))
}

/// Sends an order somewhere else.
#[utoipa::path(tag = "orders", security(("token" = ["user"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = NewOrder, responses(
    (status = 200, description = "The order as it is now", body = OrderBody),
    (status = 403, description = "It is somebody else's"),
    (status = 409, description = "It is on its way, or over"),
))]
#[patch("/api/orders/{id}/address")]
pub(super) async fn readdress(
    buyer: Buyer,
    path: Path<Id>,
    if_match: IfMatch,
    body: Body<Readdress>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = visible(&web, path.into_inner(), &buyer.0).await?;
    let address = address(&web, buyer.0.id, body.value.0).await?;
    let address = address.ok_or(Fault::NotFound("address"))?;
    let now = web.engine.now(Some(buyer.0.id));
    let ask = Ask::new(Command::Readdress(address), now).if_match(if_match.0);
    let seen = web.checkout.orders().ask(seen.order.id, ask).await?;
    let version = seen.version;
    let order = with_payment(&web, seen).await?;
    Ok(answer::seen(version, OrderBody { order }))
}

/// Says how far the caller's parcels of an order have come; all parcels for an admin.
#[utoipa::path(tag = "orders", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = Advance, responses(
    (status = 200, description = "The order as it is now", body = OrderBody),
    (status = 403, description = "It has no product of the caller's"),
    (status = 409, description = "That is not the next step"),
))]
#[patch("/api/orders/{id}/status")]
pub(super) async fn advance(
    caller: SellerOrAdmin,
    path: Path<Id>,
    if_match: IfMatch,
    body: Body<Advance>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = visible(&web, path.into_inner(), &caller.0).await?;
    let by = authority(&seen.order, &caller.0);
    let to = body.value.status;
    let now = web.engine.now(Some(caller.0.id));
    let ask = Ask::new(Command::Advance { by, to }, now).if_match(if_match.0);
    let seen = web.checkout.advance(seen.order.id, ask).await?;
    let version = seen.version;
    let order = view(&web, seen, &caller.0).await?;
    Ok(answer::seen(version, OrderBody { order }))
}

/// Everything that happened to an order.
#[utoipa::path(tag = "orders", security(("token" = ["user", "seller", "admin"])),
    params(("id" = String, Path)), responses(
    (status = 200, description = "What happened, in order", body = TimelineBody),
    (status = 403, description = "It is somebody else's"),
    (status = 404, description = "There is no such order"),
))]
#[get("/api/orders/{id}/timeline")]
pub(super) async fn history(
    caller: SignedIn,
    path: Path<Id>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = visible(&web, path.into_inner(), &caller.0).await?;
    let (store, order) = (&*web.engine.store, ("order", seen.order.id));
    let mut page = timeline(store, order, None, TIMELINE_PAGE).await?;
    let mut events = page.events;
    while let Some(next) = page.next {
        page = timeline(store, order, Some(next), TIMELINE_PAGE).await?;
        events.append(&mut page.events);
    }
    let happened = events.into_iter().map(|event| Happening {
        id: event.id,
        name: event.name,
        at: event.at,
        actor: event.by,
        version: event.version,
    });
    let timeline = happened.collect();
    Ok(answer::seen(seen.version, TimelineBody { timeline }))
}

/// An order that the caller may see. One that never stood is nobody's.
async fn visible(web: &Web, id: Id, caller: &Claims) -> Result<Seen, Problem> {
    let seen = web.checkout.orders().see(id).await?;
    let seen = seen
        .filter(|seen| seen.order.stood())
        .ok_or(Fault::NotFound("order"))?;
    let theirs = match authority(&seen.order, caller) {
        Authority::Buyer => seen.order.user == caller.id,
        Authority::Seller(seller) => seen.order.lines_of(seller).next().is_some(),
        Authority::Admin => true,
    };
    if theirs {
        Ok(seen)
    } else {
        Err(Fault::Forbidden("This is somebody else's order.").into())
    }
}

/// On whose behalf a caller asks something of an order. A seller may have bought something in a
/// former life as a buyer.
fn authority(order: &Order, caller: &Claims) -> Authority {
    match caller.role {
        Role::Admin => Authority::Admin,
        Role::Seller if order.user != caller.id => Authority::Seller(caller.id),
        Role::Seller | Role::User => Authority::Buyer,
    }
}

async fn view(web: &Web, seen: Seen, caller: &Claims) -> Result<OrderView, Problem> {
    match authority(&seen.order, caller) {
        Authority::Seller(seller) => Ok(OrderView::of_seller(seen, seller)),
        Authority::Buyer | Authority::Admin => with_payment(web, seen).await,
    }
}

async fn with_payment(web: &Web, seen: Seen) -> Result<OrderView, Problem> {
    let payments = web.paying.payments().of([seen.order.id].into_iter()).await?;
    let payment = payments.into_iter().next().flatten();
    Ok(OrderView::whole(seen).paid_by(payment.as_ref()))
}
