//! What is asked of the catalogue: words, filters, an order and a part.

use serde_json::Value;
use utoipa::IntoParams;

use super::fault::Fault;
use super::fields::{Fields, Input, Wrong, parsed, text};
use super::paging::Paging;
use super::price::minor;
use super::problem::{FieldError, Problem};
use super::user::line;
use crate::actors::finding::NotFound;
use crate::domain::id::Id;
use crate::domain::money::Currency;
use crate::domain::product::CATEGORY_CHARACTERS_MAX;
use crate::services::search::{NoAnswer, Sort, Terms};

/// More than this nobody types into a search box.
const TEXT_CHARACTERS_MAX: usize = 200;

/// Which products are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words that a product has in its title, its category or its description: all of the first
    /// ten of them, whatever signs stand between. The last one may be the start of a word. Endings
    /// do not matter, and a word that no product uses is taken for those that are spelt like it.
    /// What has them in its title comes first. At most 200 characters; nothing is found by signs
    /// alone.
    #[param(value_type = Option<String>, max_length = 200)]
    q: Option<String>,
    /// Costs at least so much, in major units of whatever currency it is sold in: nothing is
    /// converted, so `currency` usually goes with it.
    #[param(value_type = Option<f64>, example = 199.99)]
    minprice: Option<i64>,
    /// Costs at most so much, likewise.
    #[param(value_type = Option<f64>, example = 500)]
    maxprice: Option<i64>,
    /// Sold in this currency.
    #[param(value_type = Option<String>, example = "INR")]
    currency: Option<Currency>,
    /// Of this category, to the letter.
    category: Option<String>,
    /// Sold by this seller.
    #[param(value_type = Option<String>)]
    seller: Option<Id>,
    /// `true`: some of it can be bought at this moment. `false`: none of it can.
    #[param(rename = "inStock")]
    in_stock: Option<bool>,
    /// `relevance` (usual with `q`), `newest` (usual without), `price` or `-price`. Prices are
    /// compared by their amounts. What is alike stands with the newest first.
    #[param(value_type = Option<String>)]
    sort: Option<Sort>,
    #[param(ignore)]
    paging: Paging,
}

impl Input for Search {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let q = fields.optional("q", text(0..=TEXT_CHARACTERS_MAX));
        let (least, most) = (
            fields.called(&["minprice", "minPrice"]),
            fields.called(&["maxprice", "maxPrice"]),
        );
        let minprice = fields.optional(least, minor);
        let maxprice = fields.optional(most, minor);
        if let (Some(Some(least)), Some(Some(highest))) = (minprice, maxprice)
            && least > highest
        {
            fields.wrong(most, "must not be less than minprice");
        }
        let currency = fields.optional("currency", parsed);
        let category = fields.optional("category", line(1..=CATEGORY_CHARACTERS_MAX));
        let seller = fields.optional("seller", parsed);
        let in_stock = fields.optional("inStock", yes_or_no);
        let sort = fields.optional("sort", sort);
        let paging = Paging::read(fields);
        Some(Self {
            q: q?.filter(|text| !text.trim().is_empty()),
            minprice: minprice?,
            maxprice: maxprice?,
            currency: currency?,
            category: category?,
            seller: seller?,
            in_stock: in_stock?,
            sort: sort?,
            paging: paging?,
        })
    }
}

impl Search {
    /// What is wanted, and which part of it.
    pub(super) fn terms(self) -> (Terms, Paging) {
        let usual = if self.q.is_some() {
            Sort::Relevance
        } else {
            Sort::Newest
        };
        let terms = Terms {
            text: self.q,
            least: self.minprice,
            most: self.maxprice,
            currency: self.currency,
            category: self.category,
            seller: self.seller,
            in_stock: self.in_stock,
            sort: self.sort.unwrap_or(usual),
            skip: self.paging.skip,
            limit: self.paging.limit,
            after: None,
        };
        (terms, self.paging)
    }
}

fn yes_or_no(value: &Value) -> Result<bool, Wrong> {
    match value.as_str() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

fn sort(value: &Value) -> Result<Sort, Wrong> {
    match value.as_str() {
        Some("relevance") => Ok(Sort::Relevance),
        Some("newest") => Ok(Sort::Newest),
        Some("price") => Ok(Sort::Cheapest),
        Some("-price") => Ok(Sort::Dearest),
        _ => Err("must be relevance, newest, price or -price".into()),
    }
}

impl From<NotFound> for Problem {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Store(error) => error.into(),
            NotFound::Search(NoAnswer::Crowded) => Fault::Overloaded.into(),
            NotFound::Search(error @ (NoAnswer::NotReady | NoAnswer::Broken(_))) => {
                Fault::Unavailable(error.to_string()).into()
            }
            NotFound::NoSuchPlace => Fault::Invalid(vec![FieldError {
                path: "cursor".into(),
                msg: "is not a cursor that was given for this list".into(),
            }])
            .into(),
        }
    }
}
