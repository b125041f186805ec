//! How many of something: a whole number from 1 to 10 000.

use serde::{Deserialize, Serialize};

/// How many pieces of one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Quantity(u32);

/// Not a whole number from 1 to 10 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("a quantity is a whole number from 1 to 10000")]
pub struct NoQuantity;

impl Quantity {
    /// The most that one line holds.
    pub const MAX: u32 = 10_000;
    /// A single piece.
    pub const ONE: Self = Self(1);

    /// So many.
    ///
    /// # Errors
    /// For none at all, and for more than [`Quantity::MAX`].
    pub const fn new(count: u32) -> Result<Self, NoQuantity> {
        if count == 0 || count > Self::MAX {
            return Err(NoQuantity);
        }
        Ok(Self(count))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Both together.
    ///
    /// # Errors
    /// When that is more than one line holds.
    pub const fn plus(self, other: Self) -> Result<Self, NoQuantity> {
        Self::new(self.0 + other.0)
    }
}

impl TryFrom<u32> for Quantity {
    type Error = NoQuantity;

    fn try_from(count: u32) -> Result<Self, NoQuantity> {
        Self::new(count)
    }
}

impl From<Quantity> for u32 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}
