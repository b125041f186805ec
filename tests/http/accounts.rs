//! Registering, signing in, and who one is.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::shop::{Shop, password_of};

/// What makes an account, and nothing more.
pub(crate) fn anna() -> Value {
    json!({ "email": "anna@example.com", "password": "a good secret" })
}

/// The same with one field otherwise.
pub(crate) fn with(field: &str, value: Value) -> Value {
    let mut body = anna();
    body[field] = value;
    body
}

pub(crate) async fn register(shop: &Shop, body: Value) -> Answer {
    shop.visitor().post("/api/auth/register", body).await
}

pub(crate) async fn login(shop: &Shop, body: Value) -> Answer {
    shop.visitor().post("/api/auth/login", body).await
}

pub(crate) fn token(answer: &Answer) -> &str {
    answer.body["token"].as_str().expect("an answer with a token")
}

/// Who somebody is who has this token.
pub(crate) async fn me(shop: &Shop, token: &str) -> Answer {
    let call = shop.visitor().call(Method::GET, "/api/auth/me");
    call.header("authorization", &format!("Bearer {token}"))
        .send()
        .await
}

#[actix_web::test]
async fn a_registration_makes_an_account_and_signs_in_with_it() {
    let shop = Shop::start().await;
    let zeros = "0".repeat(24);
    let body = json!({
        "email": " Anna@Example.COM ", "password": "a good secret", "username": "Anna", "role": "seller",
        "fullName": { "firstName": "Anna", "lastName": "Alm" }, "id": zeros, "epoch": 7,
    });
    let answer = register(&shop, body).await.expect(201);
    let user = &answer.body["user"];
    assert!(answer.body["message"].is_string());
    assert_eq!(user["email"], "anna@example.com");
    assert_eq!(user["username"], "Anna");
    assert_eq!(
        user["fullName"],
        json!({ "firstName": "Anna", "lastName": "Alm" })
    );
    assert_eq!(user["role"], "seller");
    assert_eq!(user["avatarUrl"], Value::Null);
    assert_eq!(user["addresses"], json!([]));
    assert!(
        user["createdAt"].as_str().is_some_and(|at| at.ends_with('Z')),
        "{user}"
    );
    let id = user["id"].as_str().expect("an id");
    assert!(
        id.len() == 24 && id != zeros,
        "the client does not choose the id: {id}"
    );
    assert!(
        !answer.text.contains("$2b$") && !answer.text.contains("secret"),
        "{}",
        answer.text
    );
    let seen = me(&shop, token(&answer)).await.expect(200);
    assert_eq!(seen.body["user"], *user);
    assert_eq!(seen.header("etag"), "\"1\"");
    shop.stop().await;
}

