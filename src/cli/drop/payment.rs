//! How a buyer of a sale pays: at the sandbox of the payment provider, as a browser would. And what
//! the ledger of the shop says of it afterwards.

use reqwest::Method;
use serde_json::{Value, json};

use super::buyers::{Shop, text};
use crate::cli::Failure;
use crate::domain::money::Money;

/// What the ledger says when all is over.
pub(super) struct Ledger {
    /// How many orders were looked up in it.
    pub(super) orders: usize,
    /// Whether it comes to nothing, as a whole and for each of them.
    pub(super) balanced: bool,
    /// Orders for which more or less was taken, and not given back, than they cost.
    pub(super) mispaid: Vec<String>,
}

impl Ledger {
    /// What was taken and not given back is what the orders cost, and nothing is unaccounted for.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if !self.balanced {
            return Err("UNBALANCED: the shop's ledger does not come to nothing".into());
        }
        let (orders, mispaid) = (self.orders, self.mispaid.len());
        match self.mispaid.first() {
            None => Ok(()),
            Some(one) => {
                let what = format!("{mispaid} of {orders} orders cost more or less than was taken");
                Err(format!("MISPAID: {what}, among them {one}").into())
            }
        }
    }
}

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

    /// Looks up in the ledger what was taken for these orders, each with what it costs.
    pub(super) async fn ledger(&self, orders: &[(String, Value)]) -> Result<Ledger, Failure> {
        let mut ledger = Ledger {
            orders: orders.len(),
            balanced: self.books_of("limit=1").await?["balanced"] == true,
            mispaid: Vec::new(),
        };
        for (order, total) in orders {
            let books = self.books_of(&format!("order={order}&limit=100")).await?;
            ledger.balanced &= books["balanced"] == true;
            if taken(&books)? != money(total)?.minor() {
                ledger.mispaid.push(order.clone());
            }
        }
        Ok(ledger)
    }

    async fn books_of(&self, which: &str) -> Result<Value, Failure> {
        let path = format!("/api/ops/ledger?{which}");
        self.done(Method::GET, &path, self.admin(), Value::Null).await
    }
}

/// What came from buyers and did not go back, by some entries of the ledger.
fn taken(books: &Value) -> Result<i64, Failure> {
    let entries = books["entries"].as_array().ok_or("a ledger without entries")?;
    let at_a_provider = |entry: &&Value| {
        let account = entry["account"].as_str().unwrap_or_default();
        account.starts_with("provider:") && (entry["matter"] == "capture" || entry["matter"] == "refund")
    };
    let moved = entries.iter().filter(at_a_provider);
    let moved = moved.map(|entry| Ok(money(&entry["amount"])?.minor()));
    moved.sum()
}

fn money(amount: &Value) -> Result<Money, Failure> {
    Ok(serde_json::from_value(amount.clone())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_what_came_less_what_went_back() {
        let entry = |matter: &str, account: &str, amount: f64| {
            let amount = json!({ "amount": amount, "currency": "INR" });
            json!({ "matter": matter, "account": account, "amount": amount })
        };
        let entries = [
            entry("capture", "provider:razorpay", 999.5),
            entry("capture", "buyer:65a1", -999.5),
            entry("fee", "provider:razorpay", -23.58),
            entry("capture", "provider:razorpay", 999.5),
            entry("refund", "provider:razorpay", -999.5),
        ];
        let books = json!({ "entries": entries });
        assert_eq!(taken(&books).expect("it can be read"), 99_950);
        assert!(taken(&json!({})).is_err());
    }
}
