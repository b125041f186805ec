//! A product: what is for sale, at what price, and by whom. How many there are is the business of
//! its stock, which stands under the same id and lives outside the product's version.

mod event;
mod listing;
mod refusal;
mod review;
mod rules;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::account::{Email, FullName};
use super::collection::{Collection, Index};
use super::entity::{Circumstances, Decision, Entity, SideRow};
use super::id::Id;
use super::image::Image;
use super::time::Timestamp;

pub use event::{Created, Event};
pub use listing::{
    CATEGORY_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX, IMAGES_MAX, Listing, NewPrice, TITLE_CHARACTERS_MAX,
};
pub use refusal::Refusal;
pub use review::{COMMENT_CHARACTERS_MAX, REVIEWS, Rating, Review, STARS_MAX};

/// Where products are kept. What is retired stands apart in every order.
pub static PRODUCTS: Collection = Collection::indexed(
    "products",
    &[
        Index::on("newest", &["retired", "createdAt"]),
        Index::on("category", &["retired", "listing.category", "createdAt"]),
        Index::on("seller", &["retired", "seller", "createdAt"]),
    ],
);

/// The state of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id.
    pub id: Id,
    /// Who sells it.
    pub seller: Id,
    /// What its seller says of it.
    pub listing: Listing,
    /// When it was put up.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it is gone from the catalogue. It is kept for the orders that tell of it.
    pub retired: bool,
    /// What its buyers make of it.
    #[serde(default)]
    pub rating: Rating,
    /// Buyers whose reviews were found in the way of another one of theirs.
    #[serde(skip)]
    pub reviewed: BTreeSet<Id>,
}

/// What can be asked of a product.
#[derive(Debug, Clone)]
pub enum Command {
    /// Puts it up for sale.
    Create(Launch),
    /// Changes what is given.
    Change {
        /// In whose name.
        by: Authority,
        /// What is to be said of it from now on.
        revision: Revision,
    },
    /// Takes it out of the catalogue.
    Retire {
        /// In whose name.
        by: Authority,
    },
    /// A buyer says what he makes of it.
    Review(Box<Review>),
}

/// What a product is made from.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The id it gets.
    pub id: Id,
    /// Who sells it.
    pub seller: Id,
    /// Where the seller reads mail.
    pub email: Email,
    /// The seller's name.
    pub full_name: FullName,
    /// What the seller says of it.
    pub listing: Listing,
}

/// What shall be said of a product from now on; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revision {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// The new price.
    pub price: Option<NewPrice>,
    /// The new category; the inner `None` takes it out of every category.
    pub category: Option<Option<String>>,
    /// The ids of the pictures to keep, in this order.
    pub kept: Option<Vec<Id>>,
    /// Pictures to put behind them.
    pub added: Vec<Image>,
}

/// In whose name something is asked of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// A seller, who may change what is his own.
    Seller(Id),
    /// An administrator, who may change everything.
    Admin,
}

impl Entity for Product {
    const KIND: &'static str = "product";
    const COLLECTION: &'static Collection = &PRODUCTS;

    type Command = Command;
    type Reply = Self;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(
        state: Option<&Self>,
        command: &Command,
        at: &Circumstances,
    ) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, Command::Create(launch)) => rules::create(launch, at),
            (Some(_), Command::Create(_)) => Err(Refusal::Exists),
            (None, _) => Err(Refusal::Unknown),
            (Some(product), Command::Change { by, revision }) => product.change(*by, revision, at),
            (Some(product), Command::Retire { by }) => product.retire(*by, at),
            (Some(product), Command::Review(review)) => product.review(review, at),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Exists // a product has no unique index
    }

    fn absorb(&mut self, row: SideRow<'_>) {
        if let Ok(review) = bson::deserialize_from_slice(row.document.as_bytes()) {
            self.has_reviewed(&review);
        }
    }
}

#[cfg(test)]
mod tests;
