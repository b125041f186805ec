//! Payments and refunds at the sandbox.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get, post};
use serde::Deserialize;

use super::account::Account;
use super::call::{self, Outcome, Sent};
use super::orders;
use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::domain::money::Money;
use crate::domain::sandbox::{Attempted, Command, Operation, SandboxOrder, order_id, parse_attempt, wire};
use crate::http::state::Web;

/// Names a refund.
const IDEMPOTENCY: &str = "x-refund-idempotency";
/// A shorter key is refused.
const KEY_MIN: usize = 10;

/// What is to be captured.
#[derive(Debug, Deserialize)]
struct Take {
    amount: i64,
    currency: Option<String>,
}

/// What is to be given back.
#[derive(Debug, Deserialize)]
struct GiveBack {
    amount: Option<i64>,
    receipt: Option<String>,
}

/// Reads a payment.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The payment, as Razorpay writes it"),
    (status = 400, description = "There is no such payment"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/v1/payments/{id}")]
pub(in crate::http) async fn show(account: Account, web: Data<Web>, id: Path<String>) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Read, async |_| {
        let (order, attempt) = payment(&sandbox, &id).await?;
        Ok(wire::payment(&order, attempt))
    })
    .await
}

/// Takes the money that a payment has set aside.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The payment, as Razorpay writes it"),
    (status = 400, description = "It cannot be captured"),
    (status = 401, description = "The key is wrong"),
))]
#[post("/sandbox/razorpay/v1/payments/{id}/capture")]
pub(in crate::http) async fn capture(
    account: Account,
    web: Data<Web>,
    id: Path<String>,
    sent: Sent,
) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Capture, async |switches| {
        let take: Take = sent.read()?;
        let (order, attempt) = payment(&sandbox, &id).await?;
        let currency = take.currency.map(|currency| currency.parse());
        let currency = currency.unwrap_or(Ok(order.amount.currency()));
        let currency = currency.map_err(|_| No::BadRequest("Currency is not supported".into()))?;
        let command = Command::Capture {
            attempt,
            amount: Money::of_minor(take.amount, currency),
            manner: switches.manner(),
        };
        Ok(wire::payment(&sandbox.ask(order.id, command).await?, attempt))
    })
    .await
}

/// Gives a payment back. The same `X-Refund-Idempotency` is the same refund.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The refund, as Razorpay writes it"),
    (status = 400, description = "It cannot be given back"),
    (status = 401, description = "The key is wrong"),
))]
#[post("/sandbox/razorpay/v1/payments/{id}/refund")]
pub(in crate::http) async fn refund(
    account: Account,
    web: Data<Web>,
    id: Path<String>,
    request: HttpRequest,
    sent: Sent,
) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Refund, async |switches| {
        let give: GiveBack = sent.read()?;
        let key = key(&request)?;
        let (order, attempt) = payment(&sandbox, &id).await?;
        let command = Command::Refund {
            attempt,
            amount: give.amount,
            key: key.clone(),
            receipt: give.receipt,
            fate: switches.fate(),
            manner: switches.manner(),
        };
        let order = sandbox.ask(order.id, command).await?;
        wire::refund(&order, attempt, key.as_deref()).ok_or(No::Trouble)
    })
    .await
}

/// Lists the refunds of a payment.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The refunds, as Razorpay writes them"),
    (status = 400, description = "There is no such payment"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/v1/payments/{id}/refunds")]
pub(in crate::http) async fn refunds(account: Account, web: Data<Web>, id: Path<String>) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Read, async |_| {
        let (order, attempt) = payment(&sandbox, &id).await?;
        Ok(wire::collection(&wire::refunds(&order, attempt)))
    })
    .await
}

/// The order of the payment of this name, and which attempt at it the payment is.
async fn payment(sandbox: &Sandbox, name: &str) -> Result<(SandboxOrder, usize), No> {
    let Attempted { order, attempt } = parse_attempt(name).ok_or_else(No::unknown)?;
    let order = orders::order(sandbox, &order_id(order)).await?;
    if attempt < order.attempts.len() {
        Ok((order, attempt))
    } else {
        Err(No::unknown())
    }
}

fn key(request: &HttpRequest) -> Result<Option<String>, No> {
    let Some(key) = request.headers().get(IDEMPOTENCY) else {
        return Ok(None);
    };
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let key = key.to_str().ok();
    let key = key.filter(|key| key.len() >= KEY_MIN && key.bytes().all(right));
    let key = key.ok_or_else(|| No::BadRequest("The idempotency key is not a valid one".into()))?;
    Ok(Some(key.to_owned()))
}
