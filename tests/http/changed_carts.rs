//! Carts that change while there is an order of them: the new order takes the place of the old one,
//! whatever comes between, and what was paid is not ordered again.

use reqwest::Method;
use serde_json::json;

use crate::call::Answer;
use crate::cart::{add, put_up, quantities};
use crate::goods::id_of;
use crate::orders::{numbers, order};
use crate::payments::{order_becomes, order_of, promise};
use crate::shop::{Caller, Seller, Shop, Shopper};

/// Anna has an order of two of Cleo's four tents, and has then put a lamp into her cart.
struct Scene {
    shop: Shop,
    cleo: Seller,
    anna: Shopper,
    tent: String,
    lamp: String,
    first: String,
}

impl Scene {
    async fn set(tents: u64) -> Self {
        let shop = Shop::start().await;
        let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
        let tent = put_up(&cleo, "199.99", tents).await;
        let lamp = put_up(&cleo, "5", 5).await;
        add(&anna, &tent, 2).await.expect(200);
        let first = id_of(&order(&anna).await.expect(201).body["order"]);
        add(&anna, &lamp, 1).await.expect(200);
        Self {
            shop,
            cleo,
            anna,
            tent,
            lamp,
            first,
        }
    }

    async fn retire_the_lamp(&self) {
        let path = format!("/api/products/{}", self.lamp);
        let answer = self.cleo.delete(&path).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    async fn price_the_lamp_in(&self, currency: &str) {
        let path = format!("/api/products/{}", self.lamp);
        let price = json!({ "price": { "amount": 5, "currency": currency } });
        self.cleo.patch(&path, price).await.expect(200);
    }
}

async fn order_once(buyer: &Caller, key: &str) -> Answer {
    let call = buyer.call(Method::POST, "/api/orders");
    call.header("idempotency-key", key).json(&json!({})).send().await
}

#[actix_web::test]
async fn orders_that_could_not_be_placed_do_not_cut_the_standing_one_loose() {
    let scene = Scene::set(2).await;
    let Scene { cleo, anna, .. } = &scene;
    scene.retire_the_lamp().await;
    order(anna).await.expect(409);
    let mug = put_up(cleo, "3", 5).await;
    add(anna, &mug, 1).await.expect(200);
    order(anna).await.expect(409);
    anna.delete(&format!("/api/cart/items/{}", scene.lamp))
        .await
        .expect(200);
    order(anna).await.expect(201);
    let old = order_of(anna, &scene.first).await;
    assert_eq!(
        (&old["status"], &old["reason"]),
        (&json!("CANCELLED"), &json!("superseded"))
    );
    assert_eq!(
        numbers(cleo, &scene.tent).await,
        [2, 2, 0, 0],
        "the holds passed on"
    );
    scene.shop.stop().await;
}

#[actix_web::test]
async fn what_is_paid_leaves_the_cart_although_newer_orders_could_not_be_placed() {
    let scene = Scene::set(4).await;
    let Scene { cleo, anna, .. } = &scene;
    scene.retire_the_lamp().await;
    order(anna).await.expect(409);
    let mug = put_up(cleo, "3", 5).await;
    add(anna, &mug, 3).await.expect(200);
    order(anna).await.expect(409);
    promise(anna, &scene.first).await.expect(201);
    order_becomes(anna, &scene.first, "CONFIRMED").await;
    assert_eq!(quantities(anna).await, [1, 3], "the tents are bought");
    scene.shop.stop().await;
}

#[actix_web::test]
async fn an_order_that_was_refused_is_refused_again_under_its_key_whatever_has_changed() {
    let scene = Scene::set(4).await;
    let anna = &scene.anna;
    scene.price_the_lamp_in("USD").await;
    order_once(anna, "mixed").await.expect(409);
    scene.price_the_lamp_in("INR").await;
    let again = order_once(anna, "mixed").await.expect(409);
    assert_eq!(again.header("idempotent-replayed"), "true");
    scene.retire_the_lamp().await;
    order_once(anna, "gone").await.expect(409);
    promise(anna, &scene.first).await.expect(201);
    order_becomes(anna, &scene.first, "CONFIRMED").await;
    for key in ["mixed", "gone"] {
        let again = order_once(anna, key).await.expect(409);
        assert_eq!(again.header("idempotent-replayed"), "true", "{key}");
    }
    scene.shop.stop().await;
}

#[actix_web::test]
async fn a_repeated_order_is_answered_although_its_address_is_gone() {
    let scene = Scene::set(4).await;
    let anna = &scene.anna;
    let home =
        json!({ "street": "1 Main Road", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001" });
    let added = anna.post("/api/auth/users/me/addresses", home).await.expect(201);
    let address = id_of(&added.body["address"]);
    let body = json!({ "addressId": address });
    let send = async || {
        let call = anna.call(Method::POST, "/api/orders");
        call.header("idempotency-key", "home").json(&body).send().await
    };
    let first = send().await.expect(201);
    anna.delete(&format!("/api/auth/users/me/addresses/{address}"))
        .await
        .expect(200);
    let again = send().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["order"]["id"], first.body["order"]["id"]);
    let unknown = json!({ "addressId": address });
    anna.post("/api/orders", unknown).await.expect(404);
    scene.shop.stop().await;
}
