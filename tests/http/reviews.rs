//! Reviews over HTTP: by those who have bought, once each.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::order;
use crate::shop::{Caller, Shop};

/// Buys one, to be paid at the door.
async fn buy(buyer: &Caller, product: &str) {
    add(buyer, product, 1).await.expect(200);
    let order = id_of(&order(buyer).await.expect(201).body["order"]);
    let cash = json!({ "method": "cash_on_delivery" });
    buyer
        .post(&format!("/api/payments/create/{order}"), cash)
        .await
        .expect(201);
}

#[actix_web::test]
async fn who_has_bought_a_product_says_what_he_makes_of_it_once() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    let tent = put_up(&cleo, "199.99", 5).await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let path = format!("/api/products/{tent}/reviews");
    let product = async || {
        shop.visitor()
            .get(&format!("/api/products/{tent}"))
            .await
            .expect(200)
            .body["product"]
            .clone()
    };
    assert_eq!(product().await["rating"], Value::Null);

    anna.post(&path, json!({ "rating": 5 })).await.expect(403);
    add(&anna, &tent, 1).await.expect(200);
    order(&anna).await.expect(201);
    anna.post(&path, json!({ "rating": 5 })).await.expect(403);
    buy(&anna, &tent).await;
    buy(&bert, &tent).await;
    let said = anna
        .post(&path, json!({ "rating": 5, "comment": "Dry <b>all</b> night" }))
        .await
        .expect(201);
    assert_eq!(
        (&said.body["review"]["rating"], &said.body["review"]["username"]),
        (&json!(5), &json!("anna"))
    );
    anna.post(&path, json!({ "rating": 1 })).await.expect(409);
    bert.post(&path, json!({ "rating": "4" })).await.expect(201);
    assert_eq!(
        product().await["rating"].to_string(),
        r#"{"average":4.5,"count":2}"#
    );

    let list = shop.visitor().get(&path).await.expect(200);
    assert_eq!(
        (&list.body["meta"]["total"], &list.body["reviews"][0]["username"]),
        (&json!(2), &json!("bert"))
    );
    assert_eq!(list.body["reviews"][1]["comment"], "Dry <b>all</b> night");
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_no_review_is_refused() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    let tent = put_up(&cleo, "199.99", 5).await;
    let anna = shop.shopper("anna").await;
    buy(&anna, &tent).await;
    let path = format!("/api/products/{tent}/reviews");
    for bad in [
        json!({}),
        json!({ "rating": 0 }),
        json!({ "rating": 6 }),
        json!({ "rating": 4.5 }),
        json!({ "rating": { "$gt": 0 } }),
        json!({ "rating": 5, "comment": "x".repeat(2_001) }),
        json!({ "rating": 5, "comment": 7 }),
    ] {
        anna.post(&path, bad.clone()).await.expect(400);
    }
    cleo.post(&path, json!({ "rating": 5 })).await.expect(403);
    shop.visitor()
        .post(&path, json!({ "rating": 5 }))
        .await
        .expect(401);
    anna.post(
        "/api/products/0123456789abcdef01234567/reviews",
        json!({ "rating": 5 }),
    )
    .await
    .expect(404);
    shop.visitor()
        .get("/api/products/0123456789abcdef01234567/reviews")
        .await
        .expect(404);
    shop.stop().await;
}

#[actix_web::test]
async fn a_review_that_is_repeated_is_the_first_one_even_when_the_order_is_gone() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    let tent = put_up(&cleo, "199.99", 5).await;
    let anna = shop.shopper("anna").await;
    buy(&anna, &tent).await;
    let path = format!("/api/products/{tent}/reviews");
    let say = async || {
        let call = anna.call(Method::POST, &path).header("idempotency-key", "once");
        call.json(&json!({ "rating": 4, "comment": "Dry" })).send().await
    };
    let first = say().await.expect(201);
    let kept = shop.visitor().get(&path).await.expect(200);
    assert_eq!(
        kept.body["reviews"],
        json!([first.body["review"]]),
        "as it was answered"
    );
    let mine = anna.get("/api/orders/me").await.expect(200);
    let order = id_of(&mine.body["orders"][0]);
    anna.post(&format!("/api/orders/{order}/cancel"), json!({}))
        .await
        .expect(200);
    let again = say().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["review"], first.body["review"]);
    anna.post(&path, json!({ "rating": 1 })).await.expect(409);
    shop.stop().await;
}

#[actix_web::test]
async fn of_twenty_reviews_of_one_buyer_at_once_one_counts() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    let tent = put_up(&cleo, "199.99", 5).await;
    let anna = shop.shopper("anna").await;
    buy(&anna, &tent).await;
    let path = format!("/api/products/{tent}/reviews");
    let said = join_all((0..20).map(|n| anna.post(&path, json!({ "rating": n % 5 + 1 })))).await;
    let said: Vec<_> = said.iter().map(|answer| answer.status).collect();
    let taken = said.iter().filter(|status| **status == 201).count();
    let refused = said.iter().filter(|status| **status == 409).count();
    assert_eq!((taken, refused), (1, 19), "{said:?}");
    let list = shop.visitor().get(&path).await.expect(200);
    assert_eq!(list.body["meta"]["total"], 1);
    assert_eq!(list.body["rating"]["count"], 1);
    shop.stop().await;
}
