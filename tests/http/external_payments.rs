//! A payment service of somebody else's, which says on the broker how payments and refunds went.

use lapin::BasicProperties;
use serde_json::json;

use crate::goods::{id_of, lamp, put_up};
use crate::payments::{becomes, order_of};
use crate::rabbit_server::RabbitServer;
use crate::shop::{Shop, Shopper};

const FANOUT: &str = "payment_events";

async fn shop_at(broker: &RabbitServer) -> Shop {
    Shop::start_with(&[("rabbitmq.url", &broker.url()), ("payments.external", "true")]).await
}

/// The service says something.
async fn says(broker: &RabbitServer, body: &[u8]) {
    broker.publish(FANOUT, "", body, BasicProperties::default()).await;
}

/// Orders one of a product. Says the order's id.
async fn ordered(buyer: &Shopper, product: &str) -> String {
    let item = json!({ "productId": product });
    buyer.post("/api/cart/items", item).await.expect(200);
    let placed = buyer.post("/api/orders", json!({})).await.expect(201);
    id_of(&placed.body["order"])
}

fn result(order: &str, user: &str, status: &str) -> Vec<u8> {
    told("PAYMENT_RESULT", order, user, status)
}

fn told(name: &str, order: &str, user: &str, status: &str) -> Vec<u8> {
    let data = json!({
        "orderId": order, "userId": user, "status": status, "transactionId": format!("t-{order}"),
        "items": [],
    });
    json!({ "type": name, "data": data }).to_string().into_bytes()
}

#[actix_web::test]
async fn a_payment_service_of_somebody_else_says_on_the_fanout_how_payments_went() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let url = broker.url();
    let shop = Shop::start_with(&[("rabbitmq.url", &url), ("payments.external", "true")]).await;
    let (seller, anna) = (shop.seller("tents").await, shop.shopper("anna").await);
    let bert = shop.shopper("bert").await;
    let lamp = put_up(&seller, lamp()).await;
    let mut orders = Vec::new();
    for buyer in [&anna, &bert] {
        let item = json!({ "productId": lamp });
        buyer.post("/api/cart/items", item).await.expect(200);
        let placed = buyer.post("/api/orders", json!({})).await.expect(201);
        orders.push(id_of(&placed.body["order"]));
    }
    shop.runtime.router().quiet().await; // the queue of results is there
    let say = async |body: &[u8], properties| broker.publish("payment_events", "", body, properties).await;
    let plain = BasicProperties::default;
    let ours = |id: &str| {
        let mut headers = lapin::types::FieldTable::default();
        headers.insert("event-id".into(), lapin::types::AMQPValue::LongString(id.into()));
        plain().with_headers(headers)
    };
    say(&result(&orders[1], &bert.id, "SUCCESS"), ours("payment/1/2.3")).await;
    say(&result(&orders[1], &bert.id, "PENDING"), plain()).await;
    say(&result(&orders[1], &anna.id, "SUCCESS"), plain()).await;
    say(b"{\"type\":\"PAYMENT_RESULT\"}", plain()).await;
    for _ in 0..3 {
        say(&result(&orders[0], &anna.id, "SUCCESS"), plain()).await;
    }
    say(&result(&orders[1], &bert.id, "FAILED"), plain()).await;

    let path = format!("/api/orders/{}", orders[0]);
    while anna.get(&path).await.expect(200).body["order"]["status"] != "CONFIRMED" {}
    while bert.get("/api/payments").await.expect(200).body["payments"][0]["status"] != "FAILED" {}
    let order = bert.get(&format!("/api/orders/{}", orders[1])).await.expect(200);
    assert_eq!(order.body["order"]["status"], "PENDING", "nobody has paid it");
    let paid = anna.get("/api/payments").await.expect(200);
    assert_eq!(paid.body["payments"][0]["status"], "SUCCESSFUL", "{}", paid.body);
    assert_eq!(paid.body["meta"]["total"], 1, "{}", paid.body);
    shop.stop().await;
}

