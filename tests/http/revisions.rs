//! Changes of a product: what is not said stays; and with its stock in one request, both or neither.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::goods::{Form, lamp, lamp_with, put_up};
use crate::shop::{Caller, Shop};

/// What is seen of a product that a change could have touched.
async fn seen(who: &Caller, path: &str) -> (Value, Value) {
    let read = who.get(path).await.expect(200);
    let product = &read.body["product"];
    (product["title"].clone(), product["stock"].clone())
}

#[actix_web::test]
async fn what_the_product_refuses_leaves_its_stock_alone() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let path = format!("/api/products/{}", put_up(&sam, lamp()).await);
    let before = seen(&sam, &path).await;
    for (change, status, code) in [
        (
            json!({ "stock": 3, "images": ["0123456789abcdef01234567"] }),
            400,
            "invalid",
        ),
        (json!({ "stock": 3, "title": "" }), 400, "invalid"),
        (
            json!({ "stock": 3, "price": { "amount": 0, "currency": "INR" } }),
            400,
            "invalid",
        ),
    ] {
        let answer = sam.patch(&path, change.clone()).await;
        answer.problem(status, code);
        assert_eq!(seen(&sam, &path).await, before, "{change}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_new_price_without_a_currency_keeps_the_one_of_the_product() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let euros = |amount| json!({ "amount": amount, "currency": "EUR" });
    let path = format!(
        "/api/products/{}",
        put_up(&sam, lamp_with("price", euros(5))).await
    );
    for change in [
        json!({ "price": { "amount": 6 } }),
        json!({ "priceAmount": "6.00" }),
    ] {
        let changed = sam.patch(&path, change.clone()).await.expect(200);
        assert_eq!(changed.body["product"]["price"], euros(6), "{change}");
    }
    let form = Form::default().text("priceAmount", "7");
    let changed = form.into(sam.call(Method::PATCH, &path)).send().await;
    assert_eq!(
        changed.expect(200).body["product"]["price"],
        euros(7),
        "by a form"
    );
    let named = json!({ "price": { "amount": 8, "currency": "INR" } });
    let changed = sam.patch(&path, named.clone()).await.expect(200);
    assert_eq!(changed.body["product"]["price"], named["price"]);
    let new = put_up(&sam, lamp_with("price", json!({ "amount": 9 }))).await;
    let new = sam.get(&format!("/api/products/{new}")).await.expect(200);
    let rupees = json!({ "amount": 9, "currency": "INR" });
    assert_eq!(new.body["product"]["price"], rupees, "a new product");
    shop.stop().await;
}

#[actix_web::test]
async fn what_the_stock_refuses_leaves_its_product_alone() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let id = put_up(&sam, lamp()).await;
    let path = format!("/api/products/{id}");
    let item = json!({ "productId": id, "quantity": 4 });
    anna.post("/api/cart/items", item).await.expect(200);
    anna.post("/api/orders", json!({})).await.expect(201);
    let before = seen(&sam, &path).await;
    let change = json!({ "title": "A red lamp", "stock": 3 });
    assert_eq!(sam.patch(&path, change).await.status, 409, "four are held");
    assert_eq!(seen(&sam, &path).await, before);
    shop.stop().await;
}

#[actix_web::test]
async fn of_many_changes_at_once_of_one_version_one_stands_with_its_stock() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    for round in 0..10_u64 {
        let path = format!("/api/products/{}", put_up(&sam, lamp()).await);
        let change = |n: u64| {
            let call = sam.call(Method::PATCH, &path).header("if-match", "\"1\"");
            let body = json!({ "title": format!("Lamp {n}"), "stock": 100 + n });
            call.json(&body).send()
        };
        let answers = join_all((0..8).map(change)).await;
        let (stood, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((stood.len(), refused.len()), (1, 7), "in round {round}");
        for answer in refused {
            answer.problem(412, "version_mismatch");
        }
        let read = sam.get(&path).await.expect(200);
        for field in ["title", "stock"] {
            let (now, told) = (&read.body["product"][field], &stood[0].body["product"][field]);
            assert_eq!(now, told, "{field} in round {round}");
        }
    }
    shop.stop().await;
}
