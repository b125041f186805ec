//! The catalogue: what sellers put up, and what everybody finds there.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer;
use super::caller::{Seller, SellerOrAdmin};
use super::etag::IfMatch;
use super::fault::{Fault, Telling};
use super::idempotency::Idempotency;
use super::listing::{NewProduct, NewProductForm, Pictures, ProductChange};
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::product::{Product, ProductBody};
use super::query::Query;
use super::search::Search;
use super::state::Web;
use super::upload::Upload;
use crate::actors::ask::{Ask, AskError};
use crate::actors::products::{Change, Listed, ProductAnswer, Wanted};
use crate::domain::account::Role;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::domain::product::{self, Authority, Command, Launch, Refusal};
use crate::services::media::Bearer;
use crate::services::tokens::Claims;

/// A product that was put up or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductTold {
    message: &'static str,
    product: Product,
}

/// A part of the products.
#[derive(Debug, Serialize, ToSchema)]
pub struct Products {
    products: Vec<Product>,
    meta: Meta,
}

/// The categories that products stand in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Categories {
    categories: Vec<Category>,
}

/// A category.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    name: String,
    /// How many products stand in it.
    count: u64,
}

/// Puts a product up for sale, as JSON or as a form with up to five pictures in `images`.
#[utoipa::path(tag = "products", security(("token" = ["seller", "admin"])),
    params(Pictures, ("Idempotency-Key" = Option<String>, Header)), request_body(content(
        (NewProduct = "application/json"), (NewProductForm = "multipart/form-data"),
    )), responses(
    (status = 201, description = "The product", body = ProductTold),
    (status = 400, description = "Bad fields"),
    (status = 413, description = "A picture of more than 5 MB, or of too many pixels"),
    (status = 415, description = "A file that is no png, jpeg or webp picture"),
    (status = 503, description = "Pictures cannot be kept at this moment"),
))]
#[post("/api/products")]
pub(super) async fn create(
    seller: SellerOrAdmin,
    idempotency: Idempotency,
    pictures: Query<Pictures>,
    upload: Upload<NewProduct>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let seen = web.accounts.profile(seller.0.id).await?;
    let (profile, _) = seen.ok_or(Fault::SignIn("The account is gone."))?;
    let on_hand = upload.value.stock.unwrap_or(0);
    let made = async |id| web.products.made(id).await;
    let id = idempotency.unused_id(&web.engine, made).await?;
    let images = match web.media.keep(&upload.pictures, bearer(id)).await {
        Err(_) if pictures.0.optional => Vec::new(),
        kept => kept?,
    };
    let launch = Launch {
        id,
        seller: profile.id,
        email: profile.email,
        full_name: profile.full_name,
        listing: upload.value.listing(images.clone()),
    };
    let (at, once) = (
        web.engine.now(Some(seller.0.id)),
        idempotency.once(&upload.digest),
    );
    let outcome = web.products.create(launch, on_hand, at, once).await;
    drop_unless_shown(&web, images, outcome.as_ref().map(|(answer, _)| answer));
    let (answer, count) = outcome?;
    let product = Product::new(&answer.reply, answer.version, count);
    let message = if answer.reply.listing.images.len() < upload.pictures.len() {
        "Product created without its pictures, which cannot be kept at this moment"
    } else {
        "Product created"
    };
    Ok(answer::created(&answer, ProductTold { message, product }))
}

/// Products that are for sale. What changes is found within a second.
#[utoipa::path(tag = "products", params(Search, Paging), responses(
    (status = 200, description = "A part of them", body = Products),
    (status = 400, description = "A bad number, order, cursor or id"),
    (status = 503, description = "The index is being made; a list without words, prices and stock is there"),
))]
#[get("/api/products")]
pub(super) async fn list(search: Query<Search>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let (terms, paging) = search.0.terms();
    let found = web.products.find(terms, paging.cursor.clone()).await?;
    Ok(HttpResponse::Ok().json(Products::told(&found, &paging)))
}

/// What oneself sells, the newest first.
#[utoipa::path(tag = "products", security(("token" = ["seller"])), params(Paging), responses(
    (status = 200, description = "A part of it", body = Products),
))]
#[get("/api/products/seller")]
pub(super) async fn mine(
    seller: Seller,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (wanted, paging) = (Wanted::Seller(seller.0.id), paging.0);
    let found = web.products.list(&wanted, |query| paging.of(query)).await?;
    Ok(HttpResponse::Ok().json(Products::told(&found, &paging)))
}

/// One product, as it is at this moment.
#[utoipa::path(tag = "products", params(("id" = String, Path)), responses(
    (status = 200, description = "The product", body = ProductBody),
    (status = 404, description = "There is no such product, or none any more"),
))]
#[get("/api/products/{id}")]
pub(super) async fn get(path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let seen = web.products.snapshot(path.into_inner()).await?;
    let seen = seen.ok_or(Fault::NotFound("product"))?;
    let product = Product::from(&*seen);
    Ok(answer::seen(seen.version, ProductBody { product }))
}

