//! What the world outside is told of an event: JSON in the words of the API, whatever the words
//! of the store are. Queues, webhooks and streams all tell the same.

mod order;
mod product;
mod whose;

use bson::Bson;
use serde_json::{Map, Value, json};

use super::event::Event;
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::stock::TURNED;
use crate::domain::time::Timestamp;
use crate::store::document;

pub use whose::{Whose, whose};

/// Whether the world outside hears of an event at all. That orders have taken the last of a stock
/// is for this shop to know: whoever else wants to hear of it hears of the orders.
#[must_use]
pub fn is_told(event: &Event) -> bool {
    event.name != TURNED
}

/// What an event tells: the thing as the API shows it where the event knows all of it, else what
/// the event alone knows. `version` is the version that the thing has had since.
#[must_use]
pub fn told(event: &Event) -> Map<String, Value> {
    tell(event, None)
}

/// The same for a seller, who hears of an order the own lines alone and what they cost. Whether
/// the event is that seller's at all, [`whose()`] says.
#[must_use]
pub fn told_to(event: &Event, seller: Id) -> Map<String, Value> {
    tell(event, Some(seller))
}

fn tell(event: &Event, seller: Option<Id>) -> Map<String, Value> {
    let whole = match event.kind.as_str() {
        "order" => order::told(event, seller),
        "product" => product::told(event),
        _ => None,
    };
    let mut told = whole.unwrap_or_else(|| object(&event.data));
    told.entry("id").or_insert_with(|| json!(event.entity));
    told.insert("version".into(), json!(event.version));
    told
}

/// A document of the store in the words of the API.
fn object(document: &bson::Document) -> Map<String, Value> {
    let fields = document.iter();
    fields.map(|(name, field)| (name.clone(), value(field))).collect()
}

fn value(field: &Bson) -> Value {
    match field {
        Bson::ObjectId(id) => json!(Id::from(*id)),
        Bson::DateTime(time) => json!(Timestamp::from_millis(time.timestamp_millis())),
        Bson::Document(document) => money(document).unwrap_or_else(|| Value::Object(object(document))),
        Bson::Array(fields) => fields.iter().map(value).collect(),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

/// An amount, if that is what a document is.
fn money(fields: &bson::Document) -> Option<Value> {
    if fields.len() != 2 || !fields.contains_key("minor") {
        return None;
    }
    let money: Money = document::decode(&document::encode(fields)).ok()?;
    serde_json::to_value(money).ok()
}

#[cfg(test)]
mod tests {
    use bson::doc;
    use bson::oid::ObjectId;

    use super::*;

    #[test]
    fn that_orders_have_the_last_of_a_stock_is_told_to_nobody_outside() {
        for (name, outside) in [("STOCK_TURNED", false), ("STOCK_CHANGED", true)] {
            let row = bson::rawdoc! {
                "_id": "stock/01/0000000002.0000",
                "type": name,
                "kind": "stock",
                "entity": ObjectId::from_bytes([1; 12]),
                "version": 2_i64,
                "at": bson::DateTime::from_millis(0),
                "data": { "available": 0_i64 },
            };
            let event = Event::read(&row).expect("the row is an event");
            assert_eq!(is_told(&event), outside, "{name}");
        }
    }

    #[test]
    fn an_event_is_told_in_the_words_of_the_api() {
        let event = Event {
            id: "payment/01/0000000002.0000".into(),
            name: "PAYMENT_COMPLETED".into(),
            kind: "payment".into(),
            entity: Id::from_bytes([1; 12]),
            version: 2,
            at: Timestamp::from_millis(0),
            by: None,
            data: doc! {
                "id": ObjectId::from_bytes([1; 12]),
                "price": { "minor": 19_999_i64, "currency": "INR" },
                "createdAt": bson::DateTime::from_millis(1_700_000_000_123),
                "tries": [1, 2],
                "reason": null,
            },
        };
        let expected = json!({
            "id": "010101010101010101010101",
            "price": { "amount": 199.99, "currency": "INR" },
            "createdAt": "2023-11-14T22:13:20.123Z",
            "tries": [1, 2],
            "reason": null,
            "version": 2,
        });
        assert_eq!(Value::Object(told(&event)), expected);
    }
}
