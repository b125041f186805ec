//! For auditors: the books of the shop, and what was done that is to be accounted for.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::caller::Admin;
use super::fields::{Fields, Input, parsed};
use super::paging::{Meta, Paging};
use super::price::Amount;
use super::problem::Problem;
use super::query::Query;
use super::state::Web;
use crate::actors::books;
use crate::domain::id::Id;
use crate::domain::ledger::{self, Account, Matter};
use crate::domain::money::Money;
use crate::domain::time::Timestamp;
use crate::events::event::Event;
use crate::events::{audit_log, told};

/// Which entries are wanted.
#[derive(Debug)]
pub struct Wanted {
    order: Option<Id>,
    paging: Paging,
}

/// A part of the books.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// What every account has, all entries together. Where they are not those of one order, all
    /// buyers stand together as `buyer:*`, and all sellers as `seller:*`.
    totals: Vec<Total>,
    /// Whether what all accounts have comes to nothing, as it must.
    balanced: bool,
    meta: Meta,
}

/// One side of a movement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    #[schema(value_type = String)]
    order: Id,
    /// Counts the transactions of the order's payment; the entries of one sum to zero.
    transaction: u32,
    /// capture, sale, return, refund, fee or goodwill.
    #[schema(value_type = String)]
    matter: Matter,
    /// Such as `provider:razorpay`, `seller:65a1…`, `tax`.
    #[schema(value_type = String)]
    account: Account,
    /// What the account gained; negative what it gave.
    #[schema(value_type = Amount)]
    amount: Money,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// What an account has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    #[schema(value_type = String)]
    account: Account,
    #[schema(value_type = Amount)]
    amount: Money,
}

/// A part of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLog {
    entries: Vec<Deed>,
    meta: Meta,
}

/// Something that is to be accounted for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deed {
    id: String,
    /// Such as `ROLE_CHANGED`.
    #[serde(rename = "type")]
    name: String,
    /// What it was done to: the kind,
    kind: String,
    /// and the id.
    #[schema(value_type = String)]
    entity: Id,
    /// Who did it; nobody when the runtime did.
    #[schema(value_type = Option<String>)]
    actor: Option<Id>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl Input for Wanted {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let order = fields.optional(fields.called(&["order", "orderId"]), parsed);
        let paging = Paging::read(fields);
        Some(Self {
            order: order?,
            paging: paging?,
        })
    }
}

/// The books of the shop, the newest entries first.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])),
    params(Paging, ("order" = Option<String>, Query)), responses(
    (status = 200, description = "Entries, and what every account has", body = Ledger),
))]
#[get("/api/ops/ledger")]
pub(super) async fn entries(
    _: Admin,
    wanted: Query<Wanted>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let Wanted { order, paging } = wanted.0;
    let part = |query| paging.of(query);
    let (entries, next) = books::list(&web.engine, order, part).await?;
    let (sums, total) = if let Some(order) = order {
        books::sums_of(&web.engine, order).await?
    } else {
        let all = books::sums(&web.engine).await?;
        (all.sums, all.entries)
    };
    let totals = sums.iter().map(|(account, amount)| Total {
        account: account.clone(),
        amount,
    });
    Ok(HttpResponse::Ok().json(Ledger {
        entries: entries.into_iter().map(Entry::from).collect(),
        totals: totals.collect(),
        balanced: sums.balance(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

/// What was done that is to be accounted for, the newest first: money that went back, roles that
/// changed, and what administrators did to things of others.
#[utoipa::path(tag = "operations", security(("token" = ["admin"])), params(Paging), responses(
    (status = 200, description = "A part of it", body = AuditLog),
))]
#[get("/api/ops/audit-log")]
pub(super) async fn deeds(_: Admin, paging: Query<Paging>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let paging = paging.0;
    let (found, next, total) = audit_log::list(&*web.engine.store, |query| paging.of(query)).await?;
    Ok(HttpResponse::Ok().json(AuditLog {
        entries: found.into_iter().map(Deed::from).collect(),
        meta: paging.meta(next.as_ref(), total),
    }))
}

impl From<ledger::Entry> for Entry {
    fn from(entry: ledger::Entry) -> Self {
        Self {
            order: entry.order,
            transaction: entry.transaction,
            matter: entry.matter,
            account: entry.account,
            amount: Money::of_minor(entry.minor, entry.currency),
            at: entry.at,
        }
    }
}

impl From<Event> for Deed {
    fn from(event: Event) -> Self {
        let data = told::told(&event);
        Self {
            id: event.id,
            name: event.name,
            kind: event.kind,
            entity: event.entity,
            actor: event.by,
            at: event.at,
            data,
        }
    }
}
