//! What goes wrong while people buy: bad wishes, people who go away, and other people's things.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cart::{add, put_up, quantities};
use crate::goods::id_of;
use crate::orders::{address, numbers, order};
use crate::shop::Shop;

#[actix_web::test]
async fn putting_something_into_a_cart_reserves_nothing() {
    let shop = Shop::start().await;
    let (cleo, anna, bert) = (
        shop.seller("cleo").await,
        shop.shopper("anna").await,
        shop.shopper("bert").await,
    );
    let tent = put_up(&cleo, "10", 2).await;
    add(&anna, &tent, 2).await.expect(200);
    let berts = add(&bert, &tent, 2).await.expect(200);
    assert_eq!(berts.body["cart"]["items"][0]["available"], 2);
    order(&bert).await.expect(201);
    let annas = anna.get("/api/cart").await.expect(200);
    assert_eq!(annas.body["cart"]["items"][0]["available"], 0);
    assert_eq!(annas.body["cart"]["items"][0]["quantity"], 2);
    order(&anna).await.problem(409, "short");
    assert_eq!(quantities(&anna).await, [2], "nobody's cart loses a line");
    shop.stop().await;
}

#[actix_web::test]
async fn a_price_that_a_client_sends_is_nobodys_price() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    let item = json!({
        "productId": tent, "quantity": 2, "price": { "amount": 0, "currency": "INR" },
        "title": "Free", "lineTotal": 0, "total": 0, "user": "0123456789abcdef01234567",
    });
    let cart = anna.post("/api/cart/items", item).await.expect(200);
    let line = &cart.body["cart"]["items"][0];
    assert_eq!(
        (&line["price"]["amount"], &line["title"]),
        (&json!(10), &json!("Tent for 10"))
    );
    assert_eq!(cart.body["totals"]["subtotal"]["amount"], 20);
    assert_eq!(cart.body["cart"]["user"], anna.id);
    shop.stop().await;
}

#[actix_web::test]
async fn a_stock_is_not_set_below_what_is_held() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 3).await.expect(200);
    order(&anna).await.expect(201);
    let path = format!("/api/inventory/{tent}");
    for change in [json!({ "onHand": 2 }), json!({ "delta": -3 })] {
        let answer = cleo.patch(&path, change.clone()).await.expect(409);
        assert_eq!(answer.body["status"], 409, "{change}: {}", answer.body);
    }
    let numbers = cleo.patch(&path, json!({ "onHand": 3 })).await.expect(200);
    assert_eq!(numbers.body["available"], 0);
    shop.stop().await;
}

#[actix_web::test]
async fn what_costs_more_than_can_be_counted_is_refused_and_changes_nothing() {
    let shop = Shop::start_with(&[("orders.tax_percent", "18")]).await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let dear = put_up(&cleo, "9999999999", 10_000).await;
    add(&anna, &dear, 10_000).await.problem(400, "too_dear");
    assert!(quantities(&anna).await.is_empty());
    // This comes to the largest amount there is,
    let castle = put_up(&cleo, "10000000", 10_000).await;
    add(&anna, &castle, 10_000).await.expect(200);
    // and leaves no room for a sum,
    let match_ = put_up(&cleo, "0.01", 5).await;
    add(&anna, &match_, 1).await.problem(400, "too_dear");
    assert_eq!(quantities(&anna).await, [10_000]);
    // nor for the tax.
    for _ in 0..2 {
        order(&anna).await.problem(400, "too_dear");
        assert_eq!(numbers(&cleo, &castle).await, [10_000, 0, 0, 10_000]);
    }
    let line = format!("/api/cart/items/{castle}");
    let fewer = json!({ "quantity": 8_000 });
    anna.patch(&line, fewer).await.expect(200);
    let placed = order(&anna).await.expect(201);
    assert_eq!(placed.body["order"]["total"]["amount"], 94_400_000_000_u64);
    assert_eq!(numbers(&cleo, &castle).await, [10_000, 8_000, 0, 2_000]);
    shop.stop().await;
}

