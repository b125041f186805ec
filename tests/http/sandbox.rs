//! The stand-in for Razorpay, asked by the same adapter that asks Razorpay.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bazaar::config;
use bazaar::domain::money::{Currency, Money};
use bazaar::services::payments::razorpay::{Address, Keys, Razorpay};
use bazaar::services::payments::{Failure, NewOrder, PaymentProvider, PaymentState, RefundState, open_once};
use reqwest::Method;
use serde_json::{Value, json};

use crate::binary::Binary;
use crate::call::Answer;
use crate::shop::Shop;

const KEY: (&str, &str) = ("rzp_test_bazaarsandbox", "bazaar-sandbox-secret");
const PAY: &str = "/sandbox/razorpay/pay";
pub(crate) const SWITCHES: &str = "/sandbox/razorpay/switches";

fn adapter(url: &str) -> Razorpay {
    let keys = Keys {
        id: KEY.0.into(),
        secret: KEY.1.into(),
        webhook: None,
    };
    let calls = config::Outside {
        timeout: Duration::from_millis(700),
    };
    Razorpay::new(keys, Address::at(&format!("{url}/sandbox/razorpay")), calls)
}

fn lamp(receipt: &str) -> NewOrder {
    NewOrder {
        receipt: receipt.into(),
        amount: Money::of_minor(129_900, Currency::Inr),
        notes: vec![("lamp".into(), "a bright one".into())],
    }
}

pub(crate) async fn with_key(shop: &Shop, method: Method, path: &str, body: Value) -> Answer {
    let key = STANDARD.encode(format!("{}:{}", KEY.0, KEY.1));
    let call = shop.visitor().call(method, path);
    let call = call.header("authorization", &format!("Basic {key}"));
    call.json(&body).send().await
}

pub(crate) async fn switch(shop: &Shop, to: Value) {
    with_key(shop, Method::POST, SWITCHES, to).await.expect(200);
}

