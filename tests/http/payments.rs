//! Payments over HTTP: from an order to money and back, through the sandbox that stands in for
//! the provider.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::order;
use crate::shop::{Caller, Seller, Shop, Shopper};

pub(crate) const VERIFY: &str = "/api/payments/verify";

/// A shop, Cleo who sells tents, Anna who has ordered two of them, and the order's id.
pub(crate) async fn scene() -> (Shop, Seller, Shopper, String) {
    scene_with(&[]).await
}

pub(crate) async fn scene_with(settings: &[(&str, &str)]) -> (Shop, Seller, Shopper, String) {
    let shop = Shop::start_with(settings).await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "199.99", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let placed = order(&anna).await.expect(201);
    (shop, cleo, anna, id_of(&placed.body["order"]))
}

pub(crate) async fn create(buyer: &Caller, order: &str) -> Answer {
    buyer
        .post(&format!("/api/payments/create/{order}"), json!({}))
        .await
}

pub(crate) async fn promise(buyer: &Caller, order: &str) -> Answer {
    let cash = json!({ "method": "cash_on_delivery" });
    buyer.post(&format!("/api/payments/create/{order}"), cash).await
}

/// Plays the buyer at the provider's page: what that shows to the shop.
pub(crate) async fn pay(shop: &Shop, begun: &Answer) -> Value {
    let opened = &begun.body["razorpayOrderId"];
    let body = json!({ "order_id": opened, "outcome": "success" });
    shop.visitor()
        .post("/sandbox/razorpay/pay", body)
        .await
        .expect(200)
        .body
}

pub(crate) async fn paid(shop: &Shop, buyer: &Caller, order: &str) -> Answer {
    let begun = create(buyer, order).await.expect(201);
    let shown = pay(shop, &begun).await;
    buyer.post(VERIFY, shown).await
}

pub(crate) async fn order_of(buyer: &Caller, order: &str) -> Value {
    let seen = buyer.get(&format!("/api/orders/{order}")).await.expect(200);
    seen.body["order"].clone()
}

/// Looks at something until it is like this.
pub(crate) async fn comes_to<T: PartialEq + Debug>(what: &str, expected: &T, see: impl AsyncFn() -> T) {
    let mut seen = see().await;
    for _ in 0..600 {
        if seen == *expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        seen = see().await;
    }
    panic!("{what} comes to\n{seen:?} and not to\n{expected:?}");
}

/// Looks at a payment until it stands like this.
pub(crate) async fn becomes(buyer: &Caller, payment: &str, status: &str) -> Value {
    let path = format!("/api/payments/{payment}");
    let see = async || buyer.get(&path).await.expect(200).body["payment"].clone();
    comes_to("the payment", &json!(status), async || {
        see().await["status"].clone()
    })
    .await;
    see().await
}

/// Looks at an order until it stands like this.
pub(crate) async fn order_becomes(buyer: &Caller, order: &str, status: &str) {
    let see = async || order_of(buyer, order).await["status"].clone();
    comes_to("the order", &json!(status), see).await;
}

pub(crate) async fn events(buyer: &Shop, kind: &str, id: &str) -> Vec<String> {
    let store = &*buyer.runtime.engine().store;
    let id = id.parse().expect("an id");
    let timeline = bazaar::events::timeline::timeline(store, (kind, id), None, 100).await;
    timeline
        .expect("the store answers")
        .events
        .into_iter()
        .map(|event| event.name)
        .collect()
}

