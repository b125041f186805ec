//! Orders over HTTP: from the cart to the end.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::cart::{add, put_up, quantities};
use crate::shop::{Caller, Seller, Shop, Shopper};
use crate::stock_stream::Live;

const ORDERS: &str = "/api/orders";

pub(crate) fn address() -> Value {
    json!({ "street": "1 MG Road", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001" })
}

/// Orders what is in a cart.
pub(crate) async fn order(buyer: &Caller) -> Answer {
    buyer.post(ORDERS, json!({})).await
}

fn path_of(answer: &Answer) -> String {
    let id = answer.body["order"]["id"].as_str().expect("an order");
    format!("{ORDERS}/{id}")
}

/// On hand, reserved, sold and available.
pub(crate) async fn numbers(seller: &Seller, product: &str) -> [u64; 4] {
    let seen = seller.get(&format!("/api/inventory/{product}")).await.expect(200);
    ["onHand", "reserved", "sold", "available"].map(|name| seen.body[name].as_u64().expect("a number"))
}

async fn scene() -> (Shop, Seller, Shopper, String) {
    scene_with(&[]).await
}

async fn scene_with(settings: &[(&str, &str)]) -> (Shop, Seller, Shopper, String) {
    let shop = Shop::start_with(settings).await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "199.99", 5).await;
    (shop, cleo, anna, tent)
}

#[actix_web::test]
async fn an_order_costs_what_the_shop_says() {
    let settings = [("orders.tax_percent", "18"), ("orders.shipping", "50")];
    let (shop, cleo, anna, tent) = scene_with(&settings).await;
    add(&anna, &tent, 2).await.expect(200);
    let body = json!({ "shippingAddress": address(), "total": 1, "items": [], "price": 0 });
    let placed = anna.post(ORDERS, body).await.expect(201);
    let order = &placed.body["order"];
    let rupees = |amount: f64| json!({ "amount": amount, "currency": "INR" });
    assert_eq!(order["subtotal"], rupees(399.98));
    assert_eq!(order["tax"], json!({ "amount": 72, "currency": "INR" }));
    assert_eq!(order["shipping"], json!({ "amount": 50, "currency": "INR" }));
    assert_eq!(order["total"], rupees(521.98));
    assert_eq!(
        (&order["status"], &order["reason"]),
        (&json!("PENDING"), &Value::Null)
    );
    assert_eq!(order["items"][0]["lineTotal"], rupees(399.98));
    assert_eq!(order["items"][0]["seller"], cleo.id);
    assert_eq!(order["shippingAddress"]["city"], "Pune");
    assert_eq!(numbers(&cleo, &tent).await, [5, 2, 0, 3]);
    assert_eq!(quantities(&anna).await, [2], "it leaves the cart when it is paid");
    shop.stop().await;
}

#[actix_web::test]
async fn an_unchanged_cart_finds_its_order_and_a_changed_one_supersedes_it() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 4).await.expect(200);
    let first = order(&anna).await.expect(201);
    let again = order(&anna).await.expect(200);
    assert_eq!(again.body["order"]["id"], first.body["order"]["id"]);
    add(&anna, &tent, 1).await.problem(409, "short");
    let line = format!("/api/cart/items/{tent}");
    anna.patch(&line, json!({ "quantity": 3 })).await.expect(200);
    let second = order(&anna).await.expect(201);
    assert_ne!(second.body["order"]["id"], first.body["order"]["id"]);
    let old = anna.get(&path_of(&first)).await.expect(200);
    assert_eq!(old.body["order"]["status"], "CANCELLED");
    assert_eq!(old.body["order"]["reason"], "superseded");
    assert_eq!(numbers(&cleo, &tent).await, [5, 3, 0, 2]);
    shop.stop().await;
}

#[actix_web::test]
async fn an_empty_cart_makes_no_order() {
    let (shop, _, anna, _) = scene().await;
    order(&anna).await.problem(400, "cart_empty");
    shop.stop().await;
}

#[actix_web::test]
async fn every_short_line_is_told_and_nothing_is_reserved() {
    let (shop, cleo, anna, tent) = scene().await;
    let bert = shop.shopper("bert").await;
    let lamp = put_up(&cleo, "10", 5).await;
    for buyer in [&anna, &bert] {
        add(buyer, &tent, 3).await.expect(200);
        add(buyer, &lamp, 4).await.expect(200);
    }
    order(&bert).await.expect(201);
    let short = order(&anna).await.problem(409, "short");
    let mut items = short.body["items"].as_array().cloned().expect("items");
    items.sort_by_key(|item| item["requested"].as_u64());
    let told = json!([
        { "productId": tent, "requested": 3, "available": 2 },
        { "productId": lamp, "requested": 4, "available": 1 },
    ]);
    assert_eq!(Value::Array(items), told);
    assert_eq!(numbers(&cleo, &tent).await, [5, 3, 0, 2]);
    assert_eq!(numbers(&cleo, &lamp).await, [5, 4, 0, 1]);
    assert_eq!(quantities(&anna).await, [3, 4], "nobody's cart loses a line");
    shop.stop().await;
}

