//! What Razorpay says by itself, signed as it signs: changed on the way, about things that are none
//! of ours, and in shapes that nobody can read.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use bazaar::services::payments::razorpay::signature;

use crate::call::Answer;
use crate::payments::{create, order_becomes, order_of, pay, scene};
use crate::sandbox::{switch, with_key};
use crate::shop::Shop;

const WEBHOOK: &str = "/api/payments/webhook";
/// What the sandbox signs with where nothing else is configured.
const SECRET: &str = "bazaar-sandbox-webhook-secret";

fn sign(body: &[u8]) -> String {
    signature::sign(&SecretString::from(SECRET), body)
}

/// Delivers what is signed so.
async fn deliver(shop: &Shop, event: &str, body: &[u8], signed: &str) -> Answer {
    let call = shop.visitor().call(Method::POST, WEBHOOK);
    let call = call.header("x-razorpay-signature", signed);
    let call = call.header("x-razorpay-event-id", event);
    call.bytes(body.to_vec()).send().await
}

/// Delivers what Razorpay itself says.
pub(crate) async fn say(shop: &Shop, event: &str, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    deliver(shop, event, &body, &sign(&body)).await
}

pub(crate) fn told(event: &str, payload: &[(&str, &Value)]) -> Value {
    let entity = |(name, of): &(&str, &Value)| ((*name).to_owned(), json!({ "entity": of }));
    let payload: serde_json::Map<_, _> = payload.iter().map(entity).collect();
    json!({ "entity": "event", "event": event, "payload": payload })
}

async fn ask(shop: &Shop, path: &str) -> Value {
    let path = format!("/sandbox/razorpay/v1/{path}");
    with_key(shop, Method::GET, &path, Value::Null)
        .await
        .expect(200)
        .body
}

#[actix_web::test]
async fn a_webhook_in_which_anything_was_changed_on_the_way_is_refused() {
    let (shop, _, anna, order) = scene().await;
    switch(&shop, json!({ "webhooks": "dropped" })).await;
    let begun = create(&anna, &order).await.expect(201);
    let paid = pay(&shop, &begun).await;
    let paid = paid["razorpay_payment_id"].as_str().expect("a payment");
    let captured = ask(&shop, &format!("payments/{paid}")).await;
    let body = told("payment.captured", &[("payment", &captured)])
        .to_string()
        .into_bytes();
    let signed = sign(&body);
    let turned = |bytes: &[u8], n: usize| {
        let mut turned = bytes.to_vec();
        turned[n] ^= 1 << (n % 8);
        turned
    };
    // Every bit is turned in the tests of the signature; here the whole way is gone, byte by byte.
    for n in 0..body.len() {
        let refused = deliver(&shop, "evt_1", &turned(&body, n), &signed).await;
        assert_eq!(
            refused.problem(400, "invalid_signature").body["message"],
            "Invalid signature"
        );
    }
    for n in 0..signed.len() {
        let signed = turned(signed.as_bytes(), n);
        let Ok(signed) = String::from_utf8(signed) else {
            continue;
        };
        if signed.bytes().all(|byte| byte.is_ascii_graphic()) {
            let refused = deliver(&shop, "evt_1", &body, &signed).await;
            refused.problem(400, "invalid_signature");
        }
    }
    let unsigned = shop.visitor().call(Method::POST, WEBHOOK).bytes(body.clone());
    unsigned.send().await.problem(400, "invalid_signature");
    assert_eq!(order_of(&anna, &order).await["payment"]["status"], "PENDING");
    deliver(&shop, "evt_1", &body, &signed).await.expect(200);
    order_becomes(&anna, &order, "CONFIRMED").await;
    shop.stop().await;
}

#[actix_web::test]
async fn what_razorpay_says_that_concerns_nobody_here_is_taken_and_changes_nothing() {
    let (shop, _, anna, order) = scene().await;
    let begun = create(&anna, &order).await.expect(201);
    let ours = begun.body["razorpayOrderId"].clone();
    let payment = |id: &str, of: &Value, currency: &str| {
        json!({
            "id": id, "amount": 39_998, "currency": currency, "status": "captured", "order_id": of,
        })
    };
    let stranger = payment("pay_1", &json!("order_of_another_shop"), "INR");
    let yen = payment("pay_2", &ours, "JPY");
    let nobodys = payment("pay_3", &Value::Null, "INR");
    let foreign = json!({
        "id": "order_9", "amount": 39_998, "currency": "INR", "receipt": "0123456789abcdef01234567",
    });
    let nameless = json!({ "id": "order_8", "amount": 39_998, "currency": "INR" });
    for (n, body) in [
        told("invoice.paid", &[]),
        told(
            "subscription.charged",
            &[("payment", &payment("pay_4", &ours, "INR"))],
        ),
        json!({ "event": "payment.dispute.created", "unheard": ["of"] }),
        told("payment.captured", &[("payment", &stranger)]),
        told("payment.captured", &[("payment", &yen)]),
        told("payment.captured", &[("payment", &nobodys)]),
        told("payment.failed", &[("payment", &stranger)]),
        told("order.paid", &[("order", &foreign), ("payment", &stranger)]),
        told("order.paid", &[("order", &nameless), ("payment", &stranger)]),
    ]
    .iter()
    .enumerate()
    {
        let taken = say(&shop, &format!("evt_{n}"), body).await;
        assert_eq!(
            (taken.status, &taken.body["status"]),
            (200, &json!("ok")),
            "{body}"
        );
    }
    let now = order_of(&anna, &order).await;
    assert_eq!(
        (&now["status"], &now["payment"]["status"]),
        (&json!("PENDING"), &json!("PENDING"))
    );
    let books = shop.admin().await.get("/api/ops/ledger").await.expect(200);
    assert_eq!(books.body["entries"], json!([]));
    shop.stop().await;
}

#[actix_web::test]
async fn a_webhook_is_json_of_a_megabyte_at_the_most() {
    let (shop, ..) = scene().await;
    for unreadable in [
        "{",
        "",
        "[]",
        "{}",
        "null",
        r#"{"event":7}"#,
        r#"{"event":"order.paid"}"#,
    ] {
        let refused = deliver(
            &shop,
            "evt_1",
            unreadable.as_bytes(),
            &sign(unreadable.as_bytes()),
        )
        .await;
        refused.problem(400, "malformed_json");
    }
    let of_length = |length: usize| {
        let (head, tail) = (r#"{"event":"invoice.paid","note":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len())).into_bytes()
    };
    let large = of_length(1 << 20);
    deliver(&shop, "evt_2", &large, &sign(&large)).await.expect(200);
    // Whoever has no signature learns nothing but that.
    let refused = deliver(&shop, "evt_3", &large, &"0".repeat(64)).await;
    refused.problem(400, "invalid_signature");
    let larger = of_length((1 << 20) + 1);
    deliver(&shop, "evt_4", &larger, &sign(&larger))
        .await
        .problem(413, "too_large");
    let deep = "[".repeat(10_000);
    let deep = format!(r#"{{"event":"payment.captured","payload":{{"payment":{deep}"#);
    let refused = deliver(&shop, "evt_5", deep.as_bytes(), &sign(deep.as_bytes())).await;
    refused.problem(400, "malformed_json");
    shop.stop().await;
}
