//! What a mail about an event needs to know, in the words that the notifiers of the systems before
//! this one read.

use serde_json::{Map, Value, json};

use super::joined::Joined;
use crate::events::event::Event;
use crate::events::told::told;

/// The letter about an event; `None` where nobody would be written to.
pub(super) fn about(event: &Event, joined: &Joined) -> Option<Map<String, Value>> {
    let thing = told(event);
    let field = |name: &str| thing.get(name).cloned().unwrap_or_default();
    let said = match event.kind.as_str() {
        "account" if thing.contains_key("email") => json!({ "id": event.entity, "userId": event.entity }),
        "product" => json!({
            "productId": event.entity,
            "sellerId": field("seller"),
            "title": field("title"),
            "price": field("price"),
            "stock": joined.count(event).map(|count| count.on_hand),
        }),
        "order" if thing.contains_key("items") => json!({
            "orderId": event.entity,
            "status": field("status"),
            "reason": field("reason"),
            "items": field("items"),
            "total": field("total"),
        }),
        "payment" => payment(event, &thing),
        _ => return None,
    };
    let Value::Object(mut letter) = said else {
        return None;
    };
    address(&mut letter, event, joined, &thing);
    Some(letter)
}

fn payment(event: &Event, thing: &Map<String, Value>) -> Value {
    let field = |name: &str| thing.get(name).cloned();
    let price = field("price").unwrap_or_default();
    let own = || json!(event.entity);
    json!({
        "orderId": field("orderId").or_else(|| field("order")),
        "paymentId": field("paymentId").filter(|id| !id.is_null()).unwrap_or_else(own),
        "amount": price["amount"],
        "currency": price["currency"],
    })
}

/// To whom it goes.
fn address(letter: &mut Map<String, Value>, event: &Event, joined: &Joined, thing: &Map<String, Value>) {
    let person = joined
        .person(event)
        .and_then(|person| serde_json::to_value(person).ok());
    for name in ["email", "username", "fullName"] {
        let known = person.as_ref().map(|person| person[name].clone());
        let known = known.or_else(|| thing.get(name).cloned());
        letter.insert(name.into(), known.unwrap_or_default());
    }
}
