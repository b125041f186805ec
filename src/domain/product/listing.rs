//! What a seller says of a product.

use serde::{Deserialize, Serialize};

use super::{Refusal, Revision};
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::domain::money::{Currency, MINOR_MAX, Money};

/// A title has from one to so many characters.
pub const TITLE_CHARACTERS_MAX: usize = 200;
/// A description has at most so many characters.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 10_000;
/// So many pictures has a product at the most.
pub const IMAGES_MAX: usize = 5;
/// A category has from one to so many characters.
pub const CATEGORY_CHARACTERS_MAX: usize = 60;

/// What a seller says of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What it is, in a few words.
    pub title: String,
    /// What there is to know of it.
    pub description: String,
    /// What one of it costs.
    pub price: Money,
    /// Where it stands in the catalogue.
    pub category: Option<String>,
    /// What it looks like.
    pub images: Vec<Image>,
}

/// A price as somebody names it, who may leave the currency to whatever it is the price of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPrice {
    /// So many minor units: every currency has a hundred of them.
    pub minor: i64,
    /// Of this currency.
    pub currency: Option<Currency>,
}

impl NewPrice {
    /// The price; of this currency if none was named.
    #[must_use]
    pub fn or_in(self, usual: Currency) -> Money {
        Money::of_minor(self.minor, self.currency.unwrap_or(usual))
    }
}

impl Listing {
    /// Says the same, if it can be said.
    pub(super) fn checked(self) -> Result<Self, Refusal> {
        self.check()?;
        Ok(self)
    }

    /// Whether it can be said.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self) -> Result<(), Refusal> {
        let characters = |text: &str| text.chars().count();
        if self.title.trim().is_empty() || characters(&self.title) > TITLE_CHARACTERS_MAX {
            return Err(Refusal::Title);
        }
        if characters(&self.description) > DESCRIPTION_CHARACTERS_MAX {
            return Err(Refusal::Description);
        }
        if !self.price.is_positive() || self.price.minor() > MINOR_MAX {
            return Err(Refusal::Price);
        }
        if let Some(category) = &self.category
            && (category.trim().is_empty() || characters(category) > CATEGORY_CHARACTERS_MAX)
        {
            return Err(Refusal::Category);
        }
        if self.images.len() > IMAGES_MAX {
            return Err(Refusal::TooManyImages);
        }
        Ok(())
    }

    /// What is said after a revision.
    pub(super) fn revised(&self, revision: &Revision) -> Result<Self, Refusal> {
        let Revision {
            title,
            description,
            price,
            category,
            kept,
            added,
        } = revision.clone();
        let mut images = match kept {
            Some(ids) => self.images_named(&ids)?,
            None => self.images.clone(),
        };
        images.extend(added);
        let revised = Self {
            title: title.unwrap_or_else(|| self.title.clone()),
            description: description.unwrap_or_else(|| self.description.clone()),
            price: price.map_or(self.price, |price| price.or_in(self.price.currency())),
            category: category.unwrap_or_else(|| self.category.clone()),
            images,
        };
        revised.checked()
    }

    fn images_named(&self, ids: &[Id]) -> Result<Vec<Image>, Refusal> {
        let mut images = Vec::new();
        for id in ids {
            let named = self.images.iter().find(|image| image.id == *id);
            let named = named.ok_or(Refusal::UnknownImage)?;
            if !images.contains(named) {
                images.push(named.clone());
            }
        }
        Ok(images)
    }
}
