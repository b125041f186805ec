//! An order that its buyer pays twice.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::payments::{VERIFY, comes_to, create, order_of, pay, scene};
use crate::sandbox::{switch, with_key};
use crate::shop::{Admin, Caller};

/// What the books say of an order, without what is nothing.
async fn accounts(admin: &Admin, order: &str) -> BTreeMap<String, Value> {
    let books = admin.get(&format!("/api/ops/ledger?order={order}&limit=1")).await;
    let books = books.expect(200).body;
    assert_eq!(books["balanced"], true, "{books}");
    let totals = books["totals"].as_array().expect("totals");
    let has = |total: &Value| {
        let account = total["account"].as_str().expect("an account").to_owned();
        (account, total["amount"]["amount"].clone())
    };
    totals
        .iter()
        .map(has)
        .filter(|(_, amount)| *amount != json!(0))
        .collect()
}

/// How everything stands about an order: the order, its payment, the books.
pub(crate) type Standing = (Value, Value, BTreeMap<String, Value>);

pub(crate) async fn standing(admin: &Admin, buyer: &Caller, id: &str) -> Standing {
    let order = order_of(buyer, id).await;
    let payment = order["payment"]["status"].clone();
    (order["status"].clone(), payment, accounts(admin, id).await)
}

#[actix_web::test]
async fn what_is_paid_twice_goes_back_once() {
    let (shop, cleo, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    switch(&shop, json!({ "payAgain": true })).await;
    let (first, second) = (pay(&shop, &begun).await, pay(&shop, &begun).await);
    anna.post(VERIFY, first.clone()).await.expect(200);
    let late = anna.post(VERIFY, second.clone()).await;
    assert_eq!(
        late.problem(409, "goes_back").body["payment"]["paymentId"],
        first["razorpay_payment_id"]
    );
    let admin = shop.admin().await;
    // Two fees were kept, and one price.
    let books = [
        ("fees".to_owned(), json!(18.88)),
        ("provider:razorpay".to_owned(), json!(381.1)),
        (format!("seller:{}", cleo.id), json!(-399.98)),
    ];
    let end = (json!("CONFIRMED"), json!("SUCCESSFUL"), books.into());
    comes_to("the order", &end, async || standing(&admin, &anna, &order).await).await;
    let log = admin.get("/api/ops/audit-log?limit=100").await.expect(200);
    let entries = log.body["entries"].as_array().expect("entries");
    let back: Vec<_> = entries
        .iter()
        .filter(|entry| entry["type"] == "PAYMENT_REFUNDED")
        .map(|entry| &entry["data"]["paymentId"])
        .collect();
    assert_eq!(back, [&second["razorpay_payment_id"]], "{}", log.text);
    shop.stop().await;
}

#[actix_web::test]
async fn what_cannot_go_back_now_does_not_keep_the_rest_from_it() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    switch(&shop, json!({ "payAgain": true, "webhooks": "dropped" })).await;
    anna.post(VERIFY, pay(&shop, &begun).await).await.expect(200);
    let (second, third) = (pay(&shop, &begun).await, pay(&shop, &begun).await);
    let refuses = json!({ "refund": { "does": "refuses", "times": 1 } });
    switch(&shop, refuses).await;
    for shown in [&second, &third] {
        let late = anna.post(VERIFY, shown.clone()).await;
        late.problem(409, "goes_back");
    }
    let refunds = async |shown: &Value| {
        let payment = shown["razorpay_payment_id"].as_str().expect("a payment");
        let path = format!("/sandbox/razorpay/v1/payments/{payment}/refunds");
        let listed = with_key(&shop, Method::GET, &path, Value::Null).await;
        listed.expect(200).body["count"].clone()
    };
    assert_eq!(
        refunds(&third).await,
        1,
        "the second rests, and the third does not"
    );
    comes_to("what rested", &json!(1), async || refunds(&second).await).await;
    shop.stop().await;
}
