//! The buyer at the checkout: he pays, or his bank says no.

use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::Open;
use super::call::{Outcome, Sent};
use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::domain::sandbox::{Attempted, Command, parse_order};
use crate::services::payments::razorpay::signature;

/// In place of a signature, for a payment that failed and proves nothing.
const UNSIGNED: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What the buyer does.
#[derive(Debug, Deserialize)]
struct Try {
    #[serde(alias = "razorpay_order_id", alias = "razorpayOrderId", alias = "orderId")]
    order_id: String,
    #[serde(default)]
    outcome: Will,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Will {
    /// He pays.
    #[default]
    Success,
    /// His bank says no.
    Failure,
}

/// What Razorpay's checkout hands to the page that opened it.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are Razorpay's names")]
pub(super) struct Paid {
    pub(super) razorpay_order_id: String,
    pub(super) razorpay_payment_id: String,
    pub(super) razorpay_signature: String,
}

/// Plays the buyer: `{"order_id", "outcome": "success" | "failure"}`.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "What the checkout hands to the shop's page"),
    (status = 400, description = "It cannot be paid"),
))]
#[post("/sandbox/razorpay/pay")]
pub(in crate::http) async fn pay(open: Open, sent: Sent) -> Outcome {
    let Open(sandbox) = open;
    let Try { order_id, outcome } = sent.read()?;
    let paid = attempt(&sandbox, &order_id, outcome).await?;
    Ok(HttpResponse::Ok().json(paid))
}

/// One attempt to pay an order.
pub(super) async fn attempt(sandbox: &Sandbox, name: &str, outcome: Will) -> Result<Paid, No> {
    let id = parse_order(name).ok_or_else(No::unknown)?;
    let switches = sandbox.switched().await?;
    let command = Command::Pay {
        agreed: outcome == Will::Success,
        capture: switches.captures(),
        again: switches.pay_again,
        manner: switches.manner(),
    };
    let order = sandbox.ask(id, command).await?;
    let named = Attempted {
        order: id,
        attempt: order.attempts.len() - 1,
    };
    let payment = named.payment_id();
    let signed = signature::checkout(name, &payment);
    Ok(Paid {
        razorpay_order_id: name.to_owned(),
        razorpay_signature: match outcome {
            Will::Success => signature::sign(&sandbox.keys().secret, signed.as_bytes()),
            Will::Failure => UNSIGNED.into(),
        },
        razorpay_payment_id: payment,
    })
}
