//! How requests are named, addressed and limited.

use std::time::Duration;

use image::ImageFormat;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::call::Answer;
use crate::goods::{Form, picture};
use crate::shop::{Caller, Shop, Visitor, password_of};

const AVATAR: &str = "/api/auth/users/me/avatar";

#[actix_web::test]
async fn a_sane_request_id_is_kept_and_any_other_replaced() {
    let shop = Shop::start().await;
    let asked = |id: String| {
        shop.visitor()
            .call(Method::GET, "/healthz")
            .header("x-request-id", &id)
            .send()
    };
    let longest = "a".repeat(128);
    assert_eq!(asked("abc-123".into()).await.header("x-request-id"), "abc-123");
    assert_eq!(asked(longest.clone()).await.header("x-request-id"), longest);
    for bad in [String::new(), "a b".into(), "a".repeat(129)] {
        let answer = asked(bad.clone()).await;
        let made = answer.header("x-request-id");
        assert_ne!(made, bad);
        assert_eq!(made.len(), 24, "{bad:?} was replaced by {made:?}");
    }
    let (one, other) = (
        shop.visitor().get("/healthz").await,
        shop.visitor().get("/healthz").await,
    );
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    shop.stop().await;
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let shop = Shop::start().await;
    let answer = shop
        .visitor()
        .call(Method::HEAD, "/healthz")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("content-type"), "application/json");
    shop.stop().await;
}

#[actix_web::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let shop = Shop::start().await;
    shop.visitor().get("/healthz/").await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn what_has_changed_meanwhile_is_not_overwritten() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let me = anna.get("/api/auth/me").await.expect(200);
    let seen = me.header("etag").to_owned();
    assert_eq!(seen, format!("\"{}\"", me.body["user"]["version"]));
    let renamed = anna
        .patch("/api/auth/users/me", json!({ "username": "anna-2" }))
        .await
        .expect(200);
    assert_ne!(renamed.header("etag"), seen);
    let change = |tag: &str| {
        let call = anna
            .call(Method::PATCH, "/api/auth/users/me")
            .header("if-match", tag);
        call.json(&json!({ "username": "anna-3" })).send()
    };
    let refused = change(&seen).await.problem(412, "version_mismatch");
    assert_eq!(
        refused.header("etag"),
        renamed.header("etag"),
        "it says where it is by now"
    );
    change(&format!("{seen}, {}", renamed.header("etag")))
        .await
        .expect(200);
    change("*").await.expect(200);
    let password = json!({ "old": password_of("anna"), "new": "another secret" });
    let call = anna.call(Method::POST, "/api/auth/password/change");
    let stale = call.header("if-match", &seen).json(&password).send().await;
    stale.problem(412, "version_mismatch");
    shop.stop().await;
}

#[actix_web::test]
async fn who_signs_in_too_often_hears_when_to_come_back() {
    let settings = [("limits.enabled", "true"), ("limits.auth_per_minute", "3")];
    let shop = Shop::start_with(&settings).await;
    let visitor = shop.visitor();
    let body = json!({ "email": "anna@example.com", "password": "not the password" });
    for _ in 0..3 {
        visitor.post("/api/auth/login", body.clone()).await.expect(401);
    }
    let answer = visitor
        .post("/api/auth/login", body.clone())
        .await
        .problem(429, "too_many_requests");
    let wait: u64 = answer.header("retry-after").parse().expect("a number of seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    let lie = visitor
        .call(Method::POST, "/api/auth/login")
        .header("x-forwarded-for", "203.0.113.7");
    lie.json(&body).send().await.problem(429, "too_many_requests");
    visitor.get("/healthz").await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_trusted_proxy_speaks_for_its_clients() {
    let settings = [
        ("limits.enabled", "true"),
        ("limits.auth_per_minute", "1"),
        ("server.trusted_proxies", "127.0.0.1"),
    ];
    let shop = Shop::start_with(&settings).await;
    let login = |client: &str| {
        let body = json!({ "email": "anna@example.com", "password": "not the password" });
        let call = shop.visitor().call(Method::POST, "/api/auth/login");
        call.header("x-forwarded-for", client).json(&body).send()
    };
    login("203.0.113.7").await.expect(401);
    login("203.0.113.7").await.problem(429, "too_many_requests");
    login("203.0.113.8").await.expect(401);
    login("1.2.3.4, 203.0.113.8")
        .await
        .problem(429, "too_many_requests");
    shop.stop().await;
}

#[actix_web::test]
async fn ten_wrong_passwords_from_one_address_close_the_account_to_it() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    let visitor = shop.visitor();
    let login = |password: &str| {
        let body = json!({ "email": "anna@example.com", "password": password });
        visitor.post("/api/auth/login", body)
    };
    for _ in 0..10 {
        login("not the password").await.problem(401, "unauthenticated");
    }
    let answer = login("the password of anna")
        .await
        .problem(429, "too_many_requests");
    assert_ne!(answer.header("retry-after"), "");
    shop.stop().await;
}

/// Asks who is signed in until the answer is as wanted.
async fn until(visitor: &Visitor, wanted: impl Fn(&Answer) -> bool) -> Answer {
    let asked = async {
        loop {
            let answer = visitor.get("/api/auth/me").await;
            if wanted(&answer) {
                return answer;
            }
        }
    };
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, asked)
        .await
        .expect("the answer changes in time")
}

