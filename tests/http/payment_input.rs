//! Payments that somebody makes wrongly: too late, twice, at once, or in shapes that nobody knows.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::payments::{
    VERIFY, becomes, create, events, order_becomes, order_of, paid, pay, promise, scene, scene_with,
};
use crate::sandbox::with_key;

#[actix_web::test]
async fn an_order_that_has_expired_is_not_made_payable() {
    let (shop, _, anna, order) = scene_with(&[("orders.hold_seconds", "1")]).await;
    order_becomes(&anna, &order, "CANCELLED").await;
    assert_eq!(order_of(&anna, &order).await["reason"], "expired");
    create(&anna, &order).await.problem(409, "not_now");
    promise(&anna, &order).await.problem(409, "not_now");
    shop.stop().await;
}

#[actix_web::test]
async fn what_a_client_says_a_payment_costs_is_nobodys_price() {
    let (shop, _, anna, order) = scene().await;
    let cheap = json!({
        "amount": 1, "price": { "amount": 0.01, "currency": "INR" }, "currency": "PKR",
        "user": "0123456789abcdef01234567", "status": "SUCCESSFUL", "on_delivery": true,
    });
    let path = format!("/api/payments/create/{order}");
    let begun = anna.post(&path, cheap).await.expect(201);
    let payment = &begun.body["payment"];
    assert_eq!(payment["price"], json!({ "amount": 399.98, "currency": "INR" }));
    assert_eq!(
        (&payment["status"], &payment["user"], &payment["method"]),
        (&json!("PENDING"), &json!(anna.id), &json!("razorpay"))
    );
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_no_proof_of_a_payment_is_refused_field_by_field() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    let fields = ["razorpay_order_id", "razorpay_payment_id", "razorpay_signature"];
    for field in fields {
        for bad in [
            Value::Null,
            json!(""),
            json!(7),
            json!(true),
            json!([shown[field]]),
            json!({ "$ne": "" }),
            json!("x".repeat(1_000)),
        ] {
            let mut wrong = shown.clone();
            wrong[field] = bad;
            let refused = anna.post(VERIFY, wrong.clone()).await.problem(400, "invalid");
            assert_eq!(refused.bad_fields(), [field], "{wrong}");
        }
    }
    let nothing = anna.post(VERIFY, json!({})).await.problem(400, "invalid");
    assert_eq!(nothing.bad_fields(), fields);
    for body in ["", "{", "[]", "null", "7"] {
        let call = anna
            .call(Method::POST, VERIFY)
            .header("content-type", "application/json");
        call.bytes(body).send().await.problem(400, "malformed_json");
    }
    shop.visitor()
        .post(VERIFY, shown.clone())
        .await
        .problem(401, "unauthenticated");
    // The provider tells of the good payment by itself as well: nobody knows who is first.
    anna.post(VERIFY, shown).await.expect(200);
    let told = events(&shop, "payment", &order).await;
    let failed = told.iter().filter(|name| *name == "PAYMENT_FAILED");
    assert_eq!(failed.count(), 0, "{told:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn twenty_proofs_of_one_payment_at_once_pay_one_order_once() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&shop, &begun).await;
    for verified in join_all((0..20).map(|_| anna.post(VERIFY, shown.clone()))).await {
        assert_eq!(verified.expect(200).body["payment"]["status"], "SUCCESSFUL");
    }
    let happened = events(&shop, "payment", &order).await;
    let completed = happened.iter().filter(|name| *name == "PAYMENT_COMPLETED");
    assert_eq!(completed.count(), 1, "{happened:?}");
    let books = shop
        .admin()
        .await
        .get(&format!("/api/ops/ledger?order={order}"))
        .await
        .expect(200);
    let entries = books.body["entries"].as_array().expect("entries");
    let sold = entries.iter().filter(|entry| entry["matter"] == "sale").count();
    assert_eq!(sold, 2, "one movement has two sides: {}", books.text);
    shop.stop().await;
}

#[actix_web::test]
async fn ten_refunds_at_once_give_the_money_back_once() {
    let (shop, _, anna, order) = scene().await;
    let admin = shop.admin().await;
    let verified = paid(&shop, &anna, &order).await.expect(200);
    let refund = format!("/api/payments/{order}/refund");
    for refunded in join_all((0..10).map(|_| admin.post(&refund, json!({})))).await {
        let status = refunded.expect(200).body["payment"]["status"].clone();
        assert!(status == "REFUNDING" || status == "REFUNDED", "{status}");
    }
    becomes(&anna, &order, "REFUNDED").await;
    admin.post(&refund, json!({})).await.expect(200);
    let payment = verified.body["payment"]["paymentId"].as_str().expect("a payment");
    let refunds = format!("/sandbox/razorpay/v1/payments/{payment}/refunds");
    let refunds = with_key(&shop, Method::GET, &refunds, Value::Null)
        .await
        .expect(200);
    assert_eq!(refunds.body["count"], 1, "{}", refunds.text);
    let log = admin.get("/api/ops/audit-log?limit=100").await.expect(200);
    let entries = log.body["entries"].as_array().expect("entries");
    for name in ["PAYMENT_REFUNDING", "PAYMENT_REFUNDED"] {
        let many = entries.iter().filter(|entry| entry["type"] == name).count();
        assert_eq!(many, 1, "{name} in {}", log.text);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn what_was_not_paid_yet_is_not_given_back() {
    let (shop, _, anna, order) = scene().await;
    let admin = shop.admin().await;
    promise(&anna, &order).await.expect(201);
    let refund = format!("/api/payments/{order}/refund");
    admin.post(&refund, json!({})).await.problem(409, "not_paid");
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    anna.post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    admin.post(&refund, json!({})).await.problem(409, "not_paid");
    shop.stop().await;
}

#[actix_web::test]
async fn a_paid_order_is_not_made_payable_again_however_often_that_is_asked() {
    let (shop, _, anna, order) = scene().await;
    let path = format!("/api/payments/create/{order}");
    let ask = async |key: &str| {
        let call = anna.call(Method::POST, &path).header("idempotency-key", key);
        call.json(&json!({})).send().await
    };
    let begun = ask("early").await.expect(201);
    let shown = pay(&shop, &begun).await;
    anna.post(VERIFY, shown).await.expect(200);
    create(&anna, &order).await.problem(409, "not_now");
    promise(&anna, &order).await.problem(409, "not_now");
    let refused = ask("late").await.problem(409, "not_now");
    let again = ask("late").await.problem(409, "not_now");
    assert_eq!(again.body["detail"], refused.body["detail"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    // What was asked when it could be paid is answered as it was.
    let replayed = ask("early").await.expect(201);
    assert_eq!(replayed.header("idempotent-replayed"), "true");
    assert_eq!(replayed.body["razorpayOrderId"], begun.body["razorpayOrderId"]);
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    shop.stop().await;
}
