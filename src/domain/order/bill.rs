//! What an order costs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Line;
use crate::domain::money::{Currency, Money, MoneyError};

/// The parts of what an order costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// All lines.
    pub subtotal: Money,
    /// The tax on them.
    pub tax: Money,
    /// The way to the buyer.
    pub shipping: Money,
    /// All together.
    pub total: Money,
}

/// What the shop adds to the lines of an order, and how long it holds their stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The tax, in hundredths of a per cent.
    pub tax_basis_points: u32,
    /// The fee for shipping, in minor units of the order's currency.
    pub shipping_minor: i64,
    /// For how long an unpaid order holds its stock.
    pub hold: Duration,
}

impl Bill {
    /// The bill for some lines. Tax is taken of all of them together and rounded once.
    ///
    /// # Errors
    /// When currencies are mixed, or there is more than any amount.
    pub fn of(lines: &[Line], terms: &Terms) -> Result<Self, MoneyError> {
        let currency = lines.first().map_or(Currency::Inr, |line| line.price.currency());
        let shipping = Money::of_minor(terms.shipping_minor, currency);
        let lines = lines.iter().map(Line::total).collect::<Result<Vec<_>, _>>()?;
        let subtotal = Money::sum(currency, lines)?;
        let tax = subtotal.share(terms.tax_basis_points)?;
        let total = subtotal.plus(tax)?.plus(shipping)?;
        Ok(Self {
            subtotal,
            tax,
            shipping,
            total,
        })
    }
}

impl Line {
    /// What all of the line costs.
    ///
    /// # Errors
    /// When that is more than any amount.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.price.times(self.quantity.get())
    }
}
