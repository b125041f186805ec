//! Every switch of the sandbox against every way its webhooks can come. Whatever the provider makes
//! of a call, an order that was paid is confirmed, one that is given up is paid back, and the money
//! moves once each way.

use std::future::ready;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::payments::{becomes, comes_to, create, order_becomes, pay, scene_with};
use crate::sandbox::{SWITCHES, switch, with_key};
use crate::shop::Shop;

const CALLS: [&str; 4] = ["create", "read", "capture", "refund"];
const FAULTS: [&str; 5] = [
    "refuses",
    "error",
    "error_after_executing",
    "timeout",
    "timeout_after_executing",
];

/// A sale is mostly waiting: for what comes late, and for the next time that somebody looks.
const SIDE_BY_SIDE: usize = 6;

/// Every way in which something can go wrong or come late, as the switches for it.
fn troubles() -> Vec<Value> {
    let mut troubles = vec![
        json!({ "delayMs": 100 }),
        json!({ "captureAfterMs": 700 }),
        json!({ "refundAfterMs": 700 }),
        json!({ "webhookDelayMs": 700 }),
        json!({ "refundsFail": true }),
    ];
    for call in CALLS {
        for fault in FAULTS {
            let once = json!({ "does": fault, "times": 1 });
            // Nobody calls for a capture unless the provider leaves it to the shop.
            troubles.push(json!({ call: once, "captureByHand": call == "capture" }));
        }
    }
    troubles
}

/// Sells something under every trouble, each in a shop of its own, with webhooks that come like this.
async fn sales(webhooks: &str) {
    let sales = stream::iter(troubles()).map(async |mut trouble| {
        trouble["webhooks"] = json!(webhooks);
        let name = trouble.to_string();
        let ends_well = actix_web::rt::spawn(sale(trouble)).await.is_ok();
        (!ends_well).then_some(name)
    });
    let wrong = sales.buffer_unordered(SIDE_BY_SIDE).filter_map(ready);
    let wrong: Vec<_> = wrong.collect().await;
    assert!(
        wrong.is_empty(),
        "it did not end well under\n{}",
        wrong.join("\n")
    );
}

/// A buyer pays and closes the page: the shop has it from the provider alone. Then the order is
/// given up.
async fn sale(switches: Value) {
    let impatient = [
        ("outside.timeout_ms", "500"),
        ("payments.look_every_seconds", "1"),
    ];
    let (shop, _, anna, order) = scene_with(&impatient).await;
    let refunds_fail = switches["refundsFail"] == true;
    switch(&shop, switches).await;
    comes_to("the opening", &201, async || create(&anna, &order).await.status).await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    becomes(&anna, &order, "SUCCESSFUL").await;
    order_becomes(&anna, &order, "CONFIRMED").await;
    anna.post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    if refunds_fail {
        fails_to_refund(&shop, &shown["razorpay_payment_id"]).await;
        switch(&shop, json!({ "refundsFail": false })).await;
    }
    becomes(&anna, &order, "REFUNDED").await;
    order_becomes(&anna, &order, "CANCELLED").await;

    with_key(&shop, Method::DELETE, SWITCHES, json!({}))
        .await
        .expect(200);
    let (opened, payment) = (&shown["razorpay_order_id"], &shown["razorpay_payment_id"]);
    let opened = opened.as_str().expect("the provider's order");
    let payment = payment.as_str().expect("the provider's payment");
    let orders = at_the_provider(&shop, &format!("orders?receipt={order}")).await;
    assert_eq!(names(&orders), [opened], "the orders there of one here");
    let attempts = at_the_provider(&shop, &format!("orders/{opened}/payments")).await;
    assert_eq!(names(&attempts), [payment], "the payments of one order");
    assert_eq!(attempts[0]["status"], "refunded", "{attempts:?}");
    let refunds = at_the_provider(&shop, &format!("payments/{payment}/refunds")).await;
    let made = refunds.iter().filter(|refund| refund["status"] != "failed");
    let amounts: Vec<_> = made.map(|refund| &refund["amount"]).collect();
    assert_eq!(amounts, [&attempts[0]["amount"]], "what went back, of what came");
    let books = shop
        .admin()
        .await
        .get(&format!("/api/ops/ledger?order={order}"))
        .await;
    assert_eq!(books.expect(200).body["balanced"], true);
    shop.stop().await;
}

/// Waits until a refund of a payment has come to nothing.
async fn fails_to_refund(shop: &Shop, payment: &Value) {
    let path = format!("payments/{}/refunds", payment.as_str().expect("a payment"));
    let failed = async || {
        let refunds = at_the_provider(shop, &path).await;
        refunds.iter().any(|refund| refund["status"] == "failed")
    };
    comes_to("that a refund failed", &true, failed).await;
}

async fn at_the_provider(shop: &Shop, path: &str) -> Vec<Value> {
    let path = format!("/sandbox/razorpay/v1/{path}");
    let listed = with_key(shop, Method::GET, &path, json!({})).await.expect(200);
    listed.body["items"].as_array().expect("a list").clone()
}

fn names(things: &[Value]) -> Vec<&str> {
    let ids = things.iter().map(|thing| thing["id"].as_str());
    ids.map(|id| id.expect("an id")).collect()
}

#[actix_web::test]
async fn a_sale_ends_well_whatever_the_provider_does() {
    sales("sent").await;
}

#[actix_web::test]
async fn a_sale_ends_well_whatever_the_provider_does_and_says_twice() {
    sales("duplicated").await;
}

#[actix_web::test]
async fn a_sale_ends_well_whatever_the_provider_does_and_says_backwards() {
    sales("reversed").await;
}

#[actix_web::test]
async fn a_sale_ends_well_whatever_the_provider_does_and_keeps_to_itself() {
    sales("dropped").await;
}