#[actix_web::test]
async fn a_buyer_pays_an_order_and_it_is_confirmed() {
    let (shop, cleo, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let payment = &begun.body["payment"];
    assert_eq!(
        (&payment["status"], &payment["orderId"]),
        (&json!("PENDING"), &json!(order))
    );
    assert_eq!(payment["price"], json!({ "amount": 399.98, "currency": "INR" }));
    assert_eq!(payment["razorpayOrderId"], begun.body["razorpayOrderId"]);
    assert!(
        begun.body["keyId"]
            .as_str()
            .is_some_and(|key| key.starts_with("rzp_test_"))
    );

    let shown = pay(&shop, &begun).await;
    let verified = anna.post(VERIFY, shown.clone()).await.expect(200);
    assert_eq!(verified.body["message"], "Payment verified");
    assert_eq!(verified.body["payment"]["status"], "SUCCESSFUL");
    assert_eq!(
        verified.body["payment"]["paymentId"],
        shown["razorpay_payment_id"]
    );
    let now = order_of(&anna, &order).await;
    assert_eq!(
        (&now["status"], &now["payment"]["status"]),
        (&json!("CONFIRMED"), &json!("SUCCESSFUL"))
    );
    assert_eq!(
        anna.get("/api/cart").await.expect(200).body["cart"]["items"],
        json!([])
    );

    let again = anna.post(VERIFY, shown).await.expect(200);
    assert_eq!(again.body["payment"]["status"], "SUCCESSFUL");
    create(&anna, &order).await.expect(409);
    let mine = anna.get("/api/payments").await.expect(200);
    assert_eq!(
        (
            mine.body["meta"]["total"].clone(),
            mine.body["payments"][0]["id"].clone()
        ),
        (json!(1), json!(order))
    );
    let happened = events(&shop, "payment", &order).await;
    for name in [
        "PAYMENT_CREATED",
        "PAYMENT_INITIATED",
        "PAYMENT_UPDATED",
        "PAYMENT_COMPLETED",
    ] {
        assert_eq!(
            happened.iter().filter(|event| *event == name).count(),
            1,
            "{name} in {happened:?}"
        );
    }
    drop(cleo);
    shop.stop().await;
}

#[actix_web::test]
async fn what_older_clients_call_things_is_understood() {
    let (shop, _, anna, order) = scene().await;
    let begun = anna
        .post(&format!("/api/payment/create/{order}"), json!({}))
        .await
        .expect(201);
    let shown = pay(&shop, &begun).await;
    let spelled = json!({
        "razorpayOrderId": shown["razorpay_order_id"],
        "paymentId": shown["razorpay_payment_id"],
        "signature": shown["razorpay_signature"],
    });
    anna.post("/api/payment/verify", spelled).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn the_same_order_is_opened_once_however_often_it_is_clicked() {
    let (shop, _, anna, order) = scene().await;
    let clicks = join_all((0..20).map(|_| create(&anna, &order))).await;
    let first = clicks[0].body["razorpayOrderId"].clone();
    for click in clicks {
        assert_eq!(
            (click.status, &click.body["razorpayOrderId"]),
            (201, &first),
            "{}",
            click.text
        );
    }
    shop.stop().await;
}

#[actix_web::test]
async fn only_a_pending_order_of_ones_own_can_be_paid() {
    let (shop, _, anna, order) = scene().await;
    let bert = shop.shopper("bert").await;
    create(&bert, &order).await.expect(403);
    create(&anna, "0123456789abcdef01234567").await.expect(404);
    create(&anna, "nothing").await.expect(400);
    let odd = json!({ "method": "shells" });
    anna.post(&format!("/api/payments/create/{order}"), odd)
        .await
        .expect(400);
    anna.post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    create(&anna, &order).await.expect(409);
    promise(&anna, &order).await.expect(409);
    shop.stop().await;
}

#[actix_web::test]
async fn what_the_provider_did_not_sign_pays_nothing() {
    let (shop, cleo, anna, order) = scene().await;
    let bert = shop.shopper("bert").await;
    let lamp = put_up(&cleo, "5", 5).await;
    add(&bert, &lamp, 1).await.expect(200);
    let others = id_of(&crate::orders::order(&bert).await.expect(201).body["order"]);
    let begun = create(&anna, &order).await.expect(201);
    let other = pay(&shop, &create(&bert, &others).await.expect(201)).await;
    let (ours, payment) = (&begun.body["razorpayOrderId"], &other["razorpay_payment_id"]);
    let mut flipped = other["razorpay_signature"]
        .as_str()
        .expect("a signature")
        .to_owned();
    flipped.replace_range(..1, if flipped.starts_with('0') { "1" } else { "0" });
    for (order, payment, signature) in [
        (ours, payment, &other["razorpay_signature"]),
        (payment, ours, &other["razorpay_signature"]),
        (ours, payment, &json!("00")),
        (ours, payment, &json!("not hex at all")),
        (ours, payment, &json!(flipped)),
        (&json!("order_of_nobody"), payment, &other["razorpay_signature"]),
    ] {
        let shown = json!({
            "razorpay_order_id": order, "razorpay_payment_id": payment, "razorpay_signature": signature,
        });
        let refused = anna.post(VERIFY, shown).await.expect(400);
        assert_eq!(refused.body["message"], "Invalid signature", "{}", refused.text);
    }
    anna.post(VERIFY, other.clone()).await.expect(403);
    let seen = anna.get(&format!("/api/payments/{order}")).await.expect(200);
    assert_eq!(seen.body["payment"]["status"], "PENDING");
    let told = events(&shop, "payment", &order).await;
    assert_eq!(
        told.iter().filter(|name| *name == "PAYMENT_FAILED").count(),
        1, // of one payment, however it is signed
        "{told:?}"
    );
    anna.post(VERIFY, json!({})).await.expect(400);
    bert.get(&format!("/api/payments/{order}")).await.expect(403);
    shop.stop().await;
}

#[actix_web::test]
async fn the_providers_own_word_is_enough() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    pay(&shop, &begun).await; // and the buyer's browser is closed
    becomes(&anna, &order, "SUCCESSFUL").await;
    order_becomes(&anna, &order, "CONFIRMED").await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_failed_attempt_can_be_followed_by_a_good_one() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let failure = json!({ "order_id": begun.body["razorpayOrderId"], "outcome": "failure" });
    shop.visitor().post("/sandbox/razorpay/pay", failure).await;
    becomes(&anna, &order, "FAILED").await;
    assert_eq!(order_of(&anna, &order).await["status"], "PENDING");
    let again = create(&anna, &order).await.expect(201);
    assert_eq!(again.body["razorpayOrderId"], begun.body["razorpayOrderId"]);
    let shown = pay(&shop, &again).await;
    anna.post(VERIFY, shown).await.expect(200);
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    shop.stop().await;
}

#[actix_web::test]
async fn a_webhook_of_somebody_else_is_not_believed() {
    let (shop, ..) = scene().await;
    let visitor = shop.visitor();
    visitor
        .post("/api/payments/webhook", json!({ "event": "payment.captured" }))
        .await
        .expect(400);
    for signature in ["", "00", &"f".repeat(64)] {
        let call = visitor.call(Method::POST, "/api/payments/webhook");
        let call = call.header("x-razorpay-signature", signature);
        call.bytes(b"{not json".to_vec()).send().await.expect(400);
    }
    let call = visitor.call(Method::POST, "/api/payments/webhook");
    call.bytes(vec![b'a'; 2 << 20]).send().await.expect(413);
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_paid_at_the_door_is_confirmed_at_once_and_paid_when_it_is_there() {
    let (shop, cleo, anna, order) = scene().await;
    let begun = promise(&anna, &order).await.expect(201);
    assert_eq!(
        (&begun.body["payment"]["status"], &begun.body["razorpayOrderId"]),
        (&json!("PENDING"), &Value::Null)
    );
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    promise(&anna, &order).await.expect(201);
    let address =
        json!({ "street": "1 MG Road", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001" });
    anna.patch(&format!("/api/orders/{order}/address"), address)
        .await
        .expect(200);
    let status = format!("/api/orders/{order}/status");
    cleo.patch(&status, json!({ "status": "SHIPPED" }))
        .await
        .expect(200);
    cleo.patch(&status, json!({ "status": "DELIVERED" }))
        .await
        .expect(200);
    assert_eq!(order_of(&anna, &order).await["payment"]["status"], "SUCCESSFUL");
    let books = shop.admin().await.get("/api/ops/ledger").await.expect(200);
    assert_eq!(books.body["balanced"], true);
    let cash =
        json!({ "account": "provider:cash_on_delivery", "amount": { "amount": 399.98, "currency": "INR" } });
    let totals = books.body["totals"].as_array().expect("totals");
    assert!(totals.contains(&cash), "{}", books.text);
    shop.stop().await;
}

#[actix_web::test]
async fn a_repeated_request_is_answered_as_it_was() {
    let (shop, _, anna, order) = scene().await;
    let path = format!("/api/payments/create/{order}");
    let ask = async |body: Value| {
        let call = anna.call(Method::POST, &path).header("idempotency-key", "once");
        call.json(&body).send().await
    };
    let first = ask(json!({})).await.expect(201);
    let second = ask(json!({})).await.expect(201);
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(first.body["razorpayOrderId"], second.body["razorpayOrderId"]);
    ask(json!({ "method": "cash_on_delivery" })).await.expect(422);
    shop.stop().await;
}
