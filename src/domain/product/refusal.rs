//! Why a product says no.

use serde::{Deserialize, Serialize};

use crate::domain::stock;

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such product, or none any more.
    #[error("Product not found")]
    Unknown,
    /// There is one already.
    #[error("The product is there already")]
    Exists,
    /// It is someone else's.
    #[error("This product is sold by someone else")]
    NotYours,
    /// No title, or too long a one.
    #[error("A title has 1 to 200 characters")]
    Title,
    /// Too long a description.
    #[error("A description has at most 10000 characters")]
    Description,
    /// For nothing, or for more than anybody has.
    #[error("A price is more than 0 and at most 100000000000")]
    Price,
    /// An empty category, or too long a one.
    #[error("A category has 1 to 60 characters")]
    Category,
    /// More pictures than a product has.
    #[error("A product has at most 5 images")]
    TooManyImages,
    /// A picture to keep that the product does not have.
    #[error("The product has no such image")]
    UnknownImage,
    /// Fewer stars than one, or more than five.
    #[error("A rating is from 1 to 5")]
    Stars,
    /// Too long a comment.
    #[error("A comment has at most 2000 characters")]
    Comment,
    /// Only who has it knows.
    #[error("Only who has bought a product may review it")]
    NotBought,
    /// Nobody says it twice.
    #[error("You have reviewed this product before")]
    Reviewed,
    /// Its stock says no.
    #[error(transparent)]
    Stock(#[from] stock::Refusal),
}