async fn pay(shop: &Shop, order: &str, outcome: &str) -> Value {
    let wanted = json!({ "order_id": order, "outcome": outcome });
    shop.visitor().post(PAY, wanted).await.expect(200).body
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[actix_web::test]
async fn an_order_is_made_paid_and_given_back() {
    let shop = Shop::start().await;
    let razorpay = adapter(shop.url());
    let order = razorpay.open(&lamp("lamp-1")).await.expect("an order");
    assert_eq!(order.paid, Money::zero(Currency::Inr));
    let declined = pay(&shop, &order.id, "failure").await;
    let paid = pay(&shop, &order.id, "success").await;
    let (payment, signature) = (
        text(&paid["razorpay_payment_id"]),
        text(&paid["razorpay_signature"]),
    );
    assert_eq!(paid["razorpay_order_id"], *order.id);
    assert!(razorpay.signed(&order.id, payment, signature));
    let nothing = text(&declined["razorpay_signature"]);
    assert!(!razorpay.signed(&order.id, text(&declined["razorpay_payment_id"]), nothing));

    let attempts = razorpay.payments_of(&order.id).await.expect("attempts");
    let states: Vec<_> = attempts.iter().map(|attempt| attempt.state).collect();
    assert_eq!(states, [PaymentState::Failed, PaymentState::Captured]);
    assert!(attempts[0].error.is_some());
    assert_eq!(attempts[1].fee, Some(Money::of_minor(3_066, Currency::Inr)));
    let found = razorpay.find("lamp-1").await.expect("an answer");
    assert_eq!(found.expect("the order").paid, order.amount);
    let second = shop.visitor().post(PAY, json!({ "order_id": order.id })).await;
    assert_eq!(second.expect(400).body["error"]["code"], "BAD_REQUEST_ERROR");

    let given = razorpay.refund(payment, order.amount, "refund-of-lamp").await;
    let given = given.expect("a refund");
    assert_eq!(given.state, RefundState::Processed);
    let again = razorpay.refund(payment, order.amount, "refund-of-lamp").await;
    assert_eq!(again.expect("the same refund"), given);
    assert_eq!(razorpay.refunds_of(payment).await.expect("refunds"), [given]);
    let seen = razorpay.payment(payment).await.expect("the payment");
    assert_eq!(seen.state, PaymentState::Refunded);
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_that_was_made_without_an_answer_is_found_and_not_made_twice() {
    let shop = Shop::start_with(&[("outside.timeout_ms", "700")]).await;
    let razorpay = adapter(shop.url());
    for (n, fault) in ["timeout_after_executing", "error_after_executing"]
        .iter()
        .enumerate()
    {
        switch(&shop, json!({ "create": { "does": fault, "times": 1 } })).await;
        let receipt = format!("unheard-{n}");
        let order = open_once(&razorpay, &lamp(&receipt), false).await;
        let order = order.expect("the order that was made");
        let again = open_once(&razorpay, &lamp(&receipt), true).await;
        assert_eq!(again.expect("the same"), order, "{fault}");
        let path = format!("/sandbox/razorpay/v1/orders?receipt={receipt}");
        let listed = with_key(&shop, Method::GET, &path, json!({})).await.expect(200);
        assert_eq!(listed.body["count"], 1, "{fault}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_that_was_not_made_says_so_or_may_be_made_again() {
    let shop = Shop::start_with(&[("outside.timeout_ms", "700")]).await;
    let razorpay = adapter(shop.url());
    for fault in ["timeout", "error"] {
        switch(&shop, json!({ "create": { "does": fault, "times": 1 } })).await;
        let lost = open_once(&razorpay, &lamp(fault), false).await;
        assert!(matches!(lost, Err(Failure::Unknown(_))), "{fault}: {lost:?}");
        let made = open_once(&razorpay, &lamp(fault), true).await;
        assert_eq!(made.expect("an order").receipt, fault);
    }
    switch(&shop, json!({ "create": "refuses" })).await;
    let refused = open_once(&razorpay, &lamp("refused"), false).await;
    assert!(matches!(refused, Err(Failure::Refused { .. })), "{refused:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_authorized_is_captured_once_whatever_the_answer() {
    let shop = Shop::start().await;
    let razorpay = adapter(shop.url());
    switch(&shop, json!({ "captureByHand": true })).await;
    for fault in ["works", "error_after_executing", "error"] {
        let order = razorpay.open(&lamp(fault)).await.expect("an order");
        let paid = pay(&shop, &order.id, "success").await;
        let payment = razorpay.payment(text(&paid["razorpay_payment_id"])).await;
        let payment = payment.expect("the payment");
        assert_eq!(payment.state, PaymentState::Authorized);
        switch(&shop, json!({ "capture": { "does": fault, "times": 1 } })).await;
        let captured = razorpay.capture(&payment).await;
        if fault == "error" {
            assert!(matches!(captured, Err(Failure::Unknown(_))), "{captured:?}");
        } else {
            assert_eq!(
                captured.expect("captured").state,
                PaymentState::Captured,
                "{fault}"
            );
        }
        let again = razorpay.capture(&payment).await.expect("captured by now");
        assert_eq!(again.state, PaymentState::Captured, "{fault}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn razorpays_errors_have_razorpays_shape() {
    let shop = Shop::start().await;
    let orders = "/sandbox/razorpay/v1/orders";
    let anonymous = shop.visitor().post(orders, json!({})).await.expect(401);
    assert_eq!(anonymous.body["error"]["description"], "Authentication failed");
    for wrong in [
        json!({}),
        json!({ "amount": 1.5, "currency": "INR" }),
        json!({ "amount": 99, "currency": "INR" }),
        json!({ "amount": 500, "currency": "XYZ" }),
        json!({ "amount": 500, "currency": "INR", "receipt": "r".repeat(41) }),
    ] {
        let no = with_key(&shop, Method::POST, orders, wrong.clone()).await;
        assert_eq!(
            no.expect(400).body["error"]["code"],
            "BAD_REQUEST_ERROR",
            "{wrong}"
        );
    }
    let nothing = "/sandbox/razorpay/v1/payments/pay_0123456789abcdef0123456700";
    with_key(&shop, Method::GET, nothing, json!({})).await.expect(400);
    let no = with_key(&shop, Method::POST, SWITCHES, json!({ "creat": "error" })).await;
    no.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn before_real_shoppers_there_is_no_sandbox_unless_it_is_called_by_name() {
    let production = [
        ("environment", "production"),
        ("auth.jwt_secret", "a secret of more than thirty-two bytes"),
        ("server.host", "127.0.0.1"),
        ("mail.mailbox_open", "true"),
    ];
    let shop = Shop::start_with(&production).await;
    let gone = shop.visitor().post(PAY, json!({})).await;
    gone.problem(404, "unknown_route");
    shop.stop().await;
    let named = [&production[..], &[("sandbox.enabled", "true")]].concat();
    let shop = Shop::start_with(&named).await;
    shop.visitor().post(PAY, json!({})).await.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn a_payment_at_the_sandbox_survives_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Binary::start(folder.path()).await;
    let order = adapter(shop.url()).open(&lamp("kept")).await.expect("an order");
    let paid = json!({ "order_id": order.id });
    let client = reqwest::Client::new();
    let call = client.post(format!("{}{PAY}", shop.url())).json(&paid);
    let answer = call.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    shop.kill().await;
    let shop = Binary::start(folder.path()).await;
    let found = adapter(shop.url()).find("kept").await.expect("an answer");
    assert_eq!(found.expect("the order").paid, order.amount);
    shop.kill().await;
}

#[actix_web::test]
async fn a_person_can_pay_at_the_checkout_page() {
    let shop = Shop::start().await;
    let razorpay = adapter(shop.url());
    let order = razorpay.open(&lamp("by-hand")).await.expect("an order");
    let path = format!("/sandbox/razorpay/checkout?order_id={}", order.id);
    let page = shop.visitor().get(&path).await.expect(200);
    assert!(page.text.contains("1299.00 INR"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for (button, says) in [("failure", "The bank said no"), ("success", "This order is paid")] {
        let call = shop.visitor().call(Method::POST, "/sandbox/razorpay/checkout");
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        let pressed = call.bytes(format!("order_id={}&outcome={button}", order.id));
        let page = pressed.send().await.expect(200);
        assert!(page.text.contains(says), "{}", page.text);
    }
    shop.stop().await;
}
