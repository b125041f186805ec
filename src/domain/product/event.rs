//! What happens to a product.

use serde::Serialize;

use super::{Launch, Product, Review};
use crate::domain::account::{Email, FullName};
use crate::domain::entity;
use crate::domain::id::Id;

/// Something that happened to a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// It was put up for sale.
    Created(Box<Created>),
    /// Something else is said of it.
    Updated(Box<Product>),
    /// It is gone from the catalogue.
    Deleted(Box<Product>),
    /// Somebody who has it says what he makes of it.
    Reviewed(Review),
}

/// A product that was put up, with whatever a letter to its seller needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// The product.
    #[serde(flatten)]
    pub product: Product,
    /// Its id once more, under the name that letters know it by.
    pub product_id: Id,
    /// Who sells it, likewise.
    pub seller_id: Id,
    /// Where the seller reads mail.
    pub email: Email,
    /// The seller's name.
    pub full_name: FullName,
}

impl Created {
    pub(super) fn new(product: Product, launch: &Launch) -> Self {
        Self {
            product_id: product.id,
            seller_id: product.seller,
            product,
            email: launch.email.clone(),
            full_name: launch.full_name.clone(),
        }
    }
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "PRODUCT_CREATED",
            Self::Updated(_) => "PRODUCT_UPDATED",
            Self::Deleted(_) => "PRODUCT_DELETED",
            Self::Reviewed(_) => "PRODUCT_REVIEWED",
        }
    }

    fn is_audited(&self, by: Option<Id>) -> bool {
        match self {
            Self::Created(_) | Self::Reviewed(_) => false,
            Self::Updated(product) | Self::Deleted(product) => by.is_some_and(|by| by != product.seller),
        }
    }
}
