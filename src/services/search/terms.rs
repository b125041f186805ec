//! What is asked of the search.

use crate::domain::id::Id;
use crate::domain::money::Currency;

use super::page::Place;

/// Which products are wanted, in which order, and which part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Words that they have in their title, their category or their description.
    pub text: Option<String>,
    /// The least price, in minor units of whatever currency a product is sold in.
    pub least: Option<i64>,
    /// The highest price, likewise.
    pub most: Option<i64>,
    /// Sold in this currency.
    pub currency: Option<Currency>,
    /// Of this category, to the letter.
    pub category: Option<String>,
    /// Sold by somebody.
    pub seller: Option<Id>,
    /// Whether some of it can be bought.
    pub in_stock: Option<bool>,
    /// In which order.
    pub sort: Sort,
    /// How many to pass over.
    pub skip: usize,
    /// How many at the most.
    pub limit: usize,
    /// Where the part before this one ended.
    pub after: Option<Place>,
}

impl Terms {
    /// The same words, and nothing that products are filtered by.
    #[must_use]
    pub(super) fn words_alone(&self) -> Self {
        Self {
            text: self.text.clone(),
            limit: 1,
            ..Self::default()
        }
    }
}

/// An order of products. Those that are alike in it stand with the newest first, so that every
/// product has one place and a list goes on where it was left, whatever was added meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// What fits the words best.
    Relevance,
    /// What was put up last.
    #[default]
    Newest,
    /// What costs least.
    Cheapest,
    /// What costs most.
    Dearest,
}
