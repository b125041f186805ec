//! Money as clients send it: `{"amount": 199.99, "currency": "INR"}`, or as two fields of a form.

use serde_json::Value;
use utoipa::ToSchema;

use super::fields::{Fields, Input, Wrong, parsed};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::product::NewPrice;

/// A price that somebody sends: more than nothing.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct Price {
    #[schema(inline, value_type = Amount)]
    named: NewPrice,
}

/// How it looks.
#[derive(ToSchema)]
#[schema(as = Money)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
pub struct Amount {
    /// In major units, with at most two decimals.
    #[schema(example = 199.99)]
    amount: f64,
    /// An ISO 4217 code: INR, USD, EUR, GBP or PKR.
    #[schema(example = "INR")]
    currency: String,
}

/// Reads a price that may be missing; the outer `None` stands for a bad one. Forms have no
/// objects, so they send its parts as `priceAmount` and `priceCurrency`.
pub fn optional(fields: &mut Fields<'_>) -> Option<Option<NewPrice>> {
    let in_parts = fields.called(&["price", "priceAmount", "priceCurrency"]) != "price";
    if in_parts {
        return named(fields, "priceAmount", "priceCurrency").map(Some);
    }
    let price: Option<Price> = fields.optional_object("price")?;
    Some(price.map(|price| price.named))
}

/// An amount without its currency, as a filter has it: in minor units.
///
/// # Errors
/// When it is no amount.
pub fn minor(value: &Value) -> Result<i64, Wrong> {
    amount(value, Currency::Inr)
        .map(Money::minor)
        .map_err(|error| error.to_string())
        .and_then(|minor| {
            if minor < 0 {
                Err("must not be negative".into())
            } else {
                Ok(minor)
            }
        })
}

impl Input for Price {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let named = named(fields, "amount", "currency")?;
        Some(Self { named })
    }
}

fn named(fields: &mut Fields<'_>, amount_name: &str, currency_name: &str) -> Option<NewPrice> {
    let currency = fields.optional(currency_name, parsed::<Currency>);
    // An amount is checked even if its currency is not known: all of ours have two decimals.
    let known = currency.flatten().unwrap_or(Currency::Inr);
    let money = fields.required(amount_name, |value| match amount(value, known) {
        Ok(money) if money.is_positive() => Ok(money),
        Ok(_) => Err("must be more than 0".to_owned()),
        Err(error) => Err(format!("is not valid: {error}")),
    });
    let (currency, minor) = (currency?, money?.minor());
    Some(NewPrice { minor, currency })
}

fn amount(value: &Value, currency: Currency) -> Result<Money, MoneyError> {
    match value {
        Value::String(text) => Money::parse(text.trim(), currency),
        Value::Number(number) => Money::parse(&number.to_string(), currency),
        _ => Err(MoneyError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::fields;

    struct Priced(NewPrice);

    impl Input for Priced {
        fn read(fields: &mut Fields<'_>) -> Option<Self> {
            Some(Self(optional(fields)??))
        }
    }

    #[test]
    fn a_price_is_read_in_one_piece_and_in_two() {
        let price = |minor, currency| NewPrice { minor, currency };
        let inr = |minor| price(minor, Some(Currency::Inr));
        for (sent, expected) in [
            (
                json!({ "price": { "amount": 199.99, "currency": "INR" } }),
                inr(19_999),
            ),
            (json!({ "price": { "amount": "199.9" } }), price(19_990, None)),
            (json!({ "priceAmount": 5 }), price(500, None)),
            (
                json!({ "priceAmount": "199", "priceCurrency": "INR" }),
                inr(19_900),
            ),
            (
                json!({ "price": { "amount": 5, "currency": "USD" } }),
                price(500, Some(Currency::Usd)),
            ),
        ] {
            let Priced(named) = fields::read(&sent).unwrap_or_else(|errors| panic!("{sent}: {errors:?}"));
            assert_eq!(named, expected, "{sent}");
        }
    }

    #[test]
    fn what_is_no_price_is_named() {
        let amount = "price.amount";
        for (price, path) in [
            (json!({ "amount": 0 }), amount),
            (json!({ "amount": -1 }), amount),
            (json!({ "amount": 1.005 }), amount),
            (json!({ "amount": 1e12 }), amount),
            (json!({ "amount": 1e300 }), amount),
            (json!({ "amount": "12 rupees" }), amount),
            (json!({ "amount": null }), amount),
            (json!({ "amount": { "$gt": 0 } }), amount),
            (json!({}), amount),
            (json!({ "amount": 1, "currency": "XXX" }), "price.currency"),
            (json!({ "amount": 1, "currency": 5 }), "price.currency"),
            (json!(5), "price"),
        ] {
            let errors = fields::read::<Priced>(&json!({ "price": price }))
                .map(|priced| priced.0)
                .unwrap_err();
            let paths: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
            assert_eq!(paths, [path], "{price}: {errors:?}");
        }
    }
}
