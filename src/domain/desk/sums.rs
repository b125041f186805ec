//! Sums of what was sold.

use serde::{Deserialize, Serialize};

use super::day::Day;
use crate::domain::id::Id;
use crate::domain::money::{Currency, Money};

/// Amounts of several currencies, one of each, in the order of their codes; none that is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Takings(Vec<Money>);

/// What was sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// How many pieces.
    pub sales: u64,
    /// In how many orders.
    pub orders: u64,
    /// For how much.
    pub revenue: Takings,
}

/// What was sold in one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySums {
    /// The day on which it was ordered.
    pub day: Day,
    /// What was sold.
    pub sums: Sums,
}

/// What was sold of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSums {
    /// The product.
    pub product: Id,
    /// Its title when it was sold last.
    pub title: String,
    /// How many pieces.
    pub sold: u64,
    /// For how much.
    pub revenue: Takings,
}

/// What a desk shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Everything that was sold.
    pub sums: Sums,
    /// The products that sell best, the best first.
    pub top: Vec<ProductSums>,
    /// Every day of a while until today, the oldest first.
    pub series: Vec<DaySums>,
}

/// What one order comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) sales: u64,
    pub(super) orders: u64,
    pub(super) revenue: Takings,
}

impl Takings {
    /// The amounts.
    #[must_use]
    pub fn amounts(&self) -> &[Money] {
        &self.0
    }

    /// Adds all of these.
    pub fn add(&mut self, more: &Self) {
        more.0
            .iter()
            .for_each(|money| self.put(money.currency(), money.minor()));
    }

    /// Takes all of these away.
    pub fn subtract(&mut self, less: &Self) {
        less.0
            .iter()
            .for_each(|money| self.put(money.currency(), -money.minor()));
    }

    fn put(&mut self, currency: Currency, minor: i64) {
        let place = self
            .0
            .binary_search_by_key(&currency.code(), |money| money.currency().code());
        match place {
            // The sum of a seller's life may pass what a single amount may be.
            Ok(at) => {
                let sum = self.0[at].minor().saturating_add(minor);
                self.0[at] = Money::of_minor(sum, currency);
                if sum == 0 {
                    self.0.remove(at);
                }
            }
            Err(at) if minor != 0 => self.0.insert(at, Money::of_minor(minor, currency)),
            Err(_) => {}
        }
    }
}

impl From<Money> for Takings {
    fn from(money: Money) -> Self {
        let mut takings = Self::default();
        takings.put(money.currency(), money.minor());
        takings
    }
}

impl Sums {
    /// Moves the sums by the difference between what an order came to and what it comes to.
    pub(super) fn turn(&mut self, before: &Share, after: &Share) {
        self.sales = self.sales + after.sales - before.sales;
        self.orders = self.orders + after.orders - before.orders;
        self.revenue.subtract(&before.revenue);
        self.revenue.add(&after.revenue);
    }
}
