//! Why a cart says no.

use serde::{Deserialize, Serialize};

use crate::domain::money::Currency;
use crate::domain::order::Shortage;
use crate::domain::quantity::NoQuantity;

/// Why a cart says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// The line is not there.
    #[error("this product is not in the cart")]
    NotInCart,
    /// Nobody sells it, or nobody does any more.
    #[error("There is no such product.")]
    NotForSale,
    /// Rupees and dollars have no sum.
    #[error("the cart holds prices in {}; check out or clear it first", .0.code())]
    OtherCurrency(Currency),
    /// Fewer are available.
    #[error("{available} are available, {requested} were asked for")]
    Short {
        /// How many there would be in the cart.
        requested: u32,
        /// How many can be bought.
        available: u64,
    },
    /// More than one line holds.
    #[error("{0}")]
    Quantity(#[from] NoQuantity),
    /// More lines than a cart holds.
    #[error("a cart holds at most 100 products")]
    Full,
    /// It would cost more than any amount.
    #[error("the cart would cost more than can be counted")]
    TooDear,
    /// There is nothing to order.
    #[error("the cart is empty")]
    Empty,
    /// Fewer are available of some of its lines than are to be ordered.
    #[error("there is too little in stock")]
    SoldOut(Vec<Shortage>),
}
