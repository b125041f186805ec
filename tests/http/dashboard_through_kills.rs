//! The figures of a seller through kill -9, by way of a broker, and between two runtimes.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use crate::goods::{id_of, lamp_with, put_up};
use crate::power::{PATIENCE, Question, Server};
use crate::rabbit_server::RabbitServer;
use crate::shop::{Caller, Shop};
use crate::streams::Ears;
use crate::two_runtimes::two_shops;

const KILLS: usize = 3;
const SALES: usize = 6;
const METRICS: &str = "/api/seller/dashboard/metrics";

/// Buys two of something and pays for it; every second one then changes their mind.
async fn buy(server: &Server, token: &str, product: &str, key: &str) {
    let done = async |path: &str, step: &str, body: Value| {
        let key = format!("{step}-{key}");
        let question = Question::new(Method::POST, path, token).once(&key).body(body);
        server.expect(question).await
    };
    let item = json!({ "productId": product, "quantity": 2 });
    done("/api/cart/items", "add", item).await;
    let placed = done("/api/orders", "order", json!({})).await;
    let order = id_of(&placed["order"]);
    let method = json!({ "method": "cash_on_delivery" });
    done(&format!("/api/payments/create/{order}"), "pay", method).await;
    if key.ends_with(['1', '3', '5']) {
        done(&format!("/api/orders/{order}/cancel"), "cancel", json!({})).await;
    }
}

#[actix_web::test]
async fn figures_are_those_of_the_orders_whenever_the_runtime_is_killed() {
    let (server, mut binary) = Server::start().await;
    let (sam, anna) = (
        server.register("sam", "seller").await,
        server.register("anna", "user").await,
    );
    let tent = server.put_up(&sam, 1_000).await;
    for kill in 0..KILLS {
        for sale in 0..SALES {
            buy(&server, &anna, &tent, &format!("{kill}-{sale}")).await;
        }
        binary = server.pull_the_plug(binary).await;
    }
    let (admin, since) = (server.admin().await, Instant::now());
    let audit = loop {
        let question = Question::new(Method::GET, "/api/ops/dashboard-audit", &admin);
        let audit = server.expect(question).await;
        if audit["ok"] == true || since.elapsed() > PATIENCE {
            break audit;
        }
    };
    assert_eq!(audit["ok"], true, "{audit:#}");
    let metrics = server.expect(Question::new(Method::GET, METRICS, &sam)).await;
    let kept = KILLS * SALES / 2;
    assert_eq!(
        (&metrics["orders"], &metrics["sales"]),
        (&json!(kept), &json!(2 * kept))
    );
    binary.kill().await;
}

/// Buys one of something and pays for it.
async fn buy_one(who: &Caller, product: &str) {
    let item = json!({ "productId": product });
    who.post("/api/cart/items", item).await.expect(200);
    let placed = who.post("/api/orders", json!({})).await.expect(201);
    let path = format!("/api/payments/create/{}", id_of(&placed.body["order"]));
    let method = json!({ "method": "cash_on_delivery" });
    who.post(&path, method).await.expect(201);
}

/// Waits until a seller sees so many sales.
async fn shows(who: &Caller, sales: usize) {
    let since = Instant::now();
    loop {
        let metrics = who.get(METRICS).await.expect(200);
        if metrics.body["sales"] == json!(sales) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "it still shows {}", metrics.text);
    }
}

#[actix_web::test]
async fn where_there_is_a_broker_the_figures_come_by_a_queue_of_their_own() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let shop = Shop::start_with(&[("rabbitmq.url", &broker.url())]).await;
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let lamp = put_up(&sam, lamp_with("stock", json!(50))).await;
    for _ in 0..4 {
        buy_one(&anna, &lamp).await;
    }
    shows(&sam, 4).await;
    let audit = shop
        .admin()
        .await
        .get("/api/ops/dashboard-audit")
        .await
        .expect(200);
    assert_eq!(audit.body["ok"], true, "{}", audit.text);
    shop.stop().await;
}

#[actix_web::test]
async fn what_one_runtime_sells_the_dashboard_of_the_other_one_shows() {
    let Some((shop, other)) = two_shops().await else {
        return;
    };
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let lamp = put_up(&sam, lamp_with("stock", json!(50))).await;
    let mut ears = Ears::open(&other, &sam, "/api/seller/dashboard/live", None).await;
    ears.hear("\"sales\":0").await;
    for _ in 0..3 {
        buy_one(&anna, &lamp).await;
    }
    ears.hear("{\"sales\":3,").await;
    drop(ears);
    other.stop().await;
    shop.stop().await;
}
