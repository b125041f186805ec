//! Money that goes back, over HTTP.

use serde_json::json;

use crate::cart::put_up;
use crate::payments::{VERIFY, becomes, create, order_of, paid, pay, scene};

#[actix_web::test]
async fn a_cancelled_order_gives_its_money_back() {
    let (shop, cleo, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    anna.post(VERIFY, shown.clone()).await.expect(200);
    let cancelled = anna
        .post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    assert_eq!(cancelled.body["order"]["status"], "CANCELLED");
    let status = cancelled.body["order"]["payment"]["status"].clone();
    assert!(status == "REFUNDING" || status == "REFUNDED", "{status}");
    becomes(&anna, &order, "REFUNDED").await;
    // It did pay the order, and nobody is to believe that it did not: it says how it stands now.
    let late = anna.post(VERIFY, shown).await.expect(200);
    assert_eq!(late.body["payment"]["status"], "REFUNDED");
    let admin = shop.admin().await;
    let books = admin
        .get(&format!("/api/ops/ledger?order={order}"))
        .await
        .expect(200);
    assert_eq!(books.body["balanced"], true);
    let seller = format!("seller:{}", cleo.id);
    let totals = books.body["totals"].as_array().expect("totals");
    let of_cleo = totals.iter().find(|total| total["account"] == json!(seller));
    assert_eq!(
        of_cleo.expect("she had sold").get("amount"),
        Some(&json!({ "amount": 0, "currency": "INR" }))
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_payment_after_the_order_was_cancelled_goes_back() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    anna.post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    let shown = pay(&shop, &begun).await;
    let refused = anna.post(VERIFY, shown).await.expect(409);
    assert_eq!(refused.body["code"], "goes_back");
    becomes(&anna, &order, "REFUNDED").await;
    assert_eq!(order_of(&anna, &order).await["status"], "CANCELLED");
    shop.stop().await;
}

#[actix_web::test]
async fn an_administrator_gives_money_back_and_is_written_down() {
    let (shop, cleo, anna, order) = scene().await;
    let admin = shop.admin().await;
    let refund = format!("/api/payments/{order}/refund");
    admin.post(&refund, json!({})).await.expect(404);
    create(&anna, &order).await.expect(201);
    admin.post(&refund, json!({})).await.expect(409);
    paid(&shop, &anna, &order).await.expect(200);
    anna.post(&refund, json!({})).await.expect(403);
    admin.post(&refund, json!({})).await.expect(200);
    becomes(&anna, &order, "REFUNDED").await;
    admin.post(&refund, json!({})).await.expect(200);
    assert_eq!(order_of(&anna, &order).await["reason"], "by_admin");

    let product = put_up(&cleo, "5", 5).await;
    admin
        .patch(&format!("/api/inventory/{product}"), json!({ "onHand": 7 }))
        .await
        .expect(200);
    admin
        .post(&format!("/api/ops/actors/order/{order}/kill"), json!({}))
        .await
        .expect(200);
    admin
        .patch(
            &format!("/api/auth/users/{}/role", anna.id),
            json!({ "role": "seller" }),
        )
        .await
        .expect(200);
    let log = admin.get("/api/ops/audit-log?limit=100").await.expect(200);
    let entries = log.body["entries"].as_array().expect("entries");
    for wanted in [
        "PAYMENT_REFUNDING",
        "PAYMENT_REFUNDED",
        "ORDER_CANCELLED",
        "STOCK_CHANGED",
        "ACTOR_KILLED",
        "ROLE_CHANGED",
    ] {
        let many = entries.iter().filter(|entry| entry["type"] == wanted).count();
        assert_eq!(many, 1, "{wanted} in {}", log.text);
    }
    shop.stop().await;
}
