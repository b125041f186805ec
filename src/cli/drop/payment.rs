//! How a buyer of a sale pays: at the sandbox of the payment provider, as a browser would.

use reqwest::Method;
use serde_json::{Value, json};

use super::buyers::{Shop, text};
use crate::cli::Failure;

impl Shop {
    /// Pays for an order, and shows to the shop that it was paid.
    pub(super) async fn pay_for(&self, token: &str, order: &str) -> Result<(), Failure> {
        let create = format!("/api/payments/create/{order}");
        let begun = self.done(Method::POST, &create, token, json!({})).await?;
        let opened = text(&begun, "/razorpayOrderId")?;
        let pay = json!({ "order_id": opened, "outcome": "success" });
        // The provider is nobody that the token is for.
        let shown = self.done(Method::POST, "/sandbox/razorpay/pay", "", pay).await?;
        let verified = self
            .done(Method::POST, "/api/payments/verify", token, shown)
            .await?;
        match verified.pointer("/payment/status").and_then(Value::as_str) {
            Some("SUCCESSFUL") => Ok(()),
            _ => Err(format!("a payment was not taken: {verified}").into()),
        }
    }
}
