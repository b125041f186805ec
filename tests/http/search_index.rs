//! The index behind the search: kept through restarts, made anew when it cannot be used, and in
//! step with what other runtimes do.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::binary::Binary;
use crate::goods::{id_of, lamp, lamp_with, put_up};
use crate::mongod;
use crate::search::finds;
use crate::shop::{Shop, password_of};

/// Whatever has to come about does so long before this.
const PATIENCE: Duration = Duration::from_mins(1);

async fn shop_with(titles: &[&str]) -> Shop {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    for title in titles {
        put_up(&sam, lamp_with("title", json!(title))).await;
    }
    finds(
        &shop.visitor(),
        "q=blue",
        titles.first().map_or(&[], std::slice::from_ref),
    )
    .await;
    shop
}

/// What the index says of itself: its parts and its mark.
fn meta(data: &Path) -> Value {
    let meta = fs::read(data.join("search/meta.json")).expect("there is an index");
    serde_json::from_slice(&meta).expect("it says what it is")
}

/// Whether all parts of an earlier index are still there.
fn has_parts_of(data: &Path, before: &Value) -> bool {
    let parts = |meta: &Value| meta["segments"].as_array().cloned().unwrap_or_default();
    let now = parts(&meta(data));
    parts(before).iter().all(|part| now.contains(part))
}

fn put_meta(data: &Path, meta: &Value) {
    fs::write(data.join("search/meta.json"), meta.to_string()).expect("the folder can be written");
}

/// Says something else in the mark of an index.
fn remark(data: &Path, change: impl FnOnce(&mut Value)) {
    let mut meta = meta(data);
    let mark = meta["payload"].as_str().expect("the index has a mark");
    let mut mark: Value = serde_json::from_str(mark).expect("the mark is JSON");
    change(&mut mark);
    meta["payload"] = json!(mark.to_string());
    put_meta(data, &meta);
}

#[actix_web::test]
async fn an_index_is_used_as_it_was_left() {
    let shop = shop_with(&["blue lamp", "red lamp"]).await;
    let before = meta(shop.data_dir());
    let shop = shop.reopen_after(Duration::ZERO).await;
    finds(&shop.visitor(), "q=lamp", &["red lamp", "blue lamp"]).await;
    assert_eq!(
        meta(shop.data_dir())["segments"],
        before["segments"],
        "it was made anew"
    );
    shop.stop().await;
}

type Spoil = fn(&Path);

#[actix_web::test]
async fn an_index_that_cannot_be_used_is_made_anew() {
    let spoil: [(&str, Spoil); 8] = [
        ("it is gone", |data| {
            fs::remove_dir_all(data.join("search")).expect("it can go");
        }),
        ("a file is in its place", |data| {
            fs::remove_dir_all(data.join("search")).expect("it can go");
            fs::write(data.join("search"), "nothing").expect("the folder can be written");
        }),
        ("nobody can read what it says of itself", |data| {
            fs::write(data.join("search/meta.json"), "{").expect("the folder can be written");
        }),
        ("it was never finished", |data| {
            let mut meta = meta(data);
            meta["payload"] = Value::Null;
            put_meta(data, &meta);
        }),
        ("it is of another make", |data| {
            remark(data, |mark| mark["schema"] = json!(0));
        }),
        ("it is of another store", |data| {
            remark(data, |mark| {
                mark["event"] = json!("product/0123456789abcdef01234567/1.0");
            });
        }),
        ("a part of it is missing", |data| {
            change_parts(data, |path, _| fs::remove_file(path).expect("it can go"));
        }),
        ("a part of it is damaged", |data| {
            change_parts(data, |path, mut bytes| {
                bytes[0] ^= 0xFF;
                fs::write(path, bytes).expect("the folder can be written");
            });
        }),
    ];
    let mut shop = shop_with(&["blue lamp", "red lamp"]).await;
    for (why, spoil) in spoil {
        println!("{why}");
        shop = shop.reopen_when(Duration::ZERO, spoil).await;
        finds(&shop.visitor(), "q=lamp", &["red lamp", "blue lamp"]).await;
        if why.starts_with("a file") {
            fs::remove_file(shop.data_dir().join("search")).expect("it can go");
            shop = shop.reopen_after(Duration::ZERO).await;
            finds(&shop.visitor(), "q=lamp", &["red lamp", "blue lamp"]).await;
        }
    }
    shop.stop().await;
}

