//! A buyer's cart. It reserves nothing; what is available is told with every line.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::Buyer;
use super::etag::IfMatch;
use super::fault::{Fault, Telling};
use super::fields::{Fields, Input, Wrong, parsed, whole};
use super::idempotency::Idempotency;
use super::order::short;
use super::price::Amount;
use super::problem::{FieldError, Problem};
use super::state::Web;
use crate::actors::ask::Ask;
use crate::actors::carts::CartAnswer;
use crate::domain::cart::{Cart, Command, Line, Offer, Refusal};
use crate::domain::id::Id;
use crate::domain::money::{Currency, Money};
use crate::domain::quantity::Quantity;
use crate::store::Version;

/// Something to put in.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewItem {
    #[schema(value_type = String)]
    product_id: Id,
    /// Or `qty`; one if it is not given.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    quantity: Quantity,
}

/// How many there shall be.
#[derive(Debug, ToSchema)]
pub struct NewQuantity {
    /// Or `qty`.
    #[schema(value_type = u32, minimum = 1, maximum = 10_000)]
    quantity: Quantity,
}

/// A cart and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartBody {
    cart: CartView,
    totals: Totals,
}

/// A cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    user: Id,
    items: Vec<Item>,
    /// How many changes it has seen; its `ETag`.
    version: Version,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[schema(value_type = String)]
    product_id: Id,
    title: String,
    #[schema(value_type = Amount)]
    price: Money,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = Amount)]
    line_total: Money,
    /// How many could be bought at this moment.
    available: u64,
}

/// What a cart comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    item_count: usize,
    total_quantity: u32,
    #[schema(value_type = Amount)]
    subtotal: Money,
}

impl Input for NewItem {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let product_id = fields.required("productId", parsed);
        let quantity = fields.if_given(fields.called(&["quantity", "qty"]), quantity);
        Some(Self {
            product_id: product_id?,
            quantity: quantity?.unwrap_or(Quantity::ONE),
        })
    }
}

impl Input for NewQuantity {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let quantity = fields.required(fields.called(&["quantity", "qty"]), quantity);
        Some(Self { quantity: quantity? })
    }
}

/// How many of something.
pub(super) fn quantity(value: &Value) -> Result<Quantity, Wrong> {
    let count = whole(1..=i64::from(Quantity::MAX))(value)?;
    let quantity = u32::try_from(count)
        .ok()
        .and_then(|count| Quantity::new(count).ok());
    quantity.ok_or_else(|| "must be a whole number".into())
}

/// The caller's cart.
#[utoipa::path(tag = "cart", security(("token" = ["user"])), responses(
    (status = 200, description = "The cart", body = CartBody),
))]
#[get("/api/cart")]
pub(super) async fn show(buyer: Buyer, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let (cart, version) = web.carts.see(buyer.0.id).await?;
    Ok(answer::seen(version, body(&web, &cart, version).await?))
}

/// Puts in so many more of a product.
#[utoipa::path(tag = "cart", security(("token" = ["user"])),
    params(("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewItem, responses(
    (status = 200, description = "The cart as it is now", body = CartBody),
    (status = 404, description = "There is no such product"),
    (status = 409, description = "So many are not available, or its price is in another currency"),
))]
#[post("/api/cart/items")]
pub(super) async fn add(
    buyer: Buyer,
    idempotency: Idempotency,
    if_match: IfMatch,
    body: Body<NewItem>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let NewItem { product_id, quantity } = body.value;
    let command = match web.carts.offer(product_id).await? {
        Some(offer) => Command::Add { offer, quantity },
        None => Command::AddUnknown,
    };
    let ask = Ask::new(command, web.engine.now(Some(buyer.0.id)))
        .if_match(if_match.0)
        .once(idempotency.once(&body.digest));
    told(&web, web.carts.ask(buyer.0.id, ask).await?).await
}

/// Says how many of a product there shall be.
#[utoipa::path(tag = "cart", security(("token" = ["user"])),
    params(("productId" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = NewQuantity, responses(
    (status = 200, description = "The cart as it is now", body = CartBody),
    (status = 404, description = "It is not in the cart"),
    (status = 409, description = "So many are not available"),
))]
#[patch("/api/cart/items/{productId}")]
pub(super) async fn set_quantity(
    buyer: Buyer,
    path: Path<Id>,
    if_match: IfMatch,
    body: Body<NewQuantity>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let quantity = body.value.quantity;
    let offer = offer(&web, path.into_inner()).await?;
    let command = Command::SetQuantity { offer, quantity };
    change(&web, buyer.0.id, command, if_match).await
}

