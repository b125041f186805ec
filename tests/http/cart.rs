//! The cart of a buyer, over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::shop::{Caller, Seller, Shop};

const ITEMS: &str = "/api/cart/items";

/// Puts up a product, and gives its id.
pub(crate) async fn put_up(seller: &Seller, price: &str, stock: u64) -> String {
    put_up_in(seller, price, "INR", stock).await
}

async fn put_up_in(seller: &Seller, price: &str, currency: &str, stock: u64) -> String {
    let amount: Value = serde_json::from_str(price).expect("a number");
    let product = json!({
        "title": format!("Tent for {price}"),
        "price": { "amount": amount, "currency": currency },
        "stock": stock,
    });
    let answer = seller.post("/api/products", product).await.expect(201);
    answer.body["product"]["id"].as_str().expect("an id").to_owned()
}

/// Puts so many of a product into a cart.
pub(crate) async fn add(buyer: &Caller, product: &str, quantity: u32) -> Answer {
    let item = json!({ "productId": product, "quantity": quantity });
    buyer.post(ITEMS, item).await
}

/// The quantities in a cart.
pub(crate) async fn quantities(buyer: &Caller) -> Vec<u64> {
    let cart = buyer.get("/api/cart").await.expect(200);
    let items = cart.body["cart"]["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item["quantity"].as_u64())
        .collect()
}

#[actix_web::test]
async fn a_cart_adds_up_and_tells_what_is_available() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "199.99", 5).await;
    let empty = anna.get("/api/cart").await.expect(200);
    assert_eq!(empty.body["cart"]["items"], json!([]));
    assert_eq!(empty.body["totals"]["subtotal"]["amount"], 0);
    add(&anna, &tent, 2).await.expect(200);
    let cart = add(&anna, &tent, 1).await.expect(200);
    let item = json!({
        "productId": tent, "title": "Tent for 199.99", "quantity": 3, "available": 5,
        "price": { "amount": 199.99, "currency": "INR" },
        "lineTotal": { "amount": 599.97, "currency": "INR" },
    });
    assert_eq!(cart.body["cart"]["items"], json!([item]));
    let totals = json!({
        "itemCount": 1, "totalQuantity": 3,
        "subtotal": { "amount": 599.97, "currency": "INR" },
    });
    assert_eq!(cart.body["totals"], totals);
    assert_eq!(cart.body["cart"]["user"], anna.id);
    shop.stop().await;
}

#[actix_web::test]
async fn a_line_is_changed_and_taken_out() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 3).await.expect(200);
    let line = format!("{ITEMS}/{tent}");
    anna.patch(&line, json!({ "quantity": 5 })).await.expect(200);
    let short = anna
        .patch(&line, json!({ "quantity": 6 }))
        .await
        .problem(409, "short");
    assert_eq!(short.body["available"], 5);
    assert_eq!(quantities(&anna).await, [5]);
    anna.delete(&line).await.expect(200);
    anna.delete(&line).await.problem(404, "not_found");
    let gone = anna.patch(&line, json!({ "quantity": 1 })).await;
    gone.problem(404, "not_found");
    add(&anna, &tent, 1).await.expect(200);
    anna.delete("/api/cart").await.expect(200);
    assert!(quantities(&anna).await.is_empty());
    shop.stop().await;
}

#[actix_web::test]
async fn a_quantity_is_a_whole_number_from_1_to_10000() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 20_000).await;
    for bad in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e9),
        json!("two"),
        json!(null),
        json!([1]),
        json!({ "$gt": 0 }),
    ] {
        for name in ["quantity", "qty"] {
            let item = json!({ "productId": tent, name: bad });
            let answer = anna.post(ITEMS, item).await.problem(400, "invalid");
            assert_eq!(answer.bad_fields(), [name], "{bad}");
        }
    }
    assert!(quantities(&anna).await.is_empty());
    for good in [json!("2"), json!(2), json!(2.0)] {
        anna.post(ITEMS, json!({ "productId": tent, "qty": good }))
            .await
            .expect(200);
    }
    let nothing_said = json!({ "productId": tent });
    anna.post(ITEMS, nothing_said).await.expect(200);
    assert_eq!(quantities(&anna).await, [7], "one, where nothing is said");
    let line = format!("{ITEMS}/{tent}");
    for bad in [json!(null), json!(0), json!(1.5), json!(10_001)] {
        let answer = anna.patch(&line, json!({ "quantity": bad })).await;
        assert_eq!(answer.problem(400, "invalid").bad_fields(), ["quantity"]);
    }
    let too_many = add(&anna, &tent, 10_000).await.problem(400, "invalid");
    assert_eq!(too_many.bad_fields(), ["quantity"]);
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_not_for_sale_does_not_go_into_a_cart() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    add(&anna, "0123456789abcdef01234567", 1)
        .await
        .problem(404, "not_found");
    add(&anna, "tent", 1).await.problem(400, "invalid");
    let tent = put_up(&cleo, "10", 2).await;
    let short = add(&anna, &tent, 3).await.problem(409, "short");
    assert_eq!(
        (&short.body["requested"], &short.body["available"]),
        (&json!(3), &json!(2))
    );
    cleo.delete(&format!("/api/products/{tent}")).await.expect(200);
    add(&anna, &tent, 1).await.problem(404, "not_found");
    let sold_out = put_up(&cleo, "10", 0).await;
    assert_eq!(
        add(&anna, &sold_out, 1).await.problem(409, "short").body["available"],
        0
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_cart_holds_one_currency() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let rupees = put_up(&cleo, "10", 5).await;
    let dollars = put_up_in(&cleo, "10", "USD", 5).await;
    add(&anna, &rupees, 1).await.expect(200);
    add(&anna, &dollars, 1).await.problem(409, "other_currency");
    shop.stop().await;
}

#[actix_web::test]
async fn only_buyers_have_a_cart_and_each_has_his_own() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    add(&anna, &tent, 1).await.expect(200);
    cleo.get("/api/cart").await.problem(403, "forbidden");
    shop.visitor()
        .get("/api/cart")
        .await
        .problem(401, "unauthenticated");
    let bert = shop.shopper("bert").await;
    assert!(quantities(&bert).await.is_empty());
    shop.stop().await;
}

#[actix_web::test]
async fn a_cart_that_has_changed_is_412_and_a_repeated_add_takes_effect_once() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    let first = add(&anna, &tent, 1).await.expect(200);
    let known = first.header("etag").to_owned();
    add(&anna, &tent, 1).await.expect(200);
    let late = anna.call(Method::DELETE, "/api/cart").header("if-match", &known);
    late.send().await.problem(412, "version_mismatch");
    let item = json!({ "productId": tent });
    let repeat = || {
        let call = anna
            .call(Method::POST, ITEMS)
            .header("idempotency-key", "one-more");
        call.json(&item).send()
    };
    repeat().await.expect(200);
    assert_eq!(repeat().await.expect(200).header("idempotent-replayed"), "true");
    assert_eq!(quantities(&anna).await, [3]);
    // The first answer is the answer, whatever has become of the product since.
    cleo.delete(&format!("/api/products/{tent}")).await.expect(200);
    assert_eq!(repeat().await.expect(200).header("idempotent-replayed"), "true");
    add(&anna, &tent, 1).await.problem(404, "not_found");
    shop.stop().await;
}
