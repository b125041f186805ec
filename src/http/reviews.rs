//! What buyers say of products.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer;
use super::body::Body;
use super::caller::Buyer;
use super::fault::Fault;
use super::fields::{Fields, Input, text, whole};
use super::idempotency::Idempotency;
use super::paging::{Meta, Paging};
use super::problem::Problem;
use super::product::RatingView;
use super::query::Query;
use super::state::Web;
use crate::actors::reviews;
use crate::domain::id::Id;
use crate::domain::product::{COMMENT_CHARACTERS_MAX, Review, STARS_MAX};
use crate::domain::time::Timestamp;

/// What somebody says.
#[derive(Debug, ToSchema)]
pub struct NewReview {
    /// From 1 to 5.
    rating: u8,
    #[schema(value_type = Option<String>)]
    comment: String,
}

/// A review.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    product_id: Id,
    #[schema(value_type = String)]
    user: Id,
    username: String,
    rating: u8,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A review under its name, with what all say together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewBody {
    message: &'static str,
    review: ReviewView,
    rating: Option<RatingView>,
}

/// A part of the reviews of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Said {
    reviews: Vec<ReviewView>,
    /// What all say together; null as long as nobody has said anything.
    rating: Option<RatingView>,
    meta: Meta,
}

impl Input for NewReview {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let rating = fields.required("rating", whole(1..=STARS_MAX.into()));
        let comment = fields.optional("comment", text(0..=COMMENT_CHARACTERS_MAX));
        Some(Self {
            rating: u8::try_from(rating?).ok()?,
            comment: comment?.unwrap_or_default(),
        })
    }
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            id: review.id,
            product_id: review.product,
            user: review.user,
            username: review.username,
            rating: review.rating,
            comment: review.comment,
            created_at: review.created_at,
        }
    }
}

/// Says something of a product that the caller has bought; once.
#[utoipa::path(tag = "products", security(("token" = ["user"])),
    params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReview, responses(
    (status = 201, description = "It is said", body = ReviewBody),
    (status = 403, description = "The caller has not bought it"),
    (status = 404, description = "There is no such product"),
    (status = 409, description = "The caller has said something before"),
))]
#[post("/api/products/{id}/reviews")]
pub(super) async fn create(
    buyer: Buyer,
    path: Path<Id>,
    idempotency: Idempotency,
    body: Body<NewReview>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (product, once) = (path.into_inner(), idempotency.once(&body.digest));
    let snapshot = web.products.snapshot(product).await?;
    snapshot.ok_or(Fault::NotFound("product"))?;
    let NewReview { rating, comment } = body.value;
    let review = Review {
        id: idempotency.created_id(&web.engine),
        product,
        user: buyer.0.id,
        username: buyer.0.username,
        rating,
        comment,
        created_at: web.engine.clock.now(),
    };
    let shop = (&web.products, web.checkout.orders());
    let (said, review) = reviews::review(shop, review, once).await?;
    let body = ReviewBody {
        message: "Thank you for your review.",
        review: review.into(),
        rating: RatingView::of(said.reply.rating),
    };
    Ok(answer::created(&said, body))
}

/// What buyers say of a product, the newest first.
#[utoipa::path(tag = "products", params(("id" = String, Path), Paging), responses(
    (status = 200, description = "A part of it", body = Said),
    (status = 404, description = "There is no such product"),
))]
#[get("/api/products/{id}/reviews")]
pub(super) async fn list(
    path: Path<Id>,
    paging: Query<Paging>,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let (product, paging) = (path.into_inner(), paging.0);
    let snapshot = web.products.snapshot(product).await?;
    let snapshot = snapshot.ok_or(Fault::NotFound("product"))?;
    let (found, next, total) = reviews::list(&web.products, product, |query| paging.of(query)).await?;
    Ok(HttpResponse::Ok().json(Said {
        reviews: found.into_iter().map(ReviewView::from).collect(),
        rating: RatingView::of(snapshot.product.rating),
        meta: paging.meta(next.as_ref(), total),
    }))
}