/// Changes what is said of a product, or how many there are.
#[utoipa::path(tag = "products", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = ProductChange, responses(
    (status = 200, description = "The product as it is now", body = ProductTold),
    (status = 403, description = "It is sold by someone else"),
    (status = 404, description = "There is no such product, or none any more"),
    (status = 409, description = "More than that is held for orders"),
    (status = 412, description = "It is at another version by now"),
))]
#[patch("/api/products/{id}")]
pub(super) async fn change(
    seller: SellerOrAdmin,
    path: Path<Id>,
    if_match: IfMatch,
    upload: Upload<ProductChange>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    let by = authority(&seller.0);
    let before = web.products.snapshot(id).await?;
    if !upload.pictures.is_empty() {
        // Nobody's pictures are kept on the way to a refusal that is known already.
        let seen = before.as_ref().ok_or(Fault::NotFound("product"))?;
        seen.product.admit(by).map_err(|refusal| refusal.problem())?;
    }
    let images = web.media.keep(&upload.pictures, bearer(id)).await?;
    let change = Change {
        by,
        on_hand: upload.value.stock,
        revision: upload.value.revision(images.clone()),
        if_match: if_match.0,
    };
    let at = web.engine.now(Some(seller.0.id));
    let outcome = web.products.revise(id, change, at).await;
    drop_unless_shown(&web, images, outcome.as_ref().map(|(answer, _)| answer));
    let (answer, counted) = outcome?;
    let shown = before.iter().flat_map(|seen| seen.product.listing.images.clone());
    let gone = shown.filter(|image| !answer.reply.listing.images.contains(image));
    web.media.forget(gone.collect());
    // Only now: the product has changed and shows its pictures, whatever its stock says.
    let count = counted?;
    let product = Product::new(&answer.reply, answer.version, count);
    let message = "Product updated";
    Ok(answer::ok(&answer, ProductTold { message, product }))
}

/// Takes a product out of the catalogue. Orders that tell of it stay as they are.
#[utoipa::path(tag = "products", security(("token" = ["seller", "admin"])),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses(
    (status = 200, description = "It is gone"),
    (status = 403, description = "It is sold by someone else"),
    (status = 404, description = "There is no such product, or none any more"),
    (status = 412, description = "It is at another version by now"),
))]
#[delete("/api/products/{id}")]
pub(super) async fn retire(
    seller: SellerOrAdmin,
    path: Path<Id>,
    if_match: IfMatch,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let by = authority(&seller.0);
    let ask = Ask::new(Command::Retire { by }, web.engine.now(Some(seller.0.id))).if_match(if_match.0);
    let answer = web.products.ask(path.into_inner(), ask).await?;
    // Nobody sees it any more, and what was ordered is told without pictures.
    web.media.forget(answer.reply.listing.images.clone());
    Ok(answer::ok(&answer, json!({ "message": "Product deleted" })))
}

/// The categories that products stand in, with how many do.
#[utoipa::path(tag = "products", responses(
    (status = 200, description = "The categories by name", body = Categories),
))]
#[get("/api/categories")]
pub(super) async fn categories(web: Data<Web>) -> Result<HttpResponse, Problem> {
    let found = web.products.categories().await?;
    let categories = found.into_iter().map(|(name, count)| Category { name, count });
    let categories = categories.collect();
    Ok(HttpResponse::Ok().json(Categories { categories }))
}

/// Drops pictures that were kept for a product which does not show them, because it was refused
/// or was there already. Whether it shows them is not known of one that got no answer.
fn drop_unless_shown(web: &Web, images: Vec<Image>, outcome: Result<&ProductAnswer, &AskError<Refusal>>) {
    let dropped = match outcome {
        Ok(answer) => {
            let shown = &answer.reply.listing.images;
            images
                .into_iter()
                .filter(|image| !shown.contains(image))
                .collect()
        }
        Err(AskError::Unavailable(_) | AskError::Failed) => Vec::new(),
        Err(_) => images,
    };
    web.media.forget(dropped);
}

fn bearer(product: Id) -> Bearer {
    Bearer {
        kind: product::Product::KIND,
        id: product,
    }
}

fn authority(claims: &Claims) -> Authority {
    match claims.role {
        Role::Admin => Authority::Admin,
        Role::Seller | Role::User => Authority::Seller(claims.id),
    }
}

impl Products {
    fn told((found, next, total): &Listed, paging: &Paging) -> Self {
        Self {
            products: found.iter().map(|seen| Product::from(&**seen)).collect(),
            meta: paging.meta(next.as_ref(), *total),
        }
    }
}
