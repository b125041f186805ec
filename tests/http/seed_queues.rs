//! What the consumers of earlier systems find in their queues, field by field: each queue of the
//! contract, by a client that declares it as they do.

use std::collections::BTreeSet;

use bazaar::events::event::Event;
use serde_json::{Value, json};

use crate::ears::{ALL, Ears, Heard, ORDERS, PAYMENTS};
use crate::goods::{id_of, lamp, put_up};
use crate::payments::{VERIFY, becomes, create, pay};
use crate::rabbit_server::RabbitServer;
use crate::shop::{Seller, Shop, Shopper};

const LETTER_OF_PAYMENT: &[&str] = &[
    "email",
    "fullName",
    "username",
    "orderId",
    "paymentId",
    "amount",
    "currency",
];
const LETTER_OF_ORDER: &[&str] = &["email", "fullName", "orderId", "order", "total", "totalPrice"];
const PAYMENT: &[&str] = &["id", "_id", "orderId", "order", "user", "status", "price"];

/// Each queue, the event that it is for, and what is read there.
const QUEUES: [(&str, &str, &[&str]); 15] = [
    (
        "AUTH_NOTIFICATION.USER_CREATED",
        "USER_CREATED",
        &["id", "_id", "username", "email", "fullName"],
    ),
    (
        "AUTH_SELLER_DASHBOARD.USER_CREATED",
        "USER_CREATED",
        &["id", "_id", "username", "email", "fullName", "role"],
    ),
    (
        "PRODUCT_NOTIFICATION.PRODUCT_CREATED",
        "PRODUCT_CREATED",
        &[
            "email",
            "fullName",
            "productId",
            "product",
            "sellerId",
            "title",
            "price",
        ],
    ),
    (
        "PRODUCT_SELLER_DASHBOARD.PRODUCT_CREATED",
        "PRODUCT_CREATED",
        &["id", "_id", "title", "price", "seller", "stock"],
    ),
    (
        "ORDER_SELLER_DASHBOARD.ORDER_CREATED",
        "ORDER_CREATED",
        &["id", "_id", "user", "items", "status", "total", "totalPrice"],
    ),
    (
        "PAYMENT_SELLER_DASHBOARD.PAYMENT_CREATED",
        "PAYMENT_CREATED",
        PAYMENT,
    ),
    (
        "PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATED",
        "PAYMENT_UPDATED",
        PAYMENT,
    ),
    (
        "PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATE",
        "PAYMENT_UPDATED",
        PAYMENT,
    ),
    (
        "PAYMENT_NOTIFICATION.PAYMENT_INITIATED",
        "PAYMENT_INITIATED",
        LETTER_OF_PAYMENT,
    ),
    (
        "PAYMENT_NOTIFICATION.PAYMENT_COMPLETED",
        "PAYMENT_COMPLETED",
        LETTER_OF_PAYMENT,
    ),
    (
        "PAYMENT_NOTIFICATION.PAYMENT_FAILED",
        "PAYMENT_FAILED",
        LETTER_OF_PAYMENT,
    ),
    (
        "ORDER_NOTIFICATION.ORDER_CREATED",
        "ORDER_CREATED",
        LETTER_OF_ORDER,
    ),
    (
        "ORDER_NOTIFICATION.ORDER_CANCELLED",
        "ORDER_CANCELLED",
        LETTER_OF_ORDER,
    ),
    (
        "ORDER_NOTIFICATION.ORDER_SHIPPED",
        "ORDER_SHIPPED",
        LETTER_OF_ORDER,
    ),
    (
        "ORDER_NOTIFICATION.ORDER_DELIVERED",
        "ORDER_DELIVERED",
        LETTER_OF_ORDER,
    ),
];

fn queues() -> Vec<&'static str> {
    QUEUES.iter().map(|(queue, ..)| *queue).collect()
}

/// Orders a lamp. Says the order's id.
async fn ordered(buyer: &Shopper, product: &str) -> String {
    let item = json!({ "productId": product });
    buyer.post("/api/cart/items", item).await.expect(200);
    let address =
        json!({ "street": "1 High Street", "city": "Pune", "state": "MH", "country": "IN", "zip": "1" });
    let placed = buyer
        .post("/api/orders", json!({ "shippingAddress": address }))
        .await;
    id_of(&placed.expect(201).body["order"])
}

/// Everything that can happen to an order: a card that fails, one that does not, a parcel, and
/// somebody who changes his mind.
async fn a_days_work(shop: &Shop, seller: &Seller, buyer: &Shopper) {
    let lamp = put_up(seller, lamp()).await;
    let order = ordered(buyer, &lamp).await;
    let begun = create(buyer, &order).await.expect(201);
    let failure = json!({ "order_id": begun.body["razorpayOrderId"], "outcome": "failure" });
    shop.visitor()
        .post("/sandbox/razorpay/pay", failure)
        .await
        .expect(200);
    becomes(buyer, &order, "FAILED").await;
    let shown = pay(shop, &begun).await;
    buyer.post(VERIFY, shown).await.expect(200);
    for status in ["SHIPPED", "DELIVERED"] {
        let path = format!("/api/orders/{order}/status");
        seller.patch(&path, json!({ "status": status })).await.expect(200);
    }
    let order = ordered(buyer, &lamp).await;
    let cancel = format!("/api/orders/{order}/cancel");
    buyer.post(&cancel, json!({})).await.expect(200);
}