#[actix_web::test]
async fn more_requests_than_may_be_in_hand_are_turned_away_at_once() {
    let shop = Shop::start_with(&[("server.in_hand_max", "1")]).await;
    let visitor = shop.visitor();
    let slow = visitor.hesitate("/api/auth/login", "").await;
    // Once its head has been read, it has the only place.
    let turned_away = until(&visitor, |answer| answer.status == 503).await;
    let answer = turned_away.problem(503, "overloaded");
    assert_eq!(answer.header("retry-after"), "1");
    visitor.get("/healthz").await.expect(200);
    visitor.get("/readyz").await.expect(200);
    drop(slow);
    until(&visitor, |answer| answer.status == 401).await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_body_that_does_not_arrive_is_408() {
    let shop = Shop::start_with(&[("server.header_timeout_seconds", "1")]).await;
    let mut slow = shop.visitor().hesitate("/api/auth/login", "").await;
    let mut answer = vec![0; 4096];
    let read = slow.read(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("too_slow"), "{answer}");
    shop.stop().await;
}

/// A form with a picture whose bytes do not come.
async fn slow_picture(who: &Caller) -> TcpStream {
    let token = who.token.as_deref().expect("somebody who is signed in");
    let headers =
        format!("Authorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=x\r\n");
    who.hesitate(AVATAR, &headers).await
}

/// Sends a picture until the answer has this status.
async fn send_until(who: &Caller, status: u16) -> Answer {
    let form = Form::default().file("file", "me.png", &picture(ImageFormat::Png, 9, 9));
    let sent = async {
        loop {
            let answer = form.clone().post(who, AVATAR).await;
            if answer.status == status {
                return answer;
            }
        }
    };
    let patience = Duration::from_secs(20);
    let sent = tokio::time::timeout(patience, sent).await;
    sent.unwrap_or_else(|_| panic!("no picture is answered {status}"))
}

#[actix_web::test]
async fn slow_uploads_of_one_user_are_no_others_business() {
    let shop = Shop::start().await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let slow = [slow_picture(&anna).await, slow_picture(&anna).await];
    let third = send_until(&anna, 429).await;
    assert_eq!(third.problem(429, "too_many_requests").header("retry-after"), "1");
    let form = Form::default().file("file", "me.png", &picture(ImageFormat::Png, 9, 9));
    form.post(&bert, AVATAR).await.expect(200);
    drop(slow);
    send_until(&anna, 200).await;
    shop.stop().await;
}

#[actix_web::test]
async fn an_upload_that_does_not_arrive_is_408() {
    let shop = Shop::start_with(&[("server.header_timeout_seconds", "1")]).await;
    let anna = shop.shopper("anna").await;
    let mut slow = slow_picture(&anna).await;
    let mut answer = vec![0; 4096];
    let read = slow.read(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("too_slow"), "{answer}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_request_that_takes_too_long_is_503() {
    let shop = Shop::start_with(&[("server.request_timeout_seconds", "1")]).await;
    let mut slow = shop
        .visitor()
        .hesitate("/api/auth/login", "X-Request-ID: mine\r\n")
        .await;
    let mut answer = vec![0; 4096];
    let read = slow.read(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    for part in [
        "x-request-id: mine",
        "retry-after: 1",
        "x-content-type-options: nosniff",
        "\"requestId\":\"mine\"",
    ] {
        assert!(answer.contains(part), "no {part} in {answer}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_body_without_an_end_that_nobody_reads_is_not_taken_for_ever() {
    let shop = Shop::start().await;
    for path in ["/nothing", "/healthz", "/api/auth/me", "/api/auth/login"] {
        let host = shop.url().trim_start_matches("http://");
        let stream = TcpStream::connect(host).await.expect("the shop is open");
        let (mut reading, mut writing) = stream.into_split();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n"
        );
        writing
            .write_all(head.as_bytes())
            .await
            .expect("the shop listens");
        let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
        let endless = async { while writing.write_all(chunk.as_bytes()).await.is_ok() {} };
        let answered = async {
            let mut answer = vec![0; 4096];
            let read = reading.read(&mut answer).await.expect("an answer");
            String::from_utf8_lossy(&answer[..read]).to_lowercase()
        };
        let both = async { tokio::join!(endless, answered).1 };
        let patience = Duration::from_secs(20);
        let answer = tokio::time::timeout(patience, both).await;
        let answer = answer.unwrap_or_else(|_| panic!("{path} takes a body without an end"));
        assert!(answer.contains("connection: close"), "{path}: {answer}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_connection_goes_on_after_a_body_in_chunks_that_was_read() {
    let shop = Shop::start().await;
    let host = shop.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("the shop is open");
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
    );
    for _ in 0..3 {
        stream.write_all(head.as_bytes()).await.expect("the shop listens");
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer[..read]).to_lowercase();
        assert!(answer.starts_with("http/1.1 400"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    shop.stop().await;
}
