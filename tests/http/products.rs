//! The catalogue over HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::goods::{id_of, lamp, lamp_with, put_up};
use crate::shop::{Caller, Shop};

#[actix_web::test]
async fn what_a_seller_puts_up_everybody_reads_at_once() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let made = sam.post("/api/products", lamp()).await.expect(201);
    assert!(made.body["message"].is_string(), "{}", made.body);
    let product = &made.body["product"];
    let expected = json!({
        "id": id_of(product),
        "title": "A blue lamp",
        "description": "It shines.",
        "price": { "amount": 199.99, "currency": "INR" },
        "seller": sam.id,
        "category": "Lamps",
        "images": [],
        "stock": 10,
        "available": 10,
        "rating": null,
        "createdAt": product["createdAt"],
        "updatedAt": product["createdAt"],
        "version": 1,
    });
    assert_eq!(product, &expected);
    let read = shop.visitor().get(&path(product)).await.expect(200);
    assert_eq!(read.body["product"], expected);
    assert_eq!(read.header("etag"), "\"1\"");
    shop.stop().await;
}

#[actix_web::test]
async fn a_change_is_seen_at_once_and_by_what_is_given_alone() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let id = put_up(&sam, lamp()).await;
    let path = format!("/api/products/{id}");
    // It stands on the shelf before it is changed.
    shop.visitor().get(&path).await.expect(200);
    let change = json!({ "price": { "amount": 5, "currency": "USD" }, "category": "" });
    let changed = sam.patch(&path, change).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let read = shop.visitor().get(&path).await.expect(200);
    assert_eq!(read.body["product"], changed.body["product"]);
    assert_eq!(
        read.body["product"]["price"],
        json!({ "amount": 5, "currency": "USD" })
    );
    assert_eq!(read.body["product"]["title"], "A blue lamp");
    assert_eq!(read.body["product"]["category"], Value::Null);
    assert_eq!(read.body["product"]["version"], 2);
    shop.stop().await;
}

#[actix_web::test]
async fn stock_lives_outside_the_version_of_its_product() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let path = format!("/api/products/{}", put_up(&sam, lamp()).await);
    let changed = sam.patch(&path, json!({ "stock": 3 })).await.expect(200);
    assert_eq!(changed.body["product"]["stock"], 3);
    let read = shop.visitor().get(&path).await.expect(200);
    assert_eq!(read.body["product"]["available"], 3);
    assert_eq!(read.body["product"]["version"], 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_change_of_another_version_changes_neither_product_nor_stock() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let path = format!("/api/products/{}", put_up(&sam, lamp()).await);
    sam.patch(&path, json!({ "title": "A green lamp" }))
        .await
        .expect(200);
    let late = sam.call(Method::PATCH, &path).header("if-match", "\"1\"");
    let late = late
        .json(&json!({ "title": "A red lamp", "stock": 3 }))
        .send()
        .await;
    late.problem(412, "version_mismatch");
    let late = sam
        .call(Method::DELETE, &path)
        .header("if-match", "\"1\"")
        .send()
        .await;
    assert_eq!(late.problem(412, "version_mismatch").header("etag"), "\"2\"");
    let read = shop.visitor().get(&path).await.expect(200);
    assert_eq!(read.body["product"]["title"], "A green lamp");
    assert_eq!(read.body["product"]["stock"], 10);
    let change = sam.call(Method::PATCH, &path).header("if-match", "\"2\"");
    change
        .json(&json!({ "title": "A red lamp" }))
        .send()
        .await
        .expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn somebody_elses_product_is_403_but_for_admins() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let path = format!("/api/products/{}", put_up(&sam, lamp()).await);
    tom.patch(&path, json!({ "title": "Mine" }))
        .await
        .problem(403, "forbidden");
    tom.patch(&path, json!({ "stock": 0 }))
        .await
        .problem(403, "forbidden");
    tom.delete(&path).await.problem(403, "forbidden");
    let read = shop.visitor().get(&path).await.expect(200);
    assert_eq!(
        (&read.body["product"]["title"], &read.body["product"]["stock"]),
        (&json!("A blue lamp"), &json!(10))
    );
    shop.admin().await.delete(&path).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_deleted_is_gone_for_everybody() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let id = put_up(&sam, lamp()).await;
    let path = format!("/api/products/{id}");
    shop.visitor().get(&path).await.expect(200);
    let deleted = sam.delete(&path).await.expect(200);
    assert!(deleted.body["message"].is_string(), "{}", deleted.body);
    shop.visitor().get(&path).await.problem(404, "not_found");
    sam.patch(&path, json!({ "title": "Back" }))
        .await
        .problem(404, "not_found");
    sam.patch(&path, json!({ "stock": 1 }))
        .await
        .problem(404, "not_found");
    sam.delete(&path).await.problem(404, "not_found");
    let inventory = format!("/api/inventory/{id}");
    sam.get(&inventory).await.problem(404, "not_found");
    sam.patch(&inventory, json!({ "delta": 1 }))
        .await
        .problem(404, "not_found");
    assert_eq!(titles(&sam, "/api/products").await, [""; 0]);
    assert_eq!(titles(&sam, "/api/products/seller").await, [""; 0]);
    assert_eq!(
        sam.get("/api/categories").await.expect(200).body,
        json!({ "categories": [] })
    );
    shop.stop().await;
}