/// Takes a product out.
#[utoipa::path(tag = "cart", security(("token" = ["user"])),
    params(("productId" = String, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 200, description = "The cart as it is now", body = CartBody),
    (status = 404, description = "It is not in the cart"),
))]
#[delete("/api/cart/items/{productId}")]
pub(super) async fn remove(
    buyer: Buyer,
    path: Path<Id>,
    if_match: IfMatch,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let command = Command::Remove {
        product: path.into_inner(),
    };
    change(&web, buyer.0.id, command, if_match).await
}

/// Takes everything out.
#[utoipa::path(tag = "cart", security(("token" = ["user"])),
    params(("If-Match" = Option<String>, Header)), responses(
    (status = 200, description = "The empty cart", body = CartBody),
))]
#[delete("/api/cart")]
pub(super) async fn clear(buyer: Buyer, if_match: IfMatch, web: Data<Web>) -> Result<HttpResponse, Problem> {
    change(&web, buyer.0.id, Command::Clear, if_match).await
}

async fn change(web: &Web, buyer: Id, command: Command, if_match: IfMatch) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(command, web.engine.now(Some(buyer))).if_match(if_match.0);
    told(web, web.carts.ask(buyer, ask).await?).await
}

async fn offer(web: &Web, product: Id) -> Result<Offer, Problem> {
    let offer = web.carts.offer(product).await?;
    offer.ok_or_else(|| Fault::NotFound("product").into())
}

async fn told(web: &Web, answer: CartAnswer) -> Result<HttpResponse, Problem> {
    let body = body(web, &answer.reply.cart, answer.version).await?;
    Ok(answer::ok(&answer, body))
}

async fn body(web: &Web, cart: &Cart, version: Version) -> Result<CartBody, Problem> {
    let items = try_join_all(cart.lines().iter().map(|line| item(web, line))).await?;
    let subtotal = cart.subtotal().map_err(|_| too_much())?;
    let totals = Totals {
        item_count: items.len(),
        total_quantity: cart.lines().iter().map(|line| line.quantity.get()).sum(),
        subtotal: subtotal.unwrap_or(Money::zero(Currency::Inr)),
    };
    let cart = CartView {
        id: cart.user(),
        user: cart.user(),
        items,
        version,
    };
    Ok(CartBody { cart, totals })
}

async fn item(web: &Web, line: &Line) -> Result<Item, Problem> {
    let offer = web.carts.offer(line.product).await?;
    Ok(Item {
        product_id: line.product,
        title: line.title.clone(),
        price: line.price,
        quantity: line.quantity,
        line_total: line.price.times(line.quantity.get()).map_err(|_| too_much())?,
        available: offer.map_or(0, |offer| offer.available),
    })
}

/// The rules let nothing into a cart whose sum cannot be told.
fn too_much() -> Fault {
    Fault::Broken("a cart costs more than can be counted".into())
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let problem = |status, code| Problem::new(status, code, self.to_string());
        match self {
            Self::NotInCart | Self::NotForSale => problem(StatusCode::NOT_FOUND, "not_found"),
            Self::OtherCurrency(_) => problem(StatusCode::CONFLICT, "other_currency"),
            Self::Short { requested, available } => problem(StatusCode::CONFLICT, "short")
                .member("requested", *requested)
                .member("available", *available),
            Self::Quantity(_) => {
                let error = FieldError {
                    path: "quantity".into(),
                    msg: "would be more than 10000 in the cart".into(),
                };
                problem(StatusCode::BAD_REQUEST, "invalid").errors(vec![error])
            }
            Self::TooDear => problem(StatusCode::BAD_REQUEST, "too_dear"),
            Self::Full => problem(StatusCode::CONFLICT, "cart_full"),
            Self::Empty => problem(StatusCode::BAD_REQUEST, "cart_empty"),
            Self::SoldOut(lines) => short(lines),
        }
    }
}