#[actix_web::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_lasts_as_long_as_the_token() {
    let shop = Shop::start().await;
    let answer = register(&shop, anna()).await.expect(201);
    let cookie = answer.header("set-cookie");
    let pair = format!("token={}", token(&answer));
    assert!(cookie.starts_with(&format!("{pair};")), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
        assert!(cookie.contains(part), "no {part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "a developer has no HTTPS: {cookie}");
    let by_cookie = async |method, path| {
        let call = shop.visitor().call(method, path).header("cookie", &pair);
        call.send().await.expect(200)
    };
    by_cookie(Method::GET, "/api/auth/me").await;
    let out = by_cookie(Method::POST, "/api/auth/logout").await;
    let cookie = out.header("set-cookie");
    assert!(
        cookie.starts_with("token=;") && cookie.contains("Max-Age=0"),
        "it is cleared: {cookie}"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_missing_username_is_derived_from_the_email_and_made_unique() {
    let shop = Shop::start().await;
    let annas = (0..10).map(|n| register(&shop, with("email", json!(format!("anna@{n}.example.com")))));
    let mut names: Vec<_> = join_all(annas)
        .await
        .into_iter()
        .map(|answer| {
            let answer = answer.expect(201);
            answer.body["user"]["username"]
                .as_str()
                .expect("a username")
                .to_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names[0], "anna", "the first has what the email suggests");
    assert!(
        names[1..].iter().all(|name| name.starts_with("anna-")),
        "{names:?}"
    );
    names.dedup();
    assert_eq!(names.len(), 10, "{names:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn an_email_and_a_username_are_taken_once_however_they_are_written() {
    let shop = Shop::start().await;
    register(&shop, with("username", json!("Anna"))).await.expect(201);
    let same_email = with("email", json!("ANNA@example.com"));
    let same_name = json!({ "email": "other@example.com", "password": "a good secret", "username": "aNNA" });
    for body in [same_email, same_name] {
        let answer = register(&shop, body).await.problem(400, "user_exists");
        assert_eq!(answer.body["message"], "User already exists");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn of_two_registrations_of_one_email_at_once_one_stands() {
    let shop = Shop::start().await;
    for round in 0..10 {
        let body = with("email", json!(format!("anna{round}@example.com")));
        let both = join_all([register(&shop, body.clone()), register(&shop, body)]).await;
        let (stood, fell): (Vec<_>, Vec<_>) = both.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((stood.len(), fell.len()), (1, 1), "{stood:?} {fell:?}");
        for answer in fell {
            let answer = answer.problem(400, "user_exists");
            assert_eq!(answer.body["message"], "User already exists");
        }
    }
    shop.stop().await;
}

#[actix_web::test]
async fn every_bad_field_of_a_registration_is_named() {
    let shop = Shop::start().await;
    let wrong_types = json!({ "email": 1, "password": [], "username": {}, "fullName": "Anna", "role": true });
    let bad_name = json!({ "firstName": 3, "lastName": "x".repeat(101) });
    for (body, expected) in [
        (json!({}), &["email", "password"][..]),
        (
            wrong_types,
            &["email", "password", "username", "fullName", "role"],
        ),
        (with("email", json!("anna")), &["email"]),
        (with("email", json!({ "$gt": "" })), &["email"]),
        (with("password", json!("12345")), &["password"]),
        (with("password", json!("a".repeat(129))), &["password"]),
        (with("username", json!("an")), &["username"]),
        (with("username", json!("anna@example.com")), &["username"]),
        (with("username", json!("an\nna")), &["username"]),
        (
            with("fullName", bad_name),
            &["fullName.firstName", "fullName.lastName"],
        ),
        (with("role", json!("admin")), &["role"]),
        (with("role", json!("root")), &["role"]),
    ] {
        let answer = register(&shop, body.clone()).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), expected, "{body}");
    }
    register(&shop, anna()).await.expect(201);
    shop.stop().await;
}

#[actix_web::test]
async fn every_character_of_a_long_password_counts() {
    let shop = Shop::start().await;
    for (n, long) in ["a".repeat(73), "🔑".repeat(64), "ä".repeat(128)]
        .into_iter()
        .enumerate()
    {
        let body = |password: &str| json!({ "email": format!("anna{n}@example.com"), "password": password });
        register(&shop, body(&long)).await.expect(201);
        login(&shop, body(&long)).await.expect(200);
        let mut shorter = long.clone();
        shorter.pop();
        login(&shop, body(&shorter)).await.expect(401);
        login(&shop, body(&format!("{shorter}b"))).await.expect(401);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn somebody_signs_in_by_email_or_by_username() {
    let shop = Shop::start().await;
    register(&shop, with("username", json!("Anna"))).await.expect(201);
    let password = "a good secret";
    for who in [
        json!({ "email": "anna@example.com", "password": password }),
        json!({ "email": "ANNA@EXAMPLE.COM", "password": password }),
        json!({ "username": "anna", "password": password }),
        json!({ "email": "nobody@example.com", "username": "ANNA", "password": password }),
    ] {
        let answer = login(&shop, who).await.expect(200);
        assert_eq!(answer.body["user"]["username"], "Anna");
        assert!(answer.header("set-cookie").starts_with("token="));
        me(&shop, token(&answer)).await.expect(200);
    }
    login(&shop, json!({ "password": password }))
        .await
        .problem(400, "invalid");
    shop.stop().await;
}

#[actix_web::test]
async fn an_unknown_user_and_a_wrong_password_are_told_alike() {
    let shop = Shop::start().await;
    register(&shop, anna()).await.expect(201);
    let wrong = login(&shop, with("password", json!("another secret"))).await;
    let unknown = login(&shop, with("email", json!("bert@example.com"))).await;
    let [wrong, unknown] = [wrong, unknown].map(|answer| {
        let mut answer = answer.problem(401, "unauthenticated");
        answer.body["requestId"].take();
        answer.body
    });
    assert_eq!(wrong, unknown);
    assert_eq!(wrong["message"], "Invalid credentials");
    shop.stop().await;
}

#[actix_web::test]
async fn ten_wrong_passwords_from_one_address_are_too_many() {
    let shop = Shop::start().await;
    register(&shop, anna()).await.expect(201);
    let bert = shop.shopper("bert").await;
    for _ in 0..10 {
        login(&shop, with("password", json!("another secret")))
            .await
            .expect(401);
    }
    let answer = login(&shop, anna()).await.problem(429, "too_many_requests");
    assert!(
        answer
            .header("retry-after")
            .parse::<u64>()
            .is_ok_and(|wait| wait > 0)
    );
    let by_name = json!({ "username": "anna", "password": "a good secret" });
    login(&shop, by_name).await.expect(429);
    let others = json!({ "username": "bert", "password": password_of("bert") });
    login(&shop, others).await.expect(200);
    bert.get("/api/auth/me").await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_profile_changes_by_what_is_sent_alone() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    shop.shopper("bert").await;
    let path = "/api/auth/users/me";
    let body = json!({ "fullName": { "lastName": "Berg" }, "role": "admin", "email": "root@example.com" });
    let user = &anna.patch(path, body).await.expect(200).body["user"];
    assert_eq!(
        user["fullName"],
        json!({ "firstName": "anna", "lastName": "Berg" })
    );
    assert_eq!(user["role"], "user", "nobody gives himself a role");
    assert_eq!(user["email"], "anna@example.com");
    let answer = anna
        .patch(path, json!({ "username": "Annette" }))
        .await
        .expect(200);
    assert_eq!(answer.header("etag"), "\"3\"");
    let matching = async |tag: &str| {
        let call = anna.call(Method::PATCH, path).header("if-match", tag);
        call.json(&json!({ "username": "Anne" })).send().await
    };
    matching("\"2\"").await.problem(412, "version_mismatch");
    matching("\"3\"").await.expect(200);
    anna.patch(path, json!({ "username": "BERT" }))
        .await
        .problem(400, "user_exists");
    let freed = json!({ "email": "new@example.com", "password": "a good secret", "username": "annette" });
    register(&shop, freed).await.expect(201);
    shop.stop().await;
}

#[actix_web::test]
async fn a_storm_of_logins_leaves_everybody_else_alone() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let names: Vec<_> = (0..100).map(|n| format!("buyer{n}")).collect();
    join_all(names.iter().map(|name| shop.shopper(name))).await;
    let body = |name: &String| json!({ "username": name, "password": password_of(name) });
    let storm = join_all((0..500).map(|n| login(&shop, body(&names[n % 100]))));
    let others = join_all((0..500).map(|_| anna.get("/api/auth/me")));
    let (storm, others) = futures_util::join!(storm, others);
    for answer in storm.into_iter().chain(others) {
        answer.expect(200);
    }
    shop.stop().await;
}