#[actix_web::test]
async fn unknown_and_malformed_ids_are_told_apart() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    for (id, status, code) in [
        ("0123456789abcdef01234567", 404, "not_found"),
        ("0123", 400, "malformed_request"),
        ("{$ne:null}", 400, "malformed_request"),
    ] {
        let path = format!("/api/products/{id}");
        sam.get(&path).await.problem(status, code);
        sam.patch(&path, json!({ "title": "New" }))
            .await
            .problem(status, code);
        sam.delete(&path).await.problem(status, code);
        sam.get(&format!("/api/inventory/{id}"))
            .await
            .problem(status, code);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn every_bad_field_of_a_product_is_named() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let price = |amount: Value| json!({ "amount": amount, "currency": "INR" });
    for (field, value, named) in [
        ("title", json!(""), "title"),
        ("title", json!("   "), "title"),
        ("title", json!(5), "title"),
        ("title", Value::Null, "title"),
        ("title", json!("t".repeat(201)), "title"),
        ("title", json!("two\nlines"), "title"),
        ("description", json!("d".repeat(10_001)), "description"),
        ("description", json!({ "$gt": "" }), "description"),
        ("price", Value::Null, "price"),
        ("price", json!(199), "price"),
        ("price", price(json!(0)), "price.amount"),
        ("price", price(json!(-1)), "price.amount"),
        ("price", price(json!(1.005)), "price.amount"),
        ("price", price(json!(1e12)), "price.amount"),
        ("price", price(json!("a lot")), "price.amount"),
        ("price", price(json!(null)), "price.amount"),
        (
            "price",
            json!({ "amount": 1, "currency": "DOGE" }),
            "price.currency",
        ),
        ("stock", json!(-1), "stock"),
        ("stock", json!(1.5), "stock"),
        ("stock", json!(1e10), "stock"),
        ("stock", json!("many"), "stock"),
        ("category", json!("c".repeat(61)), "category"),
    ] {
        let answer = sam.post("/api/products", lamp_with(field, value.clone())).await;
        let answer = answer.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [named], "{field}: {value}");
    }
    let nothing = sam.post("/api/products", json!({})).await.problem(400, "invalid");
    assert_eq!(nothing.bad_fields(), ["title", "price"]);
    let long = lamp_with("title", json!("t".repeat(1 << 20)));
    sam.post("/api/products", long).await.problem(413, "too_large");
    assert_eq!(titles(&sam, "/api/products").await, [""; 0], "nothing was put up");
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_puts_up_a_product_in_somebody_elses_name() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let id = put_up(&sam, lamp_with("seller", json!(tom.id))).await;
    let read = sam.get(&format!("/api/products/{id}")).await.expect(200);
    assert_eq!(read.body["product"]["seller"], sam.id);
    shop.stop().await;
}

