//! A payment provider that is not there, and one that takes its time. It is another shop, whose
//! sandbox this one pays through.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;

use crate::cart::{add, put_up, quantities};
use crate::goods::id_of;
use crate::orders::order;
use crate::payments::{VERIFY, comes_to, create, order_of, pay, promise, scene_with};
use crate::proxy::{Proxy, Weather};
use crate::shop::Shop;

/// A port that nobody listens on.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("a bound port").port()
}

#[actix_web::test]
async fn an_order_stays_payable_while_the_provider_is_down() {
    let port = free_port().await.to_string();
    let url = format!("http://127.0.0.1:{port}/sandbox/razorpay");
    let (shop, _, anna, order) = scene_with(&[("razorpay.base_url", url.as_str())]).await;
    for _ in 0..3 {
        let down = create(&anna, &order).await.problem(503, "unavailable");
        assert!(!down.header("retry-after").is_empty(), "{}", down.text);
    }
    let now = order_of(&anna, &order).await;
    assert_eq!(
        (&now["status"], &now["payment"]["status"]),
        (&json!("PENDING"), &json!("PENDING"))
    );
    shop.visitor().get("/readyz").await.expect(200);

    let provider = Shop::start_with(&[("server.port", port.as_str())]).await;
    comes_to("the payment", &201, async || create(&anna, &order).await.status).await;
    let begun = create(&anna, &order).await.expect(201);
    let shown = pay(&provider, &begun).await;
    anna.post(VERIFY, shown).await.expect(200);
    assert_eq!(order_of(&anna, &order).await["status"], "CONFIRMED");
    shop.stop().await;
    provider.stop().await;
}

#[actix_web::test]
async fn whoever_does_not_pay_does_not_wait_for_a_slow_provider() {
    let provider = Shop::start().await;
    let proxy = Proxy::before(provider.url().trim_start_matches("http://")).await;
    let url = format!("http://{}/sandbox/razorpay", proxy.address());
    let settings = [
        ("razorpay.base_url", url.as_str()),
        ("outside.timeout_ms", "25000"),
    ];
    let (shop, cleo, anna, annas) = scene_with(&settings).await;
    let bert = shop.shopper("bert").await;

    proxy.turn(Weather::BlackHoleAt("/v1/orders"));
    let waiting = actix_web::rt::spawn({
        let (anna, annas) = (anna.clone(), annas.clone());
        async move { create(&anna, &annas).await }
    });
    proxy.turned(Weather::BlackHole).await;
    // All of this is answered while the provider has Anna's call in hand and says nothing.
    shop.visitor().get("/readyz").await.expect(200);
    let lamp = put_up(&cleo, "5", 5).await;
    shop.visitor()
        .get(&format!("/api/products/{lamp}"))
        .await
        .expect(200);
    add(&bert, &lamp, 1).await.expect(200);
    assert_eq!(quantities(&bert).await, [1]);
    let berts = id_of(&order(&bert).await.expect(201).body["order"]);
    promise(&bert, &berts).await.expect(201);
    assert_eq!(order_of(&bert, &berts).await["status"], "CONFIRMED");
    anna.get("/api/payments").await.expect(200);
    assert_eq!(order_of(&anna, &annas).await["status"], "PENDING");
    assert!(!waiting.is_finished(), "nobody has answered Anna's call");

    proxy.turn(Weather::Fair);
    let begun = waiting.await.expect("the call was made").expect(201);
    let shown = pay(&provider, &begun).await;
    anna.post(VERIFY, shown).await.expect(200);
    shop.stop().await;
    provider.stop().await;
}

#[actix_web::test]
async fn a_payment_that_was_opened_without_an_answer_is_opened_once() {
    let provider = Shop::start().await;
    let proxy = Proxy::before(provider.url().trim_start_matches("http://")).await;
    let url = format!("http://{}/sandbox/razorpay", proxy.address());
    let settings = [("razorpay.base_url", url.as_str()), ("outside.timeout_ms", "500")];
    let (shop, _, anna, order) = scene_with(&settings).await;
    proxy.turn(Weather::NoAnswersAfter("/v1/orders"));
    create(&anna, &order).await.expect(503);
    proxy.turn(Weather::Fair);
    let shop = shop.reopen_after(Duration::from_mins(2)).await;
    let anna = shop.back("anna").await;
    create(&anna, &order).await.expect(201);
    let path = format!("/sandbox/razorpay/v1/orders?receipt={order}");
    let opened = crate::sandbox::with_key(&provider, reqwest::Method::GET, &path, json!({})).await;
    assert_eq!(opened.expect(200).body["count"], 1);
    shop.stop().await;
    provider.stop().await;
}