#[actix_web::test]
async fn the_catalogues_price_counts_and_a_change_of_it_is_told() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 1).await.expect(200);
    let dearer = json!({ "price": { "amount": 250, "currency": "INR" } });
    cleo.patch(&format!("/api/products/{tent}"), dearer)
        .await
        .expect(200);
    let placed = order(&anna).await.expect(201);
    assert_eq!(placed.body["order"]["total"]["amount"], 250);
    let change = json!([{
        "productId": tent,
        "was": { "amount": 199.99, "currency": "INR" },
        "is": { "amount": 250, "currency": "INR" },
    }]);
    assert_eq!(placed.body["order"]["priceChanges"], change);
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_no_longer_for_sale_is_short() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 1).await.expect(200);
    cleo.delete(&format!("/api/products/{tent}")).await.expect(200);
    let short = order(&anna).await.problem(409, "short");
    assert_eq!(short.body["items"][0]["available"], 0);
    let cart = anna.get("/api/cart").await.expect(200);
    assert_eq!(cart.body["cart"]["items"][0]["available"], 0);
    shop.stop().await;
}

#[actix_web::test]
async fn a_cancelled_order_gives_its_stock_back_at_once() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 4).await.expect(200);
    let path = path_of(&order(&anna).await.expect(201));
    let cancelled = anna.post(&format!("{path}/cancel"), json!({})).await.expect(200);
    assert_eq!(cancelled.body["order"]["reason"], "by_buyer");
    assert_eq!(numbers(&cleo, &tent).await, [5, 0, 0, 5]);
    anna.post(&format!("{path}/cancel"), json!({})).await.expect(200);
    order(&anna).await.expect(201);
    assert_eq!(numbers(&cleo, &tent).await, [5, 4, 0, 1]);
    shop.stop().await;
}

