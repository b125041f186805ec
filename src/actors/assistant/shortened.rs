//! What a model reads of a long result: fewer items, each of them whole, and how many more there are.
//! Half of a JSON text would be no JSON, and a list that is not there reads like an empty one.

use serde_json::{Value, json};

/// So often is something cut: after that it is not the lists and texts that are long.
const CUTS_MAX: usize = 16;
/// The room that `,"more":12345` takes.
const MORE_BYTES: usize = 16;

/// The result as text, in no more than so many bytes.
pub(super) fn shortened(mut result: Value, bytes: usize) -> String {
    for _ in 0..CUTS_MAX {
        if length(&result) <= bytes {
            break;
        }
        cut(&mut result, bytes);
    }
    let text = result.to_string();
    if text.len() <= bytes {
        return text;
    }
    json!({ "error": { "code": "too_long", "message": "the result is too long to be read" } }).to_string()
}

/// Cuts what is the longest in it. Says how many items are left out.
fn cut(value: &mut Value, bytes: usize) -> usize {
    let long_by = length(value).saturating_sub(bytes);
    match value {
        _ if long_by == 0 => 0,
        Value::Object(fields) => {
            let longest = fields.iter_mut().max_by_key(|(_, field)| length(field));
            let Some((_, field)) = longest else { return 0 };
            let room = length(field).saturating_sub(long_by + MORE_BYTES);
            let more = cut(field, room);
            if more > 0 {
                let before = fields.get("more").and_then(Value::as_u64).unwrap_or_default();
                fields.insert("more".into(), json!(before + more as u64));
            }
            0
        }
        Value::Array(items) => {
            let mut taken = 2;
            let fitting = items.iter().take_while(|item| {
                taken += length(item) + 1;
                taken <= bytes
            });
            let (fitting, all) = (fitting.count().max(1), items.len());
            items.truncate(fitting);
            if fitting == 1 {
                for only in items {
                    cut(only, bytes.saturating_sub(2));
                }
            }
            all.saturating_sub(fitting)
        }
        Value::String(text) => {
            // A letter may take several bytes in JSON, so that half of them is surely less.
            text.truncate(text.floor_char_boundary(bytes.min(text.len() / 2)));
            text.push('…');
            0
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn length(value: &Value) -> usize {
    value.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: Value, bytes: usize) -> Value {
        let text = shortened(result, bytes);
        assert!(text.len() <= bytes, "{} bytes", text.len());
        serde_json::from_str(&text).expect("JSON")
    }

    #[test]
    fn a_list_is_cut_by_whole_items_and_says_how_many_more_there_are() {
        let item = |n: u32| json!({ "title": format!("Thing number {n:03}"), "quantity": n });
        let items: Vec<_> = (0..60).map(item).collect();
        let cart = read(
            json!({ "cart": { "items": items }, "totals": { "itemCount": 60 } }),
            1_000,
        );
        let (kept, more) = (&cart["cart"]["items"], &cart["cart"]["more"]);
        let kept = kept.as_array().expect("a list");
        assert!(kept.len() > 10, "{cart}");
        assert_eq!(kept.as_slice(), &items[..kept.len()]);
        assert_eq!(*more, 60 - kept.len(), "{cart}");
        assert_eq!(cart["totals"]["itemCount"], 60);
    }

    #[test]
    fn what_is_short_stays_as_it_is_and_long_texts_and_lists_in_lists_are_cut() {
        let short = json!({ "orders": [{ "items": [1, 2, 3] }] });
        assert_eq!(read(short.clone(), 1_000), short);
        let product = read(
            json!({ "product": { "description": "\u{1}é".repeat(5_000) } }),
            1_000,
        );
        assert!(product["product"]["description"].is_string(), "{product}");
        let items: Vec<_> = (0..1_000).collect();
        let orders = read(
            json!({ "orders": [{ "id": "one", "items": items }, { "id": "two" }] }),
            1_000,
        );
        assert_eq!(
            (&orders["orders"][0]["id"], &orders["more"]),
            (&json!("one"), &json!(1))
        );
        assert!(orders["orders"][0]["more"].as_u64() > Some(100), "{orders}");
    }
}
