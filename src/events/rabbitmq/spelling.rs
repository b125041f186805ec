//! The seed queues are read by consumers that spell some names differently: they find both
//! spellings.

use serde_json::{Map, Value};

/// A name of ours and what it is called elsewhere.
const ALSO: [(&str, &str); 4] = [
    ("id", "_id"),
    ("total", "totalPrice"),
    ("productId", "product"),
    ("orderId", "order"),
];

/// The same with both spellings, all the way down.
pub(super) fn both_ways(object: Map<String, Value>) -> Map<String, Value> {
    let mut both: Map<_, _> = object
        .into_iter()
        .map(|(name, value)| (name, deep(value)))
        .collect();
    for (ours, theirs) in ALSO {
        if let Some(value) = both.get(ours).cloned() {
            both.entry(theirs).or_insert(value);
        }
    }
    both
}

fn deep(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(both_ways(object)),
        Value::Array(values) => values.into_iter().map(deep).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_consumer_finds_the_spelling_it_knows() {
        let ours = json!({ "id": "1", "total": { "amount": 5 }, "items": [{ "productId": "2" }] });
        let Value::Object(ours) = ours else {
            unreachable!("it is written as an object")
        };
        let both = json!({
            "id": "1", "_id": "1",
            "total": { "amount": 5 }, "totalPrice": { "amount": 5 },
            "items": [{ "productId": "2", "product": "2" }],
        });
        assert_eq!(Value::Object(both_ways(ours)), both);
    }
}