fn change_parts(data: &Path, change: impl Fn(&Path, Vec<u8>)) {
    let files = fs::read_dir(data.join("search")).expect("there is an index");
    for path in files.map(|file| file.expect("a file").path()) {
        if path.extension().is_some_and(|kind| kind == "term") {
            let bytes = fs::read(&path).expect("it can be read");
            change(&path, bytes);
        }
    }
}

#[actix_web::test]
async fn an_index_that_was_left_behind_hears_what_happened_since() {
    let shop = kept_aside(shop_with(&["blue lamp"]).await).await;
    let before = meta(shop.data_dir());
    let sam = shop.back("sam").await;
    put_up(&sam, lamp_with("title", json!("red lamp"))).await;
    finds(&shop.visitor(), "q=lamp", &["red lamp", "blue lamp"]).await;
    let shop = left_behind(shop).await;
    finds(&shop.visitor(), "q=lamp", &["red lamp", "blue lamp"]).await;
    assert!(has_parts_of(shop.data_dir(), &before), "it was made anew");
    shop.stop().await;
}

#[actix_web::test]
async fn an_index_that_was_left_behind_hears_what_was_sold_out_since_and_what_came_back() {
    let shop = shop_with(&["blue lamp"]).await;
    let (sam, anna) = (shop.back("sam").await, shop.shopper("anna").await);
    let mut lines = Vec::new();
    for title in ["red lamp", "green lamp"] {
        let mut last_one = lamp_with("title", json!(title));
        last_one["stock"] = json!(1);
        lines.push(json!({ "productId": put_up(&sam, last_one).await }));
    }
    anna.post("/api/cart/items", lines.remove(0)).await.expect(200);
    let order = anna.post("/api/orders", json!({})).await.expect(201);
    finds(&anna, "q=lamp&inStock=true", &["green lamp", "blue lamp"]).await;

    let shop = kept_aside(shop).await;
    let (anna, bert) = (shop.back("anna").await, shop.shopper("bert").await);
    let cancel = format!("/api/orders/{}/cancel", id_of(&order.body["order"]));
    anna.post(&cancel, json!({})).await.expect(200);
    bert.post("/api/cart/items", lines.remove(0)).await.expect(200);
    bert.post("/api/orders", json!({})).await.expect(201);
    finds(&anna, "q=lamp&inStock=true", &["red lamp", "blue lamp"]).await;

    let shop = left_behind(shop).await;
    let anna = shop.visitor();
    finds(&anna, "q=lamp&inStock=true", &["red lamp", "blue lamp"]).await;
    finds(&anna, "q=lamp&inStock=false", &["green lamp"]).await;
    shop.stop().await;
}

/// The shop, opened again after its index was copied as it is.
async fn kept_aside(shop: Shop) -> Shop {
    let keep = |data: &Path| copy(&data.join("search"), &data.join("then"));
    shop.reopen_when(Duration::ZERO, keep).await
}

/// The shop, opened again with its index as it was then.
async fn left_behind(shop: Shop) -> Shop {
    let put_back = |data: &Path| {
        fs::remove_dir_all(data.join("search")).expect("it can go");
        copy(&data.join("then"), &data.join("search"));
    };
    shop.reopen_when(Duration::ZERO, put_back).await
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("the folder can be written");
    for file in fs::read_dir(from).expect("there is an index") {
        let file = file.expect("a file");
        fs::copy(file.path(), to.join(file.file_name())).expect("it can be copied");
    }
}

