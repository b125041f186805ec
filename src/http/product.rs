//! `product` on the wire: what is shown of one, and how its refusals are told.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::Telling;
use super::price::Amount;
use super::problem::{FieldError, Problem};
use crate::actors::shelf::Snapshot;
use crate::domain::id::Id;
use crate::domain::image;
use crate::domain::money::Money;
use crate::domain::product::{self, Refusal};
use crate::domain::stock::Count;
use crate::domain::time::Timestamp;
use crate::store::Version;

/// A product with what there is of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    #[schema(value_type = String)]
    id: Id,
    title: String,
    description: String,
    #[schema(value_type = Amount)]
    price: Money,
    #[schema(value_type = String)]
    seller: Id,
    category: Option<String>,
    images: Vec<Image>,
    /// How many lie on the shelf, held for somebody or not.
    stock: u64,
    /// How many can be bought at this moment.
    available: u64,
    /// What buyers make of it; null as long as nobody has said anything.
    rating: Option<RatingView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// How many changes it has seen; its `ETag`. Its stock does not count.
    version: Version,
}

/// What buyers make of a product.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RatingView {
    /// From 1 to 5, with two decimals.
    #[schema(value_type = f64, example = 4.5)]
    average: serde_json::Number,
    /// How many have said something.
    count: u64,
}

impl RatingView {
    /// What is shown of a rating.
    #[must_use]
    pub fn of(rating: product::Rating) -> Option<Self> {
        let hundredths = rating.average_hundredths()?;
        let average = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        Some(Self {
            average: average.parse().ok()?,
            count: rating.count(),
        })
    }
}

/// A picture of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Image {
    url: String,
    thumbnail: String,
    #[schema(value_type = String)]
    id: Id,
}

/// A product under its name, as every answer has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductBody {
    /// The product.
    pub product: Product,
}

impl Product {
    /// A product at a version, with the numbers of its stock.
    #[must_use]
    pub fn new(product: &product::Product, version: Version, count: Count) -> Self {
        let listing = product.listing.clone();
        Self {
            id: product.id,
            title: listing.title,
            description: listing.description,
            price: listing.price,
            seller: product.seller,
            category: listing.category,
            images: listing.images.into_iter().map(Image::from).collect(),
            stock: count.on_hand,
            available: count.available,
            rating: RatingView::of(product.rating),
            created_at: product.created_at,
            updated_at: product.updated_at,
            version,
        }
    }
}

impl From<&Snapshot> for Product {
    fn from(snapshot: &Snapshot) -> Self {
        Self::new(&snapshot.product, snapshot.version, snapshot.count)
    }
}

impl From<image::Image> for Image {
    fn from(image: image::Image) -> Self {
        Self {
            url: image.url,
            thumbnail: image.thumbnail,
            id: image.id,
        }
    }
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let problem = |status, code| Problem::new(status, code, self.to_string());
        let bad_field = |path: &str| {
            let error = FieldError {
                path: path.into(),
                msg: self.to_string(),
            };
            problem(StatusCode::BAD_REQUEST, "invalid").errors(vec![error])
        };
        match self {
            Self::Unknown => problem(StatusCode::NOT_FOUND, "not_found"),
            Self::Exists => problem(StatusCode::CONFLICT, "product_exists"),
            Self::NotYours => problem(StatusCode::FORBIDDEN, "forbidden"),
            Self::Title => bad_field("title"),
            Self::Description => bad_field("description"),
            Self::Price => bad_field("price"),
            Self::Category => bad_field("category"),
            Self::TooManyImages | Self::UnknownImage => bad_field("images"),
            Self::Stars => bad_field("rating"),
            Self::Comment => bad_field("comment"),
            Self::NotBought => problem(StatusCode::FORBIDDEN, "not_bought"),
            Self::Reviewed => problem(StatusCode::CONFLICT, "reviewed"),
            Self::Stock(refusal) => refusal.problem(),
        }
    }
}
