//! Orders at the sandbox.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use serde::Deserialize;
use serde_json::Value;

use super::account::Account;
use super::call::{self, Outcome, Sent};
use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::domain::money::Money;
use crate::domain::sandbox::{Operation, SandboxOrder, parse_order, wire};
use crate::http::state::Web;

/// A longer receipt is refused,
const RECEIPT_MAX: usize = 40;
/// and so are more notes,
const NOTES_MAX: usize = 15;
/// and longer ones.
const NOTE_MAX: usize = 256;

/// What an order is made from.
#[derive(Debug, Deserialize)]
struct Wanted {
    amount: i64,
    currency: String,
    receipt: Option<String>,
    #[serde(default)]
    notes: Value,
}

/// By what orders are found.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct Search {
    receipt: Option<String>,
}

/// Makes an order.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "The order, as Razorpay writes it"),
    (status = 400, description = "It cannot be made"),
    (status = 401, description = "The key is wrong"),
))]
#[post("/sandbox/razorpay/v1/orders")]
pub(in crate::http) async fn open(account: Account, web: Data<Web>, sent: Sent) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Create, async |_| {
        let wanted: Wanted = sent.read()?;
        let (amount, notes) = (amount(&wanted)?, notes(&wanted.notes)?);
        if wanted
            .receipt
            .as_ref()
            .is_some_and(|receipt| receipt.len() > RECEIPT_MAX)
        {
            return Err(No::BadRequest(
                "receipt: the length must be no more than 40.".into(),
            ));
        }
        Ok(wire::order(&sandbox.open(wanted.receipt, amount, notes).await?))
    })
    .await
}

/// Lists the orders with a receipt.
#[utoipa::path(tag = "sandbox", params(("receipt" = Option<String>, Query)), responses(
    (status = 200, description = "The orders, as Razorpay writes them"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/v1/orders")]
pub(in crate::http) async fn list(account: Account, web: Data<Web>, search: Query<Search>) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Read, async |_| {
        let receipt = search.into_inner().receipt;
        let receipt = receipt.ok_or_else(|| No::BadRequest("The sandbox lists orders by receipt".into()))?;
        let found = sandbox.with_receipt(&receipt).await?;
        let found: Vec<_> = found.iter().map(wire::order).collect();
        Ok(wire::collection(&found))
    })
    .await
}

/// Reads an order.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The order, as Razorpay writes it"),
    (status = 400, description = "There is no such order"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/v1/orders/{id}")]
pub(in crate::http) async fn show(account: Account, web: Data<Web>, id: Path<String>) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Read, async |_| {
        Ok(wire::order(&order(&sandbox, &id).await?))
    })
    .await
}

/// Lists the attempts to pay an order.
#[utoipa::path(tag = "sandbox", params(("id" = String, Path)), responses(
    (status = 200, description = "The payments, as Razorpay writes them"),
    (status = 400, description = "There is no such order"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/v1/orders/{id}/payments")]
pub(in crate::http) async fn payments(account: Account, web: Data<Web>, id: Path<String>) -> Outcome {
    let Account(sandbox) = account;
    call::make(&web, &sandbox, Operation::Read, async |_| {
        let order = order(&sandbox, &id).await?;
        let payments = (0..order.attempts.len()).map(|attempt| wire::payment(&order, attempt));
        Ok(wire::collection(&payments.collect::<Vec<_>>()))
    })
    .await
}

/// The order of this name.
pub(super) async fn order(sandbox: &Sandbox, name: &str) -> Result<SandboxOrder, No> {
    let id = parse_order(name).ok_or_else(No::unknown)?;
    sandbox.see(id).await?.ok_or_else(No::unknown)
}

fn amount(wanted: &Wanted) -> Result<Money, No> {
    let currency = wanted.currency.parse();
    let currency = currency.map_err(|_| No::BadRequest("Currency is not supported".into()))?;
    Ok(Money::of_minor(wanted.amount, currency))
}

/// Razorpay takes an empty list for no notes, too.
fn notes(notes: &Value) -> Result<BTreeMap<String, String>, No> {
    let Value::Object(notes) = notes else {
        return Ok(BTreeMap::new());
    };
    let text = |(name, note): (&String, &Value)| {
        let note = note.as_str().map_or_else(|| note.to_string(), str::to_owned);
        (name.clone(), note)
    };
    let notes: BTreeMap<_, _> = notes.iter().map(text).collect();
    let too_long = notes.values().any(|note| note.len() > NOTE_MAX);
    if notes.len() > NOTES_MAX || too_long {
        return Err(No::BadRequest(
            "notes: there are too many, or they are too long.".into(),
        ));
    }
    Ok(notes)
}