#[actix_web::test]
async fn an_index_whose_making_was_broken_off_by_kill_9_is_made_again() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let binary = Binary::start(folder.path()).await;
    let client = reqwest::Client::new();
    let sam = json!({
        "email": "sam@example.com", "username": "sam", "password": password_of("sam"), "role": "seller",
    });
    let url = format!("{}/api/auth/register", binary.url());
    let answer: Value = client
        .post(url)
        .json(&sam)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = answer["token"].as_str().expect("a token");
    for _ in 0..150 {
        let product = client.post(format!("{}/api/products", binary.url()));
        let put_up = product.bearer_auth(token).json(&lamp()).send().await;
        assert_eq!(put_up.expect("an answer").status(), 201);
    }
    binary.kill().await;
    let index = folder.path().join("data/search");
    fs::remove_dir_all(&index).expect("there was an index");
    for _ in 0..8 {
        // It listens while the index is being made.
        Binary::start(folder.path()).await.kill().await;
    }
    let binary = Binary::start(folder.path()).await;
    let (since, url) = (Instant::now(), format!("{}/api/products?q=lmap", binary.url()));
    loop {
        let answer = client.get(&url).send().await.expect("an answer");
        let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        if status == 200 {
            assert_eq!(body["meta"]["total"], 150, "an answer is whole or none: {body}");
            break;
        }
        assert_eq!(status, 503, "{body}");
        assert!(since.elapsed() < PATIENCE, "the index is never made");
    }
    binary.kill().await;
}

#[actix_web::test]
async fn what_one_runtime_changes_the_other_finds() {
    let Some(uri) = mongod::shared() else {
        return;
    };
    let name = format!("test_{}", bson::oid::ObjectId::new());
    let (server, options) = uri.split_once('?').unwrap_or((&uri, ""));
    let uri = format!("{}/{name}?{options}", server.trim_end_matches('/'));
    let settings = [
        ("store.mongo_uri", uri.as_str()),
        ("auth.jwt_secret", "a secret that both of the runtimes know of"),
    ];
    let shop = Shop::start_with(&settings).await;
    let sam = shop.seller("sam").await;
    let old = put_up(&sam, lamp_with("title", json!("old lamp"))).await;
    let other = Shop::start_with(&settings).await;
    let anna = other.visitor();
    finds(&anna, "q=lamp", &["old lamp"]).await;
    let mut last_one = lamp_with("title", json!("blue lamp"));
    last_one["stock"] = json!(1);
    let since = Instant::now();
    let path = format!("/api/products/{}", put_up(&sam, last_one).await);
    finds(&anna, "q=blue", &["blue lamp"]).await;
    let created = since.elapsed();
    sam.patch(&path, json!({ "title": "green lamp" }))
        .await
        .expect(200);
    finds(&anna, "q=green&inStock=true", &["green lamp"]).await;
    let bert = shop.shopper("bert").await;
    let line = json!({ "productId": path.rsplit('/').next(), "quantity": 1 });
    bert.post("/api/cart/items", line).await.expect(200);
    bert.post("/api/orders", json!({})).await.expect(201);
    finds(&anna, "q=green&inStock=false", &["green lamp"]).await;
    let (admin, order) = (shop.admin().await, bson::oid::ObjectId::new());
    let all = json!({ "orderId": order.to_hex(), "items": [{ "productId": old, "quantity": 10 }] });
    admin.post("/api/inventory/reserve", all).await.expect(201);
    finds(&anna, "q=old&inStock=false", &["old lamp"]).await;
    let given_back = format!("/api/inventory/reserve/{order}");
    admin.delete(&given_back).await.expect(200);
    finds(&anna, "q=old&inStock=true", &["old lamp"]).await;
    sam.delete(&path).await.expect(200);
    finds(&anna, "q=green", &[]).await;
    finds(&anna, "sort=price", &["old lamp"]).await;
    println!("found by the other runtime after {created:?}");
    other.stop().await;
    shop.stop().await;
}
