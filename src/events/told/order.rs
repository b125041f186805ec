//! An order as an event tells of it: as its buyer sees it in the API, or one of its sellers.

use serde_json::{Map, Value, json};

use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order::{Line, Order};
use crate::events::event::Event;

/// The order that an event carries, or what of it is this seller's; `None` when the event carries
/// but a part of it.
pub(super) fn told(event: &Event, seller: Option<Id>) -> Option<Map<String, Value>> {
    let order: Order = event.data()?;
    let lines: Vec<_> = match seller {
        Some(seller) => order.lines_of(seller).collect(),
        None => order.lines.iter().collect(),
    };
    // What others sell to the same buyer follows from any figure of the whole.
    let bill = order.bill.filter(|_| seller.is_none());
    let subtotal = match seller {
        Some(_) => sum(&lines),
        None => bill.map(|bill| bill.subtotal),
    };
    let told = json!({
        "id": order.id,
        "user": order.user,
        "items": lines.into_iter().map(item).collect::<Vec<_>>(),
        "subtotal": subtotal,
        "tax": bill.map(|bill| bill.tax),
        "shipping": bill.map(|bill| bill.shipping),
        "total": bill.map(|bill| bill.total),
        "status": order.status,
        "reason": order.reason,
        "shippingAddress": order.address,
        "expiresAt": order.expires_at,
        "createdAt": order.created_at,
        "updatedAt": order.updated_at,
    });
    match told {
        Value::Object(told) => Some(told),
        _ => None,
    }
}

/// What some lines cost together; `None` when they have no currency in common.
fn sum(lines: &[&Line]) -> Option<Money> {
    let mut costs = lines.iter().map(|line| line.total().ok());
    let first = costs.next()??;
    costs.try_fold(first, |sum, cost| sum.plus(cost?).ok())
}

fn item(line: &Line) -> Value {
    json!({
        "productId": line.product,
        "title": line.title,
        "price": line.price,
        "quantity": line.quantity,
        "lineTotal": line.total().ok(),
        "seller": line.seller,
        "parcel": line.parcel,
    })
}
