//! `Idempotency-Key`: what is sent again takes effect once.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::call::{Answer, Call};
use crate::shop::{Caller, Shop};

const ADDRESSES: &str = "/api/auth/users/me/addresses";

fn address(street: &str) -> Value {
    json!({ "street": street, "city": "Pune", "state": "MH", "country": "IN", "zip": "411001" })
}

fn add(caller: &Caller, key: &str, street: &str) -> Call {
    let call = caller
        .call(Method::POST, ADDRESSES)
        .header("idempotency-key", key);
    call.json(&address(street))
}

async fn addresses(caller: &Caller) -> usize {
    let answer = caller.get(ADDRESSES).await.expect(200);
    answer.body["addresses"].as_array().map_or(0, Vec::len)
}

#[actix_web::test]
async fn the_same_request_again_is_answered_as_the_first_time() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let first = add(&anna, "key", "1 High Street").send().await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    anna.post(ADDRESSES, address("2 High Street")).await.expect(201);
    let again = add(&anna, "key", "1 High Street").send().await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body["address"], first.body["address"]);
    assert_eq!(addresses(&anna).await, 2, "it took effect once");
    shop.stop().await;
}

#[actix_web::test]
async fn the_same_key_with_another_body_is_422() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    add(&anna, "key", "1 High Street").send().await.expect(201);
    let other = add(&anna, "key", "2 High Street").send().await;
    other.problem(422, "idempotency_key_reused");
    assert_eq!(addresses(&anna).await, 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_belongs_to_its_caller_and_route() {
    let shop = Shop::start().await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    add(&anna, "key", "1 High Street").send().await.expect(201);
    let answer = add(&bert, "key", "2 High Street").send().await.expect(201);
    assert_eq!(answer.header("idempotent-replayed"), "");
    let register = |email: &str| {
        let call = anna
            .call(Method::POST, "/api/auth/register")
            .header("idempotency-key", "key");
        call.json(&json!({ "email": email, "password": "a password" }))
            .send()
    };
    let answer = register("cleo@example.com").await.expect(201);
    assert_eq!(answer.header("idempotent-replayed"), "");
    shop.stop().await;
}

#[actix_web::test]
async fn a_refusal_is_remembered_and_a_bad_field_is_not() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    let register = |email: &str| {
        let call = shop
            .visitor()
            .call(Method::POST, "/api/auth/register")
            .header("idempotency-key", "key");
        call.json(&json!({ "email": email, "password": "a password" }))
            .send()
    };
    register("no address").await.problem(400, "invalid");
    register("anna@example.com").await.problem(400, "user_exists");
    let again = register("anna@example.com").await.problem(400, "user_exists");
    assert_eq!(again.header("idempotent-replayed"), "true");
    shop.stop().await;
}

#[actix_web::test]
async fn a_version_that_did_not_match_is_remembered() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let stale = || {
        add(&anna, "key", "1 High Street")
            .header("if-match", "\"999\"")
            .send()
    };
    let first = stale().await.problem(412, "version_mismatch");
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = stale().await.problem(412, "version_mismatch");
    assert_eq!(again.header("idempotent-replayed"), "true");
    shop.stop().await;
}

#[actix_web::test]
async fn a_hundred_at_once_with_one_key_take_effect_once() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let answers = join_all((0..100).map(|_| add(&anna, "key", "1 High Street").send())).await;
    let (told, waiting): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    let ids: Vec<_> = told.iter().map(|answer| &answer.body["address"]["id"]).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    let fresh = told
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(fresh.count(), 1, "one was the first");
    for answer in waiting {
        let answer = answer.problem(409, "in_flight");
        assert_ne!(answer.header("retry-after"), "");
    }
    assert_eq!(addresses(&anna).await, 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_in_flight_is_409_until_its_request_has_ended() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let token = anna.token.as_deref().expect("a token");
    let headers = format!("Authorization: Bearer {token}\r\nIdempotency-Key: key\r\n");
    let mut slow = anna.hesitate(ADDRESSES, &headers).await;
    let answer = add(&anna, "key", "1 High Street")
        .send()
        .await
        .problem(409, "in_flight");
    assert_eq!(answer.header("retry-after"), "1");
    slow.write_all(b"no object")
        .await
        .expect("the shop still listens");
    let ended = async { while add(&anna, "key", "1 High Street").send().await.status == 409 {} };
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, ended)
        .await
        .expect("the key is free again");
    assert_eq!(addresses(&anna).await, 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_has_1_to_255_visible_characters() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    add(&anna, &"k".repeat(255), "1 High Street")
        .send()
        .await
        .expect(201);
    for key in [String::new(), "k".repeat(256), "a key".into()] {
        let answer = add(&anna, &key, "2 High Street").send().await;
        answer.problem(400, "malformed_request");
    }
    assert_eq!(addresses(&anna).await, 1);
    shop.stop().await;
}
