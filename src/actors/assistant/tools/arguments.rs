//! How arguments are read: strictly, but for numbers in quotes, which many models send, and for
//! whole numbers with a point in them, which some languages cannot tell apart.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Value, json};

use crate::domain::id::Id;
use crate::domain::money::{Currency, Money};
use crate::domain::quantity::Quantity;

/// How many of something.
pub(super) fn quantity<'de, D: Deserializer<'de>>(from: D) -> Result<Quantity, D::Error> {
    let count = whole::<u32>(&Value::deserialize(from)?).map_err(D::Error::custom)?;
    Quantity::new(count).map_err(D::Error::custom)
}

/// How many there are of something, be it none.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    whole(&Value::deserialize(from)?).map_err(D::Error::custom)
}

/// An amount of money in major units, as minor units; nothing for null.
pub(super) fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let text = match Value::deserialize(from)? {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(D::Error::custom("a price must be a number")),
    };
    let money = Money::parse(&text, Currency::Inr).map_err(D::Error::custom)?;
    if money.minor() < 0 {
        return Err(D::Error::custom("a price must not be negative"));
    }
    Ok(Some(money.minor()))
}

fn whole<N: FromStr<Err: Display>>(value: &Value) -> Result<N, String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err("must be a whole number".into()),
    };
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    digits
        .parse()
        .map_err(|_| format!("{text:?} is not a whole number in range"))
}

/// The schema of an object of these properties.
pub(super) fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    })
}

/// The schema of an id.
pub(super) fn id(of: &str) -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{24}$", "description": format!("The id of {of}") })
}

/// The schema of a quantity.
pub(super) fn quantity_schema() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": Quantity::MAX })
}

/// No arguments at all.
pub(super) fn none() -> Value {
    object(&json!({}), &[])
}

/// An id, whatever case and space a model puts around it.
pub(super) fn named<'de, D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
    let text = String::deserialize(from)?;
    text.trim().parse().map_err(D::Error::custom)
}
