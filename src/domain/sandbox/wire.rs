//! Things of the sandbox as Razorpay writes them: amounts in the smallest unit, times in seconds.

use serde_json::{Map, Value, json};

use super::{Attempt, Attempted, Refund, RefundState, SandboxOrder, State, order_id};
use crate::domain::money::Money;
use crate::domain::time::Timestamp;

/// The sandbox keeps two per cent, in hundredths of one,
const FEE: u32 = 200;
/// and on that the tax.
const TAX: u32 = 1_800;

/// An order.
#[must_use]
pub fn order(order: &SandboxOrder) -> Value {
    let (amount, paid) = (order.amount.minor(), order.is_paid());
    let status = match (paid, order.attempts.is_empty()) {
        (true, _) => "paid",
        (false, false) => "attempted",
        (false, true) => "created",
    };
    json!({
        "id": order_id(order.id),
        "entity": "order",
        "amount": amount,
        "amount_paid": if paid { amount } else { 0 },
        "amount_due": if paid { 0 } else { amount },
        "currency": order.amount.currency().code(),
        "receipt": order.receipt,
        "offer_id": null,
        "status": status,
        "attempts": order.attempts.len(),
        "notes": order.notes,
        "created_at": order.created_at.seconds(),
    })
}

/// A payment: one attempt at an order.
#[must_use]
pub fn payment(order: &SandboxOrder, attempt: usize) -> Value {
    let Some(paid) = order.attempts.get(attempt) else {
        return Value::Null;
    };
    let mut payment = base(order, attempt, paid);
    payment.extend(fees(order.amount, paid));
    payment.extend(decline(paid));
    Value::Object(payment)
}

fn base(order: &SandboxOrder, attempt: usize, paid: &Attempt) -> Map<String, Value> {
    let named = Attempted {
        order: order.id,
        attempt,
    };
    let refund = paid.refund.as_ref();
    let back = refund.is_some_and(|refund| refund.state != RefundState::Failed);
    let status = match paid.state {
        State::Authorized => "authorized",
        State::Captured => "captured",
        State::Refunded => "refunded",
        State::Failed => "failed",
    };
    object(json!({
        "id": named.payment_id(),
        "entity": "payment",
        "amount": order.amount.minor(),
        "currency": order.amount.currency().code(),
        "status": status,
        "order_id": order_id(order.id),
        "invoice_id": null,
        "international": false,
        "method": "upi",
        "vpa": "shopper@sandbox",
        "amount_refunded": if back { order.amount.minor() } else { 0 },
        "refund_status": if back { Value::from("full") } else { Value::Null },
        "captured": matches!(paid.state, State::Captured | State::Refunded),
        "description": null,
        "notes": order.notes,
        "created_at": paid.at.seconds(),
    }))
}

/// What is kept of a captured payment.
fn fees(amount: Money, paid: &Attempt) -> Map<String, Value> {
    let captured = matches!(paid.state, State::Captured | State::Refunded);
    let share = amount.share(FEE).ok().filter(|_| captured);
    let tax = share.and_then(|share| share.share(TAX).ok());
    let fee = share.zip(tax).and_then(|(share, tax)| share.plus(tax).ok());
    object(json!({ "fee": fee.map(Money::minor), "tax": tax.map(Money::minor) }))
}

fn decline(paid: &Attempt) -> Map<String, Value> {
    if paid.state != State::Failed {
        return object(json!({ "error_code": null, "error_description": null }));
    }
    object(json!({
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": "Payment failed because the buyer's bank declined it",
        "error_source": "bank",
        "error_step": "payment_authorization",
        "error_reason": "payment_failed",
    }))
}

/// The refund of an attempt that was made under a key; the last one if there is no key.
#[must_use]
pub fn refund(order: &SandboxOrder, attempt: usize, key: Option<&str>) -> Option<Value> {
    let made = order.attempts.get(attempt)?.refunds().enumerate();
    let (number, _) = made
        .filter(|(_, made)| key.is_none() || made.key.as_deref() == key)
        .last()?;
    refunds(order, attempt).into_iter().nth(number)
}

/// The refunds of an attempt, the last one last.
#[must_use]
pub fn refunds(order: &SandboxOrder, attempt: usize) -> Vec<Value> {
    let made = order.attempts.get(attempt).into_iter().flat_map(Attempt::refunds);
    made.enumerate()
        .map(|(number, made)| one_refund(order, attempt, number, made))
        .collect()
}

fn one_refund(order: &SandboxOrder, attempt: usize, number: usize, refund: &Refund) -> Value {
    let named = Attempted {
        order: order.id,
        attempt,
    };
    let status = match refund.state {
        RefundState::Pending => "pending",
        RefundState::Processed => "processed",
        RefundState::Failed => "failed",
    };
    json!({
        "id": named.refund_id(number),
        "entity": "refund",
        "amount": order.amount.minor(),
        "currency": order.amount.currency().code(),
        "payment_id": named.payment_id(),
        "receipt": refund.receipt,
        "notes": {},
        "acquirer_data": { "arn": null },
        "batch_id": null,
        "status": status,
        "speed_requested": "normal",
        "speed_processed": "normal",
        "created_at": refund.at.seconds(),
    })
}

/// Some things in a list.
#[must_use]
pub fn collection(items: &[Value]) -> Value {
    json!({ "entity": "collection", "count": items.len(), "items": items })
}

/// The body of a webhook that tells of an attempt.
pub(super) fn event(of: &SandboxOrder, name: &str, attempt: usize, now: Timestamp) -> String {
    let mut payload = Map::new();
    let mut tell = |what: &str, entity: Value| payload.insert(what.to_owned(), json!({ "entity": entity }));
    if name.starts_with("refund.") {
        tell("refund", refund(of, attempt, None).unwrap_or_default());
    }
    tell("payment", payment(of, attempt));
    if name.starts_with("order.") {
        tell("order", order(of));
    }
    let contains: Vec<_> = payload.keys().cloned().collect();
    let event = json!({
        "entity": "event",
        "account_id": "acc_bazaarsandbox",
        "event": name,
        "contains": contains,
        "payload": payload,
        "created_at": now.seconds(),
    });
    event.to_string()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
