//! The switches of the sandbox, for tests and demonstrations: what is posted changes those
//! switches that it names, and deleting sets all of them back.

use actix_web::{HttpResponse, delete, get, post};
use serde_json::{Map, Value};

use super::account::Account;
use super::call::{Outcome, Sent};
use super::refusal::No;
use crate::domain::sandbox::Switches;

/// How the switches stand.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "Every switch"),
    (status = 401, description = "The key is wrong"),
))]
#[get("/sandbox/razorpay/switches")]
pub(in crate::http) async fn show(account: Account) -> Outcome {
    Ok(HttpResponse::Ok().json(account.0.switched().await?))
}

/// Changes some of the switches.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "Every switch"),
    (status = 400, description = "There is no such switch, or it cannot be switched so"),
    (status = 401, description = "The key is wrong"),
))]
#[post("/sandbox/razorpay/switches")]
pub(in crate::http) async fn switch(account: Account, sent: Sent) -> Outcome {
    let wanted: Map<String, Value> = sent.read()?;
    let switches = changed(account.0.switched().await?, wanted)?;
    Ok(HttpResponse::Ok().json(account.0.switch(switches).await?))
}

/// Sets every switch back.
#[utoipa::path(tag = "sandbox", responses(
    (status = 200, description = "Every switch"),
    (status = 401, description = "The key is wrong"),
))]
#[delete("/sandbox/razorpay/switches")]
pub(in crate::http) async fn reset(account: Account) -> Outcome {
    let switches = account.0.switch(Switches::default()).await?;
    Ok(HttpResponse::Ok().json(switches))
}

fn changed(switches: Switches, wanted: Map<String, Value>) -> Result<Switches, No> {
    let unreadable = |why: serde_json::Error| No::BadRequest(format!("The switches cannot be read: {why}"));
    let mut all = serde_json::to_value(switches).map_err(unreadable)?;
    for (name, to) in wanted {
        let place = all.get_mut(&name);
        *place.ok_or_else(|| No::BadRequest(format!("There is no switch {name}")))? = to;
    }
    serde_json::from_value(all).map_err(unreadable)
}
