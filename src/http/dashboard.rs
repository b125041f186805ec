//! The dashboard of whoever sells: what was sold, which orders and products there are, and the
//! seller's own settings.

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::Body;
use super::caller::{Admin, Seller};
use super::dashboard_figures::{MetricsBody, OwnProduct};
use super::etag::{self, IfMatch};
use super::fault::Telling;
use super::fields::{Fields, Input, whole};
use super::order::{self, OrderView};
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::ask::Ask;
use crate::actors::products::Wanted as WantedProducts;
use crate::actors::recount::recount;
use crate::domain::desk::{Change, Command, Refusal, Settings};
use crate::domain::order::Status;
use crate::domain::stock::ON_HAND_MAX;

/// Which orders are wanted.
#[derive(Debug)]
pub struct Wanted {
    status: Option<Status>,
    paging: Paging,
}

/// A part of the orders that a seller has a part in.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrders {
    orders: Vec<OrderView>,
    meta: Meta,
}

/// A part of what a seller sells.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnProducts {
    products: Vec<OwnProduct>,
    meta: Meta,
}

/// What a seller has set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// A product of which no more than so many can be bought is low in stock.
    low_stock_at: u64,
    /// The series shows so many days until today.
    series_days: u16,
    /// How often they were changed; their `ETag`.
    version: u64,
}

/// The settings under their name.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsBody {
    settings: SettingsView,
}

/// What shall be different about them.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields are there for the OpenAPI document")]
pub struct SettingsChange {
    low_stock_at: Option<u64>,
    /// From 1 to 366.
    series_days: Option<u16>,
}

/// The same as it was understood.
#[derive(Debug)]
pub struct Changed(Change);

impl Input for Wanted {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", order::status);
        let paging = Paging::read(fields);
        Some(Self {
            status: status?,
            paging: paging?,
        })
    }
}

impl Input for Changed {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let most = i64::try_from(ON_HAND_MAX).unwrap_or(i64::MAX);
        let low_stock_at = fields.optional("lowStockAt", whole(0..=most));
        let series_days = fields.optional("seriesDays", whole(1..=Settings::SERIES_DAYS_MAX.into()));
        Some(Self(Change {
            low_stock_at: low_stock_at?.map(i64::unsigned_abs),
            series_days: series_days?.and_then(|days| u16::try_from(days).ok()),
        }))
    }
}

impl From<Settings> for SettingsBody {
    fn from(settings: Settings) -> Self {
        Self {
            settings: SettingsView {
                low_stock_at: settings.low_stock_at,
                series_days: settings.series_days,
                version: settings.revision,
            },
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Changed { current } => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "version_mismatch",
                self.to_string(),
            )
            .header(header::ETAG, etag::of(*current)),
            Self::OutOfRange => Problem::new(StatusCode::BAD_REQUEST, "invalid", self.to_string()),
        }
    }
}

/// What was sold, day by day and of which products, and what is low in stock. Only orders that
/// are confirmed, shipped or delivered count; revenue is without tax and shipping, and money that
/// goes back has left it.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])), responses(
    (status = 200, description = "The figures", body = MetricsBody),
))]
#[get("/api/seller/dashboard/metrics")]
pub(super) async fn metrics(seller: Seller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let metrics = web.dashboard.metrics(seller.0.id).await?;
    Ok(HttpResponse::Ok().json(MetricsBody::from(metrics)))
}

/// The orders that the caller has a part in, the newest first; of each the own lines alone.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])),
    params(Paging, ("status" = Option<String>, Query)), responses(
    (status = 200, description = "A part of them", body = OwnOrders),
))]
#[get("/api/seller/dashboard/orders")]
pub(super) async fn orders(
    seller: Seller,
    wanted: Query<Wanted>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (Wanted { status, paging }, seller) = (wanted.0, seller.0.id);
    let part = |query| paging.of(query);
    let (found, next, total) = web.dashboard.orders(seller, status, part).await?;
    let orders = found.into_iter().map(|seen| OrderView::of_seller(seen, seller));
    Ok(HttpResponse::Ok().json(OwnOrders {
        orders: orders.collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// What the caller sells, the newest first, each with how much of it was sold.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])), params(Paging), responses(
    (status = 200, description = "A part of it", body = OwnProducts),
))]
#[get("/api/seller/dashboard/products")]
pub(super) async fn products(
    seller: Seller,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (paging, seller) = (paging.0, seller.0.id);
    let wanted = WantedProducts::Seller(seller);
    let (found, next, total) = web.products.list(&wanted, |query| paging.of(query)).await?;
    let ids = found.iter().map(|one| one.product.id).collect();
    let sold = web.dashboard.sold(seller, ids).await?;
    let products = found
        .iter()
        .zip(sold)
        .map(|(one, sold)| OwnProduct::new(one, sold));
    Ok(HttpResponse::Ok().json(OwnProducts {
        products: products.collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// What the caller has set.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])), responses(
    (status = 200, description = "The settings", body = SettingsBody),
))]
#[get("/api/seller/dashboard/settings")]
pub(super) async fn show_settings(seller: Seller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    Ok(answer(web.dashboard.desks().settings(seller.0.id).await?))
}

/// Sets what is named, and leaves the rest.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])),
    params(("If-Match" = Option<String>, Header)), request_body = SettingsChange, responses(
    (status = 200, description = "The settings as they are now", body = SettingsBody),
    (status = 412, description = "They were changed meanwhile"),
))]
#[patch("/api/seller/dashboard/settings")]
pub(super) async fn configure(
    seller: Seller,
    if_match: IfMatch,
    body: Body<Changed>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let command = Command::Configure {
        seller: seller.0.id,
        change: body.value.0,
        if_match: if_match.0,
    };
    let ask = Ask::new(command, web.engine.now(Some(seller.0.id)));
    let answered = web.dashboard.desks().ask(ask).await?;
    Ok(answer(answered.reply.settings))
}

/// Counts afresh from orders and payments what every seller has sold, and says whether the desks
/// agree. While people buy, a desk may be a moment behind.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), responses(
    (status = 200, description = "Every seller, as the desk has it and as it was counted"),
))]
#[get("/api/ops/dashboard-audit")]
pub(super) async fn count_afresh(_: Admin, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let recounted = recount(web.dashboard.desks(), web.paying.payments()).await?;
    let recounted: Value = serde_json::to_value(recounted).unwrap_or_default();
    Ok(HttpResponse::Ok().json(recounted))
}

fn answer(settings: Settings) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag::of(settings.revision)))
        .json(SettingsBody::from(settings))
}
