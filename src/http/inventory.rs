//! How many there are of a product: read by all, set by whoever sells it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::{Caller, SellerOrAdmin};
use super::etag::IfMatch;
use super::fault::{Fault, Telling};
use super::fields::{Fields, Input, whole};
use super::problem::{FieldError, Problem};
use super::state::Web;
use crate::actors::ask::Ask;
use crate::domain::account::Role;
use crate::domain::id::Id;
use crate::domain::stock::{Command, Count, ON_HAND_MAX, Refusal};
use crate::services::tokens::Claims;

/// How many there are, to whoever sells it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inventory {
    #[schema(value_type = String)]
    product_id: Id,
    #[serde(flatten)]
    counts: Option<Counts>,
    /// How many can be bought at this moment.
    available: u64,
}

/// What only its seller and admins see.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Everything that ever came in.
    received: u64,
    /// What lies on the shelf, held for somebody or not.
    on_hand: u64,
    /// What is held for orders that are not paid yet.
    reserved: u64,
    /// What was sold.
    sold: u64,
}

/// A new number on hand, or by how many it differs: one of the two.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields are there for the OpenAPI document")]
pub struct NumberSent {
    on_hand: Option<u64>,
    delta: Option<i64>,
}

/// The same as it was understood.
#[derive(Debug)]
pub struct Counted(Command);

impl Input for Counted {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let most = i64::try_from(ON_HAND_MAX).unwrap_or(i64::MAX);
        let on_hand = fields.optional("onHand", whole(0..=most));
        let delta = fields.optional("delta", whole(-most..=most));
        match (on_hand?, delta?) {
            (Some(on_hand), None) => Some(Self(Command::Set {
                on_hand: on_hand.unsigned_abs(),
            })),
            (None, Some(delta)) => Some(Self(Command::Adjust { delta })),
            (None, None) => {
                fields.wrong("onHand", "is required, or delta in its place");
                None
            }
            (Some(_), Some(_)) => {
                fields.wrong("delta", "must not stand beside onHand");
                None
            }
        }
    }
}

impl Inventory {
    fn of(product_id: Id, count: Count, in_full: bool) -> Self {
        let counts = Counts {
            received: count.received,
            on_hand: count.on_hand,
            reserved: count.reserved,
            sold: count.sold,
        };
        Self {
            product_id,
            counts: in_full.then_some(counts),
            available: count.available,
        }
    }
}

/// How many there are of a product; all the numbers for its seller and for admins.
#[utoipa::path(tag = "inventory", params(("productId" = String, Path)), responses(
    (status = 200, description = "The numbers", body = Inventory),
    (status = 404, description = "There is no such product"),
))]
#[get("/api/inventory/{productId}")]
pub(super) async fn get(caller: Caller, path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    let seen = web.products.snapshot(id).await?;
    let seen = seen.ok_or(Fault::NotFound("product"))?;
    let in_full = caller
        .0
        .is_some_and(|claims| may_count(&claims, seen.product.seller));
    let inventory = Inventory::of(id, seen.count, in_full);
    Ok(answer::seen(seen.stock_version, inventory))
}

/// Sets how many there are, or adds and takes away some.
#[utoipa::path(tag = "inventory", security(("token" = ["seller", "admin"])),
    params(("productId" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = NumberSent, responses(
    (status = 200, description = "The numbers as they are now", body = Inventory),
    (status = 403, description = "It is sold by someone else"),
    (status = 404, description = "There is no such product"),
    (status = 409, description = "More than that is held for orders"),
))]
#[patch("/api/inventory/{productId}")]
pub(super) async fn change(
    seller: SellerOrAdmin,
    path: Path<Id>,
    if_match: IfMatch,
    body: Body<Counted>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    let seen = web.products.snapshot(id).await?;
    let seen = seen.ok_or(Fault::NotFound("product"))?;
    if !may_count(&seller.0, seen.product.seller) {
        return Err(Fault::Forbidden("This product is sold by someone else.").into());
    }
    let Counted(command) = body.value;
    let ask = Ask::new(command, web.engine.now(Some(seller.0.id))).if_match(if_match.0);
    let answer = web.products.stocks().ask(id, ask).await?;
    Ok(answer::ok(&answer, Inventory::of(id, answer.reply.count, true)))
}

fn may_count(claims: &Claims, seller: Id) -> bool {
    claims.role == Role::Admin || claims.id == seller
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let problem = |status, code| Problem::new(status, code, self.to_string());
        match self {
            Self::Unknown => problem(StatusCode::NOT_FOUND, "not_found"),
            Self::Short { available, .. } => {
                problem(StatusCode::CONFLICT, "short").member("available", *available)
            }
            Self::UnderReserved { reserved } => {
                problem(StatusCode::CONFLICT, "under_reserved").member("reserved", *reserved)
            }
            Self::Changed { on_hand } => problem(StatusCode::CONFLICT, "changed").member("onHand", *on_hand),
            Self::OutOfRange => {
                let error = FieldError {
                    path: "onHand".into(),
                    msg: self.to_string(),
                };
                problem(StatusCode::BAD_REQUEST, "invalid").errors(vec![error])
            }
            Self::Over(_) => problem(StatusCode::CONFLICT, "hold_over"),
        }
    }
}
