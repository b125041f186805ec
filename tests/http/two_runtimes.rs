//! The catalogue and the selling of it on MongoDB, by one runtime and by two.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cart;
use crate::goods::{id_of, lamp, lamp_with, put_up};
use crate::mongod;
use crate::orders::{numbers, order};
use crate::shop::{Caller, Shop};

/// What one runtime changes the other shows long before this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two shops on a database of their own; `None` where there is no MongoDB.
pub(crate) async fn two_shops() -> Option<(Shop, Shop)> {
    two_shops_with(&[]).await
}

/// The same with more settings.
pub(crate) async fn two_shops_with(more: &[(&str, &str)]) -> Option<(Shop, Shop)> {
    let uri = mongod::shared()?;
    let name = format!("test_{}", bson::oid::ObjectId::new());
    let (server, options) = uri.split_once('?').unwrap_or((&uri, ""));
    let uri = format!("{}/{name}?{options}", server.trim_end_matches('/'));
    let mut settings = vec![
        ("store.mongo_uri", uri.as_str()),
        ("auth.jwt_secret", "a secret that both of the runtimes know of"),
    ];
    settings.extend_from_slice(more);
    Some((
        Shop::start_with(&settings).await,
        Shop::start_with(&settings).await,
    ))
}

/// Waits until a reader finds this under a path. Says how long it took.
async fn shows(who: &Caller, path: &str, expected: impl Fn(&Value) -> bool) -> Duration {
    let since = Instant::now();
    loop {
        let answer = who.get(path).await;
        if expected(&answer.body) {
            return since.elapsed();
        }
        assert!(since.elapsed() < PATIENCE, "{path} still shows {}", answer.text);
    }
}

#[actix_web::test]
async fn the_catalogue_is_the_same_on_mongodb() {
    let Some((shop, other)) = two_shops().await else {
        return;
    };
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let id = put_up(&sam, lamp()).await;
    put_up(&tom, lamp_with("category", json!("Chairs"))).await;
    let path = format!("/api/products/{id}");
    let read = other.visitor().get(&path).await.expect(200);
    assert_eq!(read.body["product"]["available"], 10);
    let change = sam.call(Method::PATCH, &path).header("if-match", "\"1\"");
    change
        .json(&json!({ "title": "A green lamp" }))
        .send()
        .await
        .expect(200);
    let late = sam.call(Method::PATCH, &path).header("if-match", "\"1\"");
    let late = late.json(&json!({ "title": "A red lamp" })).send().await;
    late.problem(412, "version_mismatch");
    tom.delete(&path).await.problem(403, "forbidden");
    let listed = shop
        .visitor()
        .get("/api/products?category=Lamps")
        .await
        .expect(200);
    assert_eq!(listed.body["products"][0]["title"], "A green lamp");
    assert_eq!(listed.body["meta"]["total"], 1);
    let categories = shop.visitor().get("/api/categories").await.expect(200);
    let expected = json!([{ "name": "Chairs", "count": 1 }, { "name": "Lamps", "count": 1 }]);
    assert_eq!(categories.body["categories"], expected);
    sam.delete(&path).await.expect(200);
    shop.visitor().get(&path).await.problem(404, "not_found");
    other.stop().await;
    shop.stop().await;
}

#[actix_web::test]
async fn what_one_runtime_changes_the_other_shows_soon() {
    let Some((shop, other)) = two_shops().await else {
        return;
    };
    let sam = shop.seller("sam").await;
    let id = put_up(&sam, lamp()).await;
    let (path, inventory) = (format!("/api/products/{id}"), format!("/api/inventory/{id}"));
    let anna = other.visitor();
    anna.get(&path).await.expect(200);
    sam.patch(&path, json!({ "title": "A green lamp" }))
        .await
        .expect(200);
    let title = shows(&anna, &path, |body| body["product"]["title"] == "A green lamp").await;
    sam.patch(&inventory, json!({ "onHand": 3 })).await.expect(200);
    let stock = shows(&anna, &path, |body| body["product"]["available"] == 3).await;
    sam.delete(&path).await.expect(200);
    let gone = shows(&anna, &path, |body| body["code"] == "not_found").await;
    println!("title after {title:?}, stock after {stock:?}, gone after {gone:?}");
    other.stop().await;
    shop.stop().await;
}

#[actix_web::test]
async fn two_runtimes_sell_what_there_is_and_what_either_of_them_gives_back() {
    const PIECES: usize = 10;
    let Some((shop, other)) = two_shops().await else {
        return;
    };
    let cleo = shop.seller("cleo").await;
    let tent = cart::put_up(&cleo, "10", PIECES as u64).await;
    let mut buyers = Vec::new();
    for n in 0..2 * PIECES {
        let buyer = [&shop, &other][n % 2].shopper(&format!("buyer{n}")).await;
        cart::add(&buyer, &tent, 1).await.expect(200);
        buyers.push(buyer);
    }
    let heard = join_all(buyers.iter().map(|buyer| order(buyer))).await;
    let mut standing = Vec::new();
    for (n, answer) in heard.into_iter().enumerate() {
        match answer.status {
            201 => standing.push((n, id_of(&answer.body["order"]))),
            _ => drop(answer.problem(409, "short")),
        }
    }
    assert_eq!(standing.len(), PIECES);
    assert_eq!(numbers(&cleo, &tent).await, [10, 10, 0, 0]);
    // What each of them gives back is sold by the other one.
    for (n, id) in &standing[..4] {
        let elsewhere = [&other, &shop][n % 2];
        let late = elsewhere.shopper(&format!("late{n}")).await;
        let path = format!("/api/inventory/{tent}");
        shows(&late, &path, |body| body["available"] == 0).await;
        let cancel = format!("/api/orders/{id}/cancel");
        buyers[*n].post(&cancel, json!({})).await.expect(200);
        shows(&late, &path, |body| body["available"] == 1).await;
        cart::add(&late, &tent, 1).await.expect(200);
        order(&late).await.expect(201);
    }
    assert_eq!(numbers(&cleo, &tent).await, [10, 10, 0, 0]);
    other.stop().await;
    shop.stop().await;
}
