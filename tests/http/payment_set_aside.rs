//! Money that the buyer's bank has set aside and nobody has taken yet: after some days it is the
//! buyer's again. No order counts as paid on it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::payments::{VERIFY, becomes, create, order_becomes, order_of, pay, scene_with};
use crate::sandbox::{switch, with_key};
use crate::shop::Shop;

/// Nobody tells the shop anything, and it looks by itself only where a test waits for that.
const SILENT: [(&str, &str); 2] = [
    ("outside.timeout_ms", "500"),
    ("payments.look_every_seconds", "3600"),
];

/// How a payment stands at the provider.
async fn at_the_provider(shop: &Shop, shown: &Value) -> Value {
    let payment = shown["razorpay_payment_id"].as_str().expect("a payment");
    let path = format!("/sandbox/razorpay/v1/payments/{payment}");
    let seen = with_key(shop, Method::GET, &path, Value::Null).await;
    seen.expect(200).body["status"].clone()
}

#[actix_web::test]
async fn money_that_is_only_set_aside_is_taken_before_its_order_counts_as_paid() {
    let (shop, _, anna, order) = scene_with(&SILENT).await;
    switch(&shop, json!({ "captureByHand": true, "webhooks": "dropped" })).await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    assert_eq!(at_the_provider(&shop, &shown).await, "authorized");
    let verified = anna.post(VERIFY, shown.clone()).await.expect(200);
    assert_eq!(verified.body["payment"]["status"], "SUCCESSFUL");
    assert_eq!(at_the_provider(&shop, &shown).await, "captured");
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    anna.post(VERIFY, shown).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn money_that_cannot_be_taken_pays_nothing() {
    let (shop, _, anna, order) = scene_with(&SILENT).await;
    let manual = json!({ "captureByHand": true, "webhooks": "dropped" });
    switch(&shop, manual).await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    for (fault, status, code) in [
        ("refuses", 502, "provider_refused"),
        ("error", 503, "unavailable"),
        ("timeout", 503, "unavailable"),
    ] {
        switch(&shop, json!({ "capture": { "does": fault, "times": 1 } })).await;
        anna.post(VERIFY, shown.clone()).await.problem(status, code);
        let now = order_of(&anna, &order).await;
        assert_eq!(
            (&now["status"], &now["payment"]["status"]),
            (&json!("PENDING"), &json!("PENDING")),
            "after {fault}"
        );
    }
    assert_eq!(at_the_provider(&shop, &shown).await, "authorized");
    anna.post(VERIFY, shown.clone()).await.expect(200);
    assert_eq!(at_the_provider(&shop, &shown).await, "captured");
    shop.stop().await;
}

#[actix_web::test]
async fn what_a_buyer_shows_while_the_provider_is_down_is_settled_when_it_is_back() {
    let settings = [
        ("outside.timeout_ms", "500"),
        ("payments.look_every_seconds", "1"),
    ];
    let (shop, _, anna, order) = scene_with(&settings).await;
    switch(&shop, json!({ "captureByHand": true, "webhooks": "dropped" })).await;
    let begun = create(&anna, &order).await.expect(201);
    switch(&shop, json!({ "read": "error" })).await;
    let shown = pay(&shop, &begun).await;
    let down = anna.post(VERIFY, shown.clone()).await.problem(503, "unavailable");
    assert!(!down.header("retry-after").is_empty(), "{}", down.text);
    assert_eq!(order_of(&anna, &order).await["status"], "PENDING");
    switch(&shop, json!({ "read": "works" })).await;
    becomes(&anna, &order, "SUCCESSFUL").await; // and the buyer's browser is closed
    order_becomes(&anna, &order, "CONFIRMED").await;
    assert_eq!(at_the_provider(&shop, &shown).await, "captured");
    shop.stop().await;
}