#[actix_web::test]
async fn money_goes_back_when_the_service_or_an_administrator_says_so() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let shop = shop_at(&broker).await;
    let (seller, admin) = (shop.seller("tents").await, shop.admin().await);
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let lamp = put_up(&seller, lamp()).await;
    shop.runtime.router().quiet().await; // the queue of results is there
    let mut orders = Vec::new();
    for buyer in [&anna, &bert] {
        let order = ordered(buyer, &lamp).await;
        says(&broker, &result(&order, &buyer.id, "SUCCESS")).await;
        orders.push(order);
    }
    for (buyer, order) in [&anna, &bert].into_iter().zip(&orders) {
        while order_of(buyer, order).await["status"] != "CONFIRMED" {}
        let refunded = format!("/api/payments/{order}/refunded");
        admin.post(&refunded, json!({})).await.problem(409, "not_now");
        let cancel = format!("/api/orders/{order}/cancel");
        buyer.post(&cancel, json!({})).await.expect(200);
        becomes(buyer, order, "REFUNDING").await;
    }
    // It did not work, it is under way, it is done, and once more.
    for status in ["FAILED", "PENDING", "SUCCESS", "SUCCESS"] {
        says(&broker, &told("REFUND_RESULT", &orders[0], &anna.id, status)).await;
    }
    becomes(&anna, &orders[0], "REFUNDED").await;
    let refunded = format!("/api/payments/{}/refunded", orders[1]);
    for _ in 0..2 {
        let noted = admin.post(&refunded, json!({})).await.expect(200);
        assert_eq!(noted.body["payment"]["status"], "REFUNDED", "{}", noted.text);
    }
    for order in &orders {
        let books = format!("/api/ops/ledger?order={order}");
        let books = admin.get(&books).await.expect(200);
        assert_eq!(books.body["balanced"], true, "{}", books.text);
        let totals = books.body["totals"].as_array().expect("totals");
        assert!(
            totals.iter().all(|total| total["amount"]["amount"] == 0),
            "somebody still has something: {}",
            books.text
        );
    }
    let log = admin.get("/api/ops/audit-log?limit=100").await.expect(200);
    let entries = log.body["entries"].as_array().expect("entries").iter();
    let back = entries.filter(|entry| entry["type"] == "PAYMENT_REFUNDED");
    assert_eq!(back.count(), 2, "each went back once: {}", log.text);
    shop.stop().await;
}

#[actix_web::test]
async fn money_for_an_order_that_is_over_goes_back() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let shop = shop_at(&broker).await;
    let (seller, anna) = (shop.seller("tents").await, shop.shopper("anna").await);
    let lamp = put_up(&seller, lamp()).await;
    let order = ordered(&anna, &lamp).await;
    shop.runtime.router().quiet().await; // the queue of results is there
    let cancel = format!("/api/orders/{order}/cancel");
    anna.post(&cancel, json!({})).await.expect(200);
    says(&broker, &result(&order, &anna.id, "FAILED")).await;
    says(&broker, &result(&order, &anna.id, "SUCCESS")).await;
    becomes_there(&anna, &order, "REFUNDING").await;
    assert_eq!(order_of(&anna, &order).await["status"], "CANCELLED");
    says(&broker, &told("REFUND_RESULT", &order, &anna.id, "SUCCESS")).await;
    becomes(&anna, &order, "REFUNDED").await;
    shop.stop().await;
}

#[actix_web::test]
async fn the_shop_does_not_repeat_on_the_fanout_what_the_service_said_there() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let shop = shop_at(&broker).await;
    let (seller, anna) = (shop.seller("tents").await, shop.shopper("anna").await);
    let bert = shop.shopper("bert").await;
    let lamp = put_up(&seller, lamp()).await;
    shop.runtime.router().quiet().await; // the fanout is there
    broker.collects("told", FANOUT).await;
    let (paid, failed) = (ordered(&anna, &lamp).await, ordered(&bert, &lamp).await);
    says(&broker, &result(&paid, &anna.id, "SUCCESS")).await;
    says(&broker, &result(&failed, &bert.id, "FAILED")).await;
    becomes_there(&anna, &paid, "SUCCESSFUL").await;
    becomes_there(&bert, &failed, "FAILED").await;
    shop.runtime.router().quiet().await; // whatever the shop has to say has been said
    let told = broker.waiting("told").await;
    assert_eq!(told, Some(2), "each result is told once, by the service");
    shop.stop().await;
}

#[actix_web::test]
async fn money_for_an_order_that_is_paid_otherwise_is_put_aside_with_its_reason() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let shop = shop_at(&broker).await;
    let (seller, admin) = (shop.seller("tents").await, shop.admin().await);
    let anna = shop.shopper("anna").await;
    let lamp = put_up(&seller, lamp()).await;
    let order = ordered(&anna, &lamp).await;
    shop.runtime.router().quiet().await; // the queue of results is there
    let (create, method) = (
        format!("/api/payments/create/{order}"),
        json!({ "method": "cash_on_delivery" }),
    );
    anna.post(&create, method).await.expect(201);
    says(&broker, &result(&order, &anna.id, "FAILED")).await;
    says(&broker, &result(&order, &anna.id, "SUCCESS")).await;
    let letters = loop {
        let listed = admin.get("/api/ops/dead-letters").await.expect(200);
        let letters = listed.body["deadLetters"].as_array().expect("letters").clone();
        if !letters.is_empty() {
            break letters;
        }
    };
    assert_eq!(
        letters.len(),
        1,
        "an attempt that came to nothing is nothing to look after: {letters:?}"
    );
    let reason = letters[0]["reason"].as_str().unwrap_or_default();
    for said in ["took money", &order, "cash_on_delivery", &format!("t-{order}")] {
        assert!(reason.contains(said), "{said} is not in the reason: {reason}");
    }
    shop.stop().await;
}

/// Waits for a payment that the shop has not heard of yet, until it stands like this.
async fn becomes_there(buyer: &Shopper, payment: &str, status: &str) {
    let path = format!("/api/payments/{payment}");
    while buyer.get(&path).await.status == 404 {}
    becomes(buyer, payment, status).await;
}