#[actix_web::test]
async fn an_unpaid_order_expires_to_the_second() {
    let (shop, cleo, anna, tent) = scene_with(&[("orders.hold_seconds", "1")]).await;
    add(&anna, &tent, 4).await.expect(200);
    let path = path_of(&order(&anna).await.expect(201));
    let mut live = Live::listen(&shop, &tent).await;
    live.until(5).await;
    drop(live);
    let order = anna.get(&path).await.expect(200);
    assert_eq!(order.body["order"]["reason"], "expired");
    assert_eq!(numbers(&cleo, &tent).await, [5, 0, 0, 5]);
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_is_seen_by_whom_it_concerns() {
    let (shop, cleo, anna, tent) = scene().await;
    let (dora, bert) = (shop.seller("dora").await, shop.shopper("bert").await);
    let lamp = put_up(&dora, "10", 5).await;
    add(&anna, &tent, 1).await.expect(200);
    add(&anna, &lamp, 2).await.expect(200);
    let path = path_of(&order(&anna).await.expect(201));
    bert.get(&path).await.problem(403, "forbidden");
    shop.seller("eric")
        .await
        .get(&path)
        .await
        .problem(403, "forbidden");
    let whole = shop.admin().await.get(&path).await.expect(200);
    assert_eq!(whole.body["order"]["items"].as_array().map(Vec::len), Some(2));
    let doras = dora.get(&path).await.expect(200);
    assert_eq!(doras.body["order"]["items"][0]["productId"], lamp);
    assert_eq!(doras.body["order"]["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(doras.body["order"]["subtotal"]["amount"], 20);
    assert_eq!(doras.body["order"]["total"], Value::Null);
    cleo.get(&path).await.expect(200);
    bert.post(&format!("{path}/cancel"), json!({}))
        .await
        .problem(403, "forbidden");
    dora.post(&format!("{path}/cancel"), json!({}))
        .await
        .problem(403, "forbidden");
    anna.get(&format!("{ORDERS}/0123456789abcdef01234567"))
        .await
        .problem(404, "not_found");
    anna.get(&format!("{ORDERS}/nonsense")).await.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn orders_are_listed_newest_first_and_by_status() {
    let (shop, _, anna, tent) = scene().await;
    add(&anna, &tent, 1).await.expect(200);
    let first = order(&anna).await.expect(201);
    let cancel = format!("{}/cancel", path_of(&first));
    anna.post(&cancel, json!({})).await.expect(200);
    let second = order(&anna).await.expect(201);
    let ids = |list: &Answer| -> Vec<Value> {
        let orders = list.body["orders"].as_array().cloned().unwrap_or_default();
        orders.iter().map(|order| order["id"].clone()).collect()
    };
    let all = anna.get(&format!("{ORDERS}/me")).await.expect(200);
    let [first, second] = [first, second].map(|placed| placed.body["order"]["id"].clone());
    assert_eq!(ids(&all), [second.clone(), first.clone()]);
    assert_eq!(all.body["meta"]["total"], 2);
    let cancelled = anna
        .get(&format!("{ORDERS}/me?status=CANCELLED"))
        .await
        .expect(200);
    assert_eq!(ids(&cancelled), [first]);
    let page = anna.get("/api/order/me?limit=1").await.expect(200);
    assert_eq!(ids(&page), [second]);
    anna.get(&format!("{ORDERS}/me?status=LOST"))
        .await
        .problem(400, "invalid");
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_goes_to_the_address_that_was_said() {
    let (shop, _, anna, tent) = scene().await;
    let known = anna
        .post("/api/auth/users/me/addresses", address())
        .await
        .expect(201);
    let home = known.body["address"]["id"].clone();
    add(&anna, &tent, 1).await.expect(200);
    let strange = json!({ "addressId": "0123456789abcdef01234567" });
    anna.post(ORDERS, strange).await.problem(404, "not_found");
    let partly = json!({ "shippingAddress": { "street": "1 High Street" } });
    let answer = anna.post(ORDERS, partly).await.problem(400, "invalid");
    assert!(answer.bad_fields().contains(&"shippingAddress.city"));
    let placed = anna.post(ORDERS, json!({ "addressId": home })).await.expect(201);
    assert_eq!(placed.body["order"]["shippingAddress"]["street"], "1 MG Road");
    let mut elsewhere = address();
    elsewhere["street"] = json!("2 MG Road");
    let path = format!("{}/address", path_of(&placed));
    let moved = anna.patch(&path, elsewhere).await.expect(200);
    assert_eq!(moved.body["order"]["shippingAddress"]["street"], "2 MG Road");
    let timeline = anna
        .get(&format!("{}/timeline", path_of(&placed)))
        .await
        .expect(200);
    let happened = timeline.body["timeline"].as_array().cloned().unwrap_or_default();
    let names: Vec<_> = happened.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(names, ["ORDER_CREATED", "ORDER_READDRESSED"]);
    assert!(happened.iter().all(|event| event["actor"] == anna.id));
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_is_not_shipped_before_it_is_paid() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 1).await.expect(200);
    let path = format!("{}/status", path_of(&order(&anna).await.expect(201)));
    let shipped = json!({ "status": "SHIPPED" });
    cleo.patch(&path, shipped.clone()).await.problem(409, "not_now");
    anna.patch(&path, shipped.clone()).await.problem(403, "forbidden");
    let stranger = shop.seller("dora").await;
    stranger.patch(&path, shipped).await.problem(403, "forbidden");
    cleo.patch(&path, json!({ "status": "PENDING" }))
        .await
        .problem(400, "invalid");
    shop.stop().await;
}

#[actix_web::test]
async fn a_hundred_repeats_of_one_request_make_one_order() {
    let (shop, cleo, anna, tent) = scene().await;
    add(&anna, &tent, 2).await.expect(200);
    let again = || async {
        loop {
            let call = anna.call(Method::POST, ORDERS).header("idempotency-key", "once");
            let answer = call.json(&json!({})).send().await;
            if answer.body["code"] != "in_flight" {
                return answer.expect(201);
            }
            tokio::task::yield_now().await;
        }
    };
    let answers = join_all((0..100).map(|_| again())).await;
    let fresh = answers
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(fresh.count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.body["order"] == answers[0].body["order"])
    );
    let other = anna.call(Method::POST, ORDERS).header("idempotency-key", "once");
    let other = other.json(&json!({ "shippingAddress": address() })).send().await;
    other.problem(422, "idempotency_key_reused");
    assert_eq!(numbers(&cleo, &tent).await, [5, 2, 0, 3]);
    shop.stop().await;
}

#[actix_web::test]
async fn a_refusal_for_want_of_stock_is_repeated_as_well() {
    let (shop, _, anna, tent) = scene().await;
    let bert = shop.shopper("bert").await;
    add(&anna, &tent, 4).await.expect(200);
    add(&bert, &tent, 4).await.expect(200);
    let berts = path_of(&order(&bert).await.expect(201));
    let once = || {
        let call = anna.call(Method::POST, ORDERS).header("idempotency-key", "once");
        call.json(&json!({})).send()
    };
    once().await.problem(409, "short");
    bert.post(&format!("{berts}/cancel"), json!({})).await.expect(200);
    let again = once().await.problem(409, "short");
    assert_eq!(again.header("idempotent-replayed"), "true");
    order(&anna).await.expect(201);
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_of_two_days_ago_makes_another_order() {
    let (shop, _, anna, tent) = scene().await;
    add(&anna, &tent, 1).await.expect(200);
    let once = async |who: &Caller| {
        let call = who.call(Method::POST, ORDERS).header("idempotency-key", "key");
        call.json(&json!({})).send().await.expect(201)
    };
    let first = once(&anna).await;
    let cancel = format!("{}/cancel", path_of(&first));
    anna.post(&cancel, json!({})).await.expect(200);
    let shop = shop.reopen_after(Duration::from_hours(48)).await;
    let anna = shop.back("anna").await;
    let (second, again) = (once(&anna).await, once(&anna).await);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(path_of(&second), path_of(&first));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(path_of(&again), path_of(&second));
    shop.stop().await;
}
