//! What goes to the fanouts, in the shapes that a shop of services reads which hear of orders and
//! payments there: prices are bare numbers, and an order knows nothing of currencies.

use serde_json::{Value, json};

use super::joined::Joined;
use super::names::{ORDER_EVENTS, PAYMENT_EVENTS};
use crate::domain::money::Money;
use crate::domain::order::Order;
use crate::events::event::Event;
use crate::events::told::told;
use crate::services::payments::EXTERNAL;

/// The fanout that an event goes to, and what is said there.
pub(super) fn of(event: &Event, joined: &Joined) -> Option<(&'static str, Value)> {
    match event.name.as_str() {
        "ORDER_CREATED" => Some((ORDER_EVENTS, order_created(&event.data()?))),
        "PAYMENT_COMPLETED" => Some((PAYMENT_EVENTS, payment_result(event, joined, "SUCCESS")?)),
        "PAYMENT_FAILED" => Some((PAYMENT_EVENTS, payment_result(event, joined, "FAILED")?)),
        _ => None,
    }
}

fn order_created(order: &Order) -> Value {
    let data = json!({
        "orderId": order.id,
        "userId": order.user,
        "items": items(order),
        "totalAmount": order.bill.map(|bill| number(bill.total)),
        "status": order.status,
        "address": order.address,
        "createdAt": order.created_at,
        "paymentMethod": null, // it is chosen later
    });
    json!({ "type": "ORDER_CREATED", "data": data })
}

/// None where a service outside takes the money: it said so on this very fanout itself, and whoever
/// counts something down for each result there would do it twice.
fn payment_result(event: &Event, joined: &Joined, status: &str) -> Option<Value> {
    if event
        .data
        .get_str("method")
        .is_ok_and(|method| method == EXTERNAL)
    {
        return None;
    }
    let order = joined.order(event)?;
    let transaction = told(event).remove("paymentId").filter(|id| !id.is_null());
    let data = json!({
        "orderId": order.id,
        "userId": order.user,
        "status": status,
        "transactionId": transaction.unwrap_or_else(|| json!(event.entity)),
        "items": items(order),
    });
    Some(json!({ "type": "PAYMENT_RESULT", "data": data }))
}

fn items(order: &Order) -> Value {
    let items = order.lines.iter().map(|line| {
        json!({
            "productId": line.product,
            "name": line.title,
            "price": number(line.price),
            "quantity": line.quantity,
        })
    });
    items.collect()
}

/// An amount without its currency.
fn number(money: Money) -> Value {
    json!(money)["amount"].take()
}
