//! What a seller sends of a product, as JSON or as a form.

use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::fields::{Fields, Input, Wrong, parsed, text, whole};
use super::price::{self, Amount};
use super::upload::Illustrated;
use super::user::line;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::domain::money::Currency;
use crate::domain::product::{
    CATEGORY_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX, IMAGES_MAX, Listing, NewPrice, Revision,
    TITLE_CHARACTERS_MAX,
};
use crate::domain::stock::ON_HAND_MAX;

/// A product to put up.
#[derive(Debug, ToSchema)]
pub struct NewProduct {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    description: Option<String>,
    /// Or `priceAmount` and `priceCurrency`.
    #[schema(value_type = Amount)]
    price: NewPrice,
    pub(super) stock: Option<u64>,
    category: Option<String>,
}

/// The same as a form, with pictures beside it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
pub struct NewProductForm {
    title: String,
    description: Option<String>,
    /// In major units, with at most two decimals.
    price_amount: f64,
    /// INR if nothing is said.
    price_currency: Option<String>,
    stock: Option<u64>,
    category: Option<String>,
    /// Up to five pictures: png, jpeg or webp, each of at most 5 MB.
    #[schema(value_type = Option<Vec<String>>, format = Binary)]
    images: (),
}

/// What shall be different about a product.
#[derive(Debug, ToSchema)]
pub struct ProductChange {
    title: Option<String>,
    description: Option<String>,
    /// Of the currency that it is priced in, if none is named.
    #[schema(value_type = Option<Amount>)]
    price: Option<NewPrice>,
    pub(super) stock: Option<u64>,
    /// An empty text takes it out of every category.
    category: Option<String>,
    /// The ids of the pictures to keep, in their order.
    #[schema(value_type = Option<Vec<String>>)]
    images: Option<Vec<Id>>,
}

/// What becomes of a product whose pictures cannot be kept at this moment.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Pictures {
    /// `optional` puts it up without them; `required`, which is usual, does not.
    #[param(value_type = Option<String>, rename = "images")]
    pub(super) optional: bool,
}

impl Input for NewProduct {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let title = fields.required("title", line(1..=TITLE_CHARACTERS_MAX));
        let description = fields.optional("description", text(0..=DESCRIPTION_CHARACTERS_MAX));
        let price = price::optional(fields);
        if price == Some(None) {
            fields.wrong("price", "is required");
        }
        let stock = fields.optional("stock", stock);
        let category = fields.optional("category", line(0..=CATEGORY_CHARACTERS_MAX));
        Some(Self {
            title: title?,
            description: description?,
            price: price??,
            stock: stock?,
            category: category?,
        })
    }
}

impl Input for ProductChange {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let title = fields.optional("title", line(1..=TITLE_CHARACTERS_MAX));
        let description = fields.optional("description", text(0..=DESCRIPTION_CHARACTERS_MAX));
        let price = price::optional(fields);
        let stock = fields.optional("stock", stock);
        let category = fields.optional("category", line(0..=CATEGORY_CHARACTERS_MAX));
        let images = fields.optional("images", ids);
        Some(Self {
            title: title?,
            description: description?,
            price: price?,
            stock: stock?,
            category: category?,
            images: images?,
        })
    }
}

impl Illustrated for NewProduct {
    const PICTURES: &'static str = "images";
    const PICTURES_MAX: usize = IMAGES_MAX;
}

impl Illustrated for ProductChange {
    const PICTURES: &'static str = "images";
    const PICTURES_MAX: usize = IMAGES_MAX;
}

impl Input for Pictures {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let optional = fields.optional("images", |value| match value.as_str() {
            Some("optional") => Ok(true),
            Some("required") => Ok(false),
            _ => Err("must be optional or required".into()),
        });
        Some(Self {
            optional: optional?.unwrap_or(false),
        })
    }
}

fn stock(value: &Value) -> Result<u64, Wrong> {
    let most = i64::try_from(ON_HAND_MAX).unwrap_or(i64::MAX);
    whole(0..=most)(value).map(i64::unsigned_abs)
}

fn ids(value: &Value) -> Result<Vec<Id>, Wrong> {
    let ids = value.as_array().ok_or("must be a list of ids")?;
    ids.iter().map(parsed).collect()
}

impl NewProduct {
    /// What is said of it, with these pictures.
    pub(super) fn listing(self, images: Vec<Image>) -> Listing {
        Listing {
            title: self.title,
            description: self.description.unwrap_or_default(),
            price: self.price.or_in(Currency::Inr),
            category: self.category.filter(|category| !category.is_empty()),
            images,
        }
    }
}

impl ProductChange {
    /// What is to be said of it, with these pictures behind those that it keeps.
    pub(super) fn revision(self, added: Vec<Image>) -> Revision {
        let category = self.category;
        Revision {
            title: self.title,
            description: self.description,
            price: self.price,
            category: category.map(|name| Some(name).filter(|name| !name.is_empty())),
            kept: self.images,
            added,
        }
    }
}