/// The ids of the events of this type.
async fn happened(shop: &Shop, name: &str) -> BTreeSet<String> {
    let page = shop.runtime.engine().store.feed(None, 1_000).await;
    let events = page.expect("the store answers").events;
    let events = events.iter().filter_map(Event::read);
    let events = events.filter(|event| event.name == name);
    events.map(|event| event.id).collect()
}

/// What was heard on a queue, but for what concerns the admin, who has no name.
fn on(heard: &[Heard], queue: &str) -> Vec<Value> {
    let heard = heard.iter().filter(|heard| heard.queue() == queue);
    let bodies = heard.map(|heard| heard.0["body"].clone());
    bodies
        .filter(|body| body["email"] != "admin@example.com")
        .collect()
}

#[actix_web::test]
async fn every_queue_of_earlier_systems_is_filled_as_its_consumers_read_it() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let Some(ears) = Ears::listen(&broker.url(), &queues()).await else {
        return;
    };
    let shop = Shop::start_with(&[("rabbitmq.url", &broker.url())]).await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    a_days_work(&shop, &cleo, &anna).await;
    shop.runtime.router().quiet().await;
    for (queue, name, fields) in QUEUES {
        let events = happened(&shop, name).await;
        assert!(!events.is_empty(), "{name} did not happen");
        ears.hear_all(queue, &events).await;
        assert_eq!(ears.events(queue), events, "{queue}");
        for body in on(&ears.heard(), queue) {
            for field in fields {
                assert!(!body[field].is_null(), "{queue} has no {field}: {body}");
            }
            assert!(body.get("password").is_none(), "{body}");
        }
    }
    ears.hear_all(ORDERS, &happened(&shop, "ORDER_CREATED").await)
        .await;
    let paid = ["PAYMENT_COMPLETED", "PAYMENT_FAILED"];
    for name in paid {
        ears.hear_all(PAYMENTS, &happened(&shop, name).await).await;
    }
    let heard = ears.heard();
    for body in on(&heard, "ORDER_SELLER_DASHBOARD.ORDER_CREATED") {
        assert_eq!(
            body["items"][0]["product"], body["items"][0]["productId"],
            "{body}"
        );
    }
    let item = json!({ "name": "A blue lamp", "price": 199.99, "quantity": 1 });
    for body in on(&heard, ORDERS) {
        assert_eq!(
            (
                &body["type"],
                &body["data"]["userId"],
                &body["data"]["totalAmount"]
            ),
            (&json!("ORDER_CREATED"), &json!(anna.id), &json!(199.99))
        );
        assert_is_item(&body, &item);
    }
    let results = on(&heard, PAYMENTS);
    let statuses: BTreeSet<_> = results
        .iter()
        .map(|body| body["data"]["status"].to_string())
        .collect();
    assert_eq!(
        statuses,
        BTreeSet::from(["\"FAILED\"", "\"SUCCESS\""].map(str::to_owned))
    );
    for body in &results {
        assert_eq!(body["type"], "PAYMENT_RESULT");
        assert!(body["data"]["transactionId"].is_string(), "{body}");
        assert_eq!(body["data"]["userId"], json!(anna.id));
        assert_is_item(body, &item);
    }
    for heard in heard.iter().filter(|heard| heard.queue() == ALL) {
        let (name, headers) = (&heard.0["headers"]["type"], &heard.0["headers"]);
        if name == "ORDER_CREATED" {
            assert_eq!(heard.0["key"], "order.created");
        }
        for header in ["event-id", "type", "occurred-at", "entity", "version"] {
            assert!(!headers[header].is_null(), "{header} is missing: {headers}");
        }
    }
    // And a consumer that comes after us finds the queues as it would have made them.
    assert!(Ears::listen(&broker.url(), &queues()).await.is_some());
    shop.stop().await;
}

fn assert_is_item(body: &Value, item: &Value) {
    let found = &body["data"]["items"][0];
    assert!(found["productId"].is_string(), "{body}");
    for field in ["name", "price", "quantity"] {
        assert_eq!(found[field], item[field], "{field} of {body}");
    }
}

#[actix_web::test]
async fn a_shop_can_leave_the_queues_of_earlier_systems_out() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let settings = [
        ("rabbitmq.url", broker.url()),
        ("rabbitmq.seed_queues", "false".into()),
    ];
    let settings = settings.each_ref().map(|(key, value)| (*key, value.as_str()));
    let shop = Shop::start_with(&settings).await;
    shop.shopper("anna").await;
    shop.runtime.router().quiet().await;
    for queue in queues() {
        assert_eq!(broker.waiting(queue).await, None, "{queue}");
    }
    let own = broker.waiting("bazaar.notifier").await;
    assert!(own.is_some(), "our own are there");
    shop.stop().await;
}