#[actix_web::test]
async fn a_repeated_creation_puts_up_one_product() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let create = |product: Value| {
        let call = sam
            .call(Method::POST, "/api/products")
            .header("idempotency-key", "key");
        call.json(&product).send()
    };
    let first = create(lamp()).await.expect(201);
    let path = path(&first.body["product"]);
    sam.patch(&path, json!({ "stock": 4 })).await.expect(200);
    let again = create(lamp()).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["product"]["id"], first.body["product"]["id"]);
    create(lamp_with("stock", json!(7)))
        .await
        .problem(422, "idempotency_key_reused");
    let read = sam.get(&path).await.expect(200);
    assert_eq!(
        read.body["product"]["stock"], 4,
        "a repeat leaves the stock alone"
    );
    assert_eq!(titles(&sam, "/api/products").await, ["A blue lamp"]);
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_of_two_days_ago_puts_up_another_product() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let create = async |who: &Caller| {
        let call = who.call(Method::POST, "/api/products");
        let call = call.header("idempotency-key", "key").json(&lamp());
        call.send().await.expect(201)
    };
    let first = create(&sam).await;
    let shop = shop.reopen_after(Duration::from_hours(48)).await;
    let sam = shop.back("sam").await;
    let (second, again) = (create(&sam).await, create(&sam).await);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(id_of(&second.body["product"]), id_of(&first.body["product"]));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["product"], second.body["product"]);
    assert_eq!(titles(&sam, "/api/products/seller").await.len(), 2);
    shop.stop().await;
}

#[actix_web::test]
async fn the_catalogue_is_listed_newest_first_and_in_parts() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    for (who, title, category) in [
        (&sam, "one", "Lamps"),
        (&tom, "two", "Chairs"),
        (&sam, "three", "Lamps"),
        (&sam, "four", "Chairs"),
    ] {
        let mut product = lamp_with("title", json!(title));
        product["category"] = json!(category);
        put_up(who, product).await;
    }
    let anna = shop.visitor();
    assert_eq!(
        titles(&anna, "/api/products").await,
        ["four", "three", "two", "one"]
    );
    assert_eq!(
        titles(&anna, "/api/product/?category=Lamps").await,
        ["three", "one"]
    );
    let toms = format!("/api/products?seller={}", tom.id);
    assert_eq!(titles(&anna, &toms).await, ["two"]);
    assert_eq!(
        titles(&sam, "/api/products/seller").await,
        ["four", "three", "one"]
    );
    assert_eq!(
        titles(&anna, "/api/products?skip=1&limit=2").await,
        ["three", "two"]
    );
    let first = anna.get("/api/products?limit=3").await.expect(200);
    assert_eq!(first.body["meta"]["total"], 4);
    assert_eq!(first.body["products"][0]["available"], 10);
    let cursor = first.body["meta"]["nextCursor"]
        .as_str()
        .expect("there is more")
        .to_owned();
    put_up(&tom, lamp_with("title", json!("five"))).await;
    let rest = format!("/api/products?limit=3&cursor={cursor}");
    assert_eq!(
        titles(&anna, &rest).await,
        ["one"],
        "what is added meanwhile moves nothing"
    );
    let categories = json!([{ "name": "Chairs", "count": 2 }, { "name": "Lamps", "count": 3 }]);
    assert_eq!(
        anna.get("/api/categories").await.expect(200).body["categories"],
        categories
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_question_that_makes_no_sense_is_400() {
    let shop = Shop::start().await;
    for (question, named) in [
        ("limit=0", "limit"),
        ("limit=1e9", "limit"),
        ("limit=101", "limit"),
        ("skip=-1", "skip"),
        ("skip=much", "skip"),
        ("cursor=!!", "cursor"),
        ("seller=me", "seller"),
    ] {
        let answer = shop.visitor().get(&format!("/api/products?{question}")).await;
        assert_eq!(answer.problem(400, "invalid").bad_fields(), [named], "{question}");
    }
    shop.stop().await;
}

fn path(product: &Value) -> String {
    format!("/api/products/{}", id_of(product))
}

async fn titles(who: &Caller, path: &str) -> Vec<String> {
    let answer = who.get(path).await.expect(200);
    let products = answer.body["products"].as_array().expect("a list of products");
    let title = |product: &Value| product["title"].as_str().expect("a title").to_owned();
    products.iter().map(title).collect()
}