#[actix_web::test]
async fn half_a_request_is_none() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let token = anna.token.clone().expect("a token");
    let headers = format!("Authorization: Bearer {token}\r\nIdempotency-Key: half\r\n");
    for path in ["/api/cart/items", "/api/orders"] {
        let mut stream = anna.hesitate(path, &headers).await;
        stream.write_all(b"{\"q").await.expect("the shop listens");
        stream.shutdown().await.expect("a socket of ours");
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.expect("the shop hangs up");
        let heard = heard.escape_ascii().to_string();
        assert!(!heard.contains("HTTP/1.1 2"), "{path} was answered {heard}");
    }
    shop.runtime.engine().quiet().await;
    assert_eq!(quantities(&anna).await, [2]);
    assert_eq!(numbers(&cleo, &tent).await, [5, 0, 0, 5]);
    let mine = anna.get("/api/orders/me").await.expect(200);
    assert_eq!(mine.body["meta"]["total"], 0, "{}", mine.text);
    // Nor does it stand in the way of the whole one, once the shop has let go of it.
    let whole = async || {
        let call = anna
            .call(Method::POST, "/api/orders")
            .header("idempotency-key", "half");
        call.json(&json!({})).send().await
    };
    let mut placed = whole().await;
    while placed.body["code"] == "in_flight" {
        placed = whole().await;
    }
    placed.expect(201);
    shop.stop().await;
}

/// Sends a whole request and goes away.
async fn send_and_leave(host: &str, token: &str, path: &str) {
    let mut stream = TcpStream::connect(host).await.expect("the shop is open");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the shop listens");
    stream.shutdown().await.expect("a socket of ours");
}

#[actix_web::test]
async fn whoever_leaves_before_the_answer_finds_one_order_when_he_comes_back() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let host = shop.url().trim_start_matches("http://").to_owned();
    let token = anna.token.clone().expect("a token");
    for _ in 0..5 {
        send_and_leave(&host, &token, "/api/orders").await;
    }
    let back = order(&anna).await;
    assert!(matches!(back.status, 200 | 201), "{}", back.text);
    shop.runtime.engine().quiet().await;
    let mine = anna.get("/api/orders/me").await.expect(200);
    assert_eq!(mine.body["meta"]["total"], 1, "{}", mine.text);
    assert_eq!(mine.body["orders"][0]["id"], back.body["order"]["id"]);
    let numbers = cleo.get(&format!("/api/inventory/{tent}")).await.expect(200);
    assert_eq!(
        (&numbers.body["reserved"], &numbers.body["available"]),
        (&json!(2), &json!(3))
    );
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_that_has_changed_is_412() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let placed = order(&anna).await.expect(201);
    let path = format!(
        "/api/orders/{}",
        placed.body["order"]["id"].as_str().expect("an id")
    );
    let seen = anna.get(&path).await.expect(200);
    assert_eq!(
        seen.header("etag"),
        format!("\"{}\"", seen.body["order"]["version"])
    );
    let cancel = |version: String| {
        let call = anna.call(Method::POST, &format!("{path}/cancel"));
        call.header("if-match", &version).json(&json!({})).send()
    };
    cancel("\"1\"".to_owned()).await.problem(412, "version_mismatch");
    let cancelled = cancel(seen.header("etag").to_owned()).await.expect(200);
    assert_eq!(cancelled.body["order"]["status"], "CANCELLED");
    shop.stop().await;
}

#[actix_web::test]
async fn the_order_of_a_second_click_goes_where_the_second_click_says() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let first = order(&anna).await.expect(201);
    assert_eq!(first.body["order"]["shippingAddress"], Value::Null);
    let said = json!({ "shippingAddress": address() });
    let second = anna.post("/api/orders", said).await.expect(200);
    let third = order(&anna).await.expect(200);
    for click in [&second, &third] {
        let placed = &click.body["order"];
        assert_eq!(placed["id"], first.body["order"]["id"]);
        assert_eq!(placed["shippingAddress"]["street"], "1 MG Road", "{placed}");
        assert_eq!(placed["version"], second.body["order"]["version"], "{placed}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_is_sent_to_a_whole_address_by_its_buyer_alone() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 2).await.expect(200);
    let placed = order(&anna).await.expect(201);
    let path = format!("/api/orders/{}/address", id_of(&placed.body["order"]));
    for missing in ["street", "city", "state", "country", "zip"] {
        let mut partly = address();
        partly[missing] = json!("");
        let answer = anna.patch(&path, partly.clone()).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [missing]);
        partly.as_object_mut().expect("an object").remove(missing);
        let answer = anna.patch(&path, partly.clone()).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [missing]);
        let under = json!({ "shippingAddress": partly });
        let answer = anna.patch(&path, under.clone()).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [format!("shippingAddress.{missing}")]);
        let answer = anna.post("/api/orders", under).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [format!("shippingAddress.{missing}")]);
    }
    let nobodys = json!({ "addressId": "0123456789abcdef01234567" });
    anna.patch(&path, nobodys).await.problem(404, "not_found");
    let bert = shop.shopper("bert").await;
    for who in [&*bert, &*cleo] {
        who.patch(&path, address()).await.problem(403, "forbidden");
    }
    shop.stop().await;
}
