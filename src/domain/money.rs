//! Money: whole minor units of one currency, never a float. `{"amount": 199.99, "currency": "INR"}`
//! on the wire, `{minor: 19999, currency: "INR"}` in the store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most that one amount may be, in minor units: far above any price, and small enough that
/// no sum of a cart's lines overflows.
pub const MINOR_MAX: i64 = 10_000_000_000_000;

/// The currencies that the marketplace trades in. All have two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Indian rupee.
    Inr,
    /// United States dollar.
    Usd,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Pakistani rupee.
    Pkr,
}

/// An amount of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why something is no amount of money, or two amounts have no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Letters, signs, or nothing at all.
    #[error("an amount is a number such as 199.99")]
    Malformed,
    /// Fractions of a minor unit.
    #[error("an amount has at most two decimals")]
    TooFine,
    /// Beyond [`MINOR_MAX`].
    #[error("an amount is at most 100000000000")]
    TooLarge,
    /// Not one of ours.
    #[error("the currency is one of INR, USD, EUR, GBP, PKR")]
    UnknownCurrency,
    /// Rupees and dollars have no sum.
    #[error("amounts of different currencies have no sum")]
    Mixed,
}

impl Currency {
    /// Every currency.
    pub const ALL: [Self; 5] = [Self::Inr, Self::Usd, Self::Eur, Self::Gbp, Self::Pkr];

    /// Its ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Inr => "INR",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Pkr => "PKR",
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let known = Self::ALL.into_iter().find(|currency| currency.code() == code);
        known.ok_or(MoneyError::UnknownCurrency)
    }
}

impl Money {
    /// Nothing, of a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// So many minor units.
    #[must_use]
    pub const fn of_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads an amount in major units as people write it: `199`, `199.9`, `199.99`.
    ///
    /// # Errors
    /// When it is not a number, has a third decimal that counts, or is too large.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        if !number(whole) || !number(fraction) {
            return Err(MoneyError::Malformed);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 2 {
            return Err(MoneyError::TooFine);
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError::TooLarge)?;
        let cents: i64 = format!("{fraction:0<2}")
            .parse()
            .map_err(|_| MoneyError::Malformed)?;
        let minor = whole.checked_mul(100).and_then(|minor| minor.checked_add(cents));
        minor
            .filter(|minor| *minor <= MINOR_MAX)
            .map(|minor| Self::of_minor(sign * minor, currency))
            .ok_or(MoneyError::TooLarge)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether there is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Both together.
    ///
    /// # Errors
    /// When the currencies differ, or the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed);
        }
        self.checked(self.minor.checked_add(other.minor))
    }

    /// So many times as much.
    ///
    /// # Errors
    /// When that is too large.
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        self.checked(self.minor.checked_mul(i64::from(quantity)))
    }

    /// A share in hundredths of a per cent, rounded half up to a minor unit.
    ///
    /// # Errors
    /// When that is too large.
    pub fn share(self, basis_points: u32) -> Result<Self, MoneyError> {
        let exact = i128::from(self.minor) * i128::from(basis_points);
        let rounded = (exact + 5_000).div_euclid(10_000);
        self.checked(i64::try_from(rounded).ok())
    }

    /// All of them together; nothing, of the currency given, when there are none.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    fn checked(self, minor: Option<i64>) -> Result<Self, MoneyError> {
        let minor = minor.filter(|minor| minor.unsigned_abs() <= MINOR_MAX.unsigned_abs());
        minor
            .map(|minor| Self { minor, ..self })
            .ok_or(MoneyError::TooLarge)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        write!(
            f,
            "{sign}{}.{:02} {}",
            minor / 100,
            minor % 100,
            self.currency.code()
        )
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    minor: i64,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    amount: serde_json::Number,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            let Self { minor, currency } = *self;
            return Stored { minor, currency }.serialize(serializer);
        }
        let text = self.to_string();
        let decimal = text.split(' ').next().unwrap_or_default();
        let amount = decimal.strip_suffix(".00").unwrap_or(decimal);
        Wire {
            amount: amount.parse().map_err(serde::ser::Error::custom)?,
            currency: self.currency,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let wire = Wire::deserialize(deserializer)?;
            Self::parse(&wire.amount.to_string(), wire.currency).map_err(de::Error::custom)
        } else {
            let Stored { minor, currency } = Stored::deserialize(deserializer)?;
            Ok(Self { minor, currency })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        let read = |text| Money::parse(text, Currency::Inr).map(Money::minor);
        for (text, expected) in [
            ("199.99", Ok(19_999)),
            ("199.9", Ok(19_990)),
            ("199", Ok(19_900)),
            ("0.1", Ok(10)),
            ("5.500", Ok(550)),
            ("-3.05", Ok(-305)),
            ("100000000000", Ok(MINOR_MAX)),
            ("100000000000.01", Err(MoneyError::TooLarge)),
            ("99999999999999999999", Err(MoneyError::TooLarge)),
            ("1.005", Err(MoneyError::TooFine)),
            ("", Err(MoneyError::Malformed)),
            ("1e3", Err(MoneyError::Malformed)),
            ("--1", Err(MoneyError::Malformed)),
            (".5", Err(MoneyError::Malformed)),
            ("1.", Err(MoneyError::Malformed)),
            ("NaN", Err(MoneyError::Malformed)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn money_is_major_units_on_the_wire_and_minor_units_in_the_store() {
        let price = Money::of_minor(19_999, Currency::Inr);
        let json = serde_json::to_string(&price).unwrap();
        assert_eq!(json, r#"{"amount":199.99,"currency":"INR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), price);
        let stored = bson::serialize_to_raw_document_buf(&price).unwrap();
        assert_eq!(stored.get_i64("minor").unwrap(), 19_999);
    }

    #[test]
    fn currencies_do_not_mix() {
        let rupees = Money::of_minor(1, Currency::Inr);
        let dollars = Money::of_minor(1, Currency::Usd);
        assert_eq!(rupees.plus(dollars), Err(MoneyError::Mixed));
    }

    #[test]
    fn tax_is_rounded_half_up() {
        let tax = |minor| {
            Money::of_minor(minor, Currency::Eur)
                .share(1_950)
                .unwrap()
                .minor()
        };
        assert_eq!([tax(100), tax(10), tax(3), tax(0)], [20, 2, 1, 0]);
    }

    proptest! {
        #[test]
        fn every_amount_survives_the_wire(minor in -MINOR_MAX..=MINOR_MAX) {
            let money = Money::of_minor(minor, Currency::Usd);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money, "{}", json);
        }

        #[test]
        fn no_sum_and_no_product_overflows(a: i64, b: i64, quantity: u32, share: u32) {
            let money = Money::of_minor(a, Currency::Inr);
            let _ = money.plus(Money::of_minor(b, Currency::Inr));
            let _ = money.times(quantity);
            let _ = money.share(share);
        }
    }
}
