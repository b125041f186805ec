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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::id::Id;
    use crate::domain::money::MINOR_MAX;
    use crate::domain::order::Parcel;
    use crate::domain::quantity::Quantity;

    fn line((minor, quantity): (i64, u32), currency: Currency) -> Line {
        Line {
            product: Id::from_bytes([1; 12]),
            title: "Tent".into(),
            price: Money::of_minor(minor, currency),
            quantity: Quantity::new(quantity).expect("a quantity"),
            seller: Id::from_bytes([2; 12]),
            parcel: Parcel::Packing,
        }
    }

    fn amount() -> impl Strategy<Value = i64> {
        prop_oneof![
            0i64..100_000,
            0..=MINOR_MAX,
            prop::sample::select(vec![0, 1, MINOR_MAX / 10_000, MINOR_MAX - 1, MINOR_MAX]),
        ]
    }

    fn quantity() -> impl Strategy<Value = u32> {
        prop_oneof![1u32..20, prop::sample::select(vec![1, Quantity::MAX])]
    }

    fn points() -> impl Strategy<Value = u32> {
        prop_oneof![0u32..=10_000, prop::sample::select(vec![0, 1, 1_800, 10_000])]
    }

    proptest! {
        #[test]
        fn a_bill_is_the_exact_sum_with_its_tax_rounded_once_or_there_is_none(
            lines in prop::collection::vec((amount(), quantity()), 1..8),
            tax_basis_points in points(),
            shipping_minor in amount(),
        ) {
            let subtotal: i128 = lines.iter().map(|(price, many)| i128::from(*price) * i128::from(*many)).sum();
            // Half up, in whole numbers that cannot overflow.
            let tax = (subtotal * i128::from(tax_basis_points) * 2 + 10_000).div_euclid(20_000);
            let total = subtotal + tax + i128::from(shipping_minor);
            let terms = Terms { tax_basis_points, shipping_minor, hold: Duration::ZERO };
            let lines: Vec<_> = lines.into_iter().map(|of| line(of, Currency::Inr)).collect();
            match Bill::of(&lines, &terms) {
                Ok(bill) => {
                    let told = [bill.subtotal, bill.tax, bill.shipping, bill.total].map(|part| i128::from(part.minor()));
                    prop_assert_eq!(told, [subtotal, tax, i128::from(shipping_minor), total]);
                }
                Err(error) => {
                    prop_assert_eq!(error, MoneyError::TooLarge);
                    prop_assert!(total > i128::from(MINOR_MAX), "{} is not too much", total);
                }
            }
        }

        #[test]
        fn no_bill_is_over_two_currencies(
            first in (amount(), quantity()), second in (amount(), quantity()), tax_basis_points in points(),
        ) {
            let terms = Terms { tax_basis_points, shipping_minor: 0, hold: Duration::ZERO };
            let lines = [line(first, Currency::Inr), line(second, Currency::Usd)];
            prop_assert!(Bill::of(&lines, &terms).is_err());
        }
    }
}
