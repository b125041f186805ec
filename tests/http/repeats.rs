//! Requests of accounts that are sent more than once under one idempotency key.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::accounts::{anna, me, token, with};
use crate::addresses::pune;
use crate::call::Answer;
use crate::shop::{Caller, Shop, password_of};

async fn once(caller: &Caller, path: &str, body: Value) -> Answer {
    let call = caller.call(Method::POST, path).header("idempotency-key", "once");
    call.json(&body).send().await
}

#[actix_web::test]
async fn a_repeated_registration_answers_the_same_token() {
    let shop = Shop::start().await;
    let (visitor, path) = (shop.visitor(), "/api/auth/register");
    let first = once(&visitor, path, anna()).await.expect(201);
    let again = once(&visitor, path, anna()).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("set-cookie"), first.header("set-cookie"));
    let other = with("password", json!("another secret"));
    once(&visitor, path, other)
        .await
        .problem(422, "idempotency_key_reused");
    me(&shop, token(&again)).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_hundred_registrations_with_one_key_make_one_account() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    let answers = join_all((0..100).map(|_| once(&visitor, "/api/auth/register", anna()))).await;
    let (made, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    let first = made.first().expect("one of them is the first");
    assert!(
        made.iter().all(|answer| token(answer) == token(first)),
        "all were answered the same"
    );
    for answer in others {
        answer.problem(409, "in_flight");
    }
    let users = shop.admin().await.get("/api/auth/users").await.expect(200);
    assert_eq!(users.body["meta"]["total"], 2, "the admin and one more");
    shop.stop().await;
}

#[actix_web::test]
async fn a_repeated_address_or_password_change_takes_effect_once() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let change = json!({ "old": password_of("anna"), "new": "a new secret" });
    for (path, body) in [
        ("/api/auth/users/me/addresses", pune()),
        ("/api/auth/password/change", change),
    ] {
        let first = once(&anna, path, body.clone()).await;
        assert!(matches!(first.status, 200 | 201), "{path}: {}", first.text);
        let again = once(&anna, path, body).await;
        assert_eq!(
            again.header("idempotent-replayed"),
            "true",
            "{path}: {}",
            again.text
        );
        assert_eq!((again.status, again.body), (first.status, first.body), "{path}");
    }
    let listed = anna.get("/api/auth/users/me/addresses").await.expect(200);
    assert_eq!(listed.body["addresses"].as_array().map(Vec::len), Some(1));
    shop.stop().await;
}

#[actix_web::test]
async fn a_key_of_two_days_ago_is_a_new_one() {
    let shop = Shop::start().await;
    let (visitor, register) = (shop.visitor(), "/api/auth/register");
    once(&visitor, register, anna()).await.expect(201);
    let path = "/api/auth/users/me/addresses";
    let bert = shop.shopper("bert").await;
    let first = once(&bert, path, pune()).await.expect(201);
    let shop = shop.reopen_after(Duration::from_hours(48)).await;
    let back = shop.back("bert").await;
    let second = once(&back, path, pune()).await.expect(201);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_ne!(
        second.body["address"]["id"], first.body["address"]["id"],
        "two addresses have two ids"
    );
    let cleo = json!({ "email": "cleo@example.com", "password": "a password" });
    let made = once(&shop.visitor(), register, cleo.clone()).await.expect(201);
    let again = once(&shop.visitor(), register, cleo).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.body, made.body);
    once(&shop.visitor(), register, anna())
        .await
        .problem(422, "idempotency_key_reused");
    shop.stop().await;
}
