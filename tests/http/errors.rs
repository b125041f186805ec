//! Every error has one shape.

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::Shop;

const REGISTER: &str = "/api/auth/register";

#[actix_web::test]
async fn an_unknown_route_is_404() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    for path in [
        "/nothing",
        "/api",
        "/api/nothing/here",
        "/healthz/more",
        "/%00",
        "/api/auth/../nothing",
    ] {
        visitor.get(path).await.problem(404, "unknown_route");
    }
    visitor
        .post("/nothing", json!({}))
        .await
        .problem(404, "unknown_route");
    shop.stop().await;
}

#[actix_web::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let shop = Shop::start().await;
    let answer = shop
        .visitor()
        .delete("/healthz")
        .await
        .problem(405, "wrong_method");
    assert_eq!(answer.header("allow"), "GET, HEAD");
    let answer = shop.visitor().get(REGISTER).await.problem(405, "wrong_method");
    assert_eq!(answer.header("allow"), "POST");
    let options = shop
        .visitor()
        .call(Method::OPTIONS, REGISTER)
        .send()
        .await
        .expect(204);
    assert_eq!(options.header("allow"), "POST");
    shop.stop().await;
}

#[actix_web::test]
async fn a_body_of_another_media_type_is_415() {
    let shop = Shop::start().await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "nonsense",
    ] {
        let call = shop
            .visitor()
            .call(Method::POST, REGISTER)
            .header("content-type", media_type);
        call.bytes("{}")
            .send()
            .await
            .problem(415, "unsupported_media_type");
    }
    let unnamed = shop.visitor().call(Method::POST, REGISTER).bytes("{}");
    unnamed.send().await.problem(415, "unsupported_media_type");
    let with_charset = shop.visitor().call(Method::POST, REGISTER);
    let with_charset = with_charset.header("content-type", "application/json; charset=utf-8");
    with_charset.bytes("{}").send().await.problem(400, "invalid");
    shop.stop().await;
}

#[actix_web::test]
async fn a_compressed_body_is_415_and_never_unpacked() {
    let shop = Shop::start().await;
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip", "GZIP"] {
        let call = shop
            .visitor()
            .call(Method::POST, REGISTER)
            .header("content-encoding", encoding);
        let answer = call
            .json(&json!({}))
            .send()
            .await
            .problem(415, "unsupported_media_type");
        assert_eq!(answer.header("accept-encoding"), "identity", "{encoding}");
    }
    let plain = shop
        .visitor()
        .call(Method::POST, REGISTER)
        .header("content-encoding", "identity");
    plain.json(&json!({})).send().await.problem(400, "invalid");
    shop.stop().await;
}

#[actix_web::test]
async fn a_body_of_10_mb_is_413() {
    let shop = Shop::start().await;
    let body = json!({ "email": "a".repeat(10 * 1024 * 1024) });
    shop.visitor()
        .post(REGISTER, body)
        .await
        .problem(413, "too_large");
    shop.visitor().get("/healthz").await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn malformed_json_is_400() {
    let shop = Shop::start().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = "{\"a\":".repeat(10_000);
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("half an object", b"{\"email\":".to_vec()),
        ("no JSON at all", b"email=anna".to_vec()),
        ("two objects", b"{}{}".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("bad UTF-8", b"{\"email\":\"\xff\xfe\"}".to_vec()),
        ("half a surrogate pair", br#"{"email":"\ud800"}"#.to_vec()),
        ("lists 10 000 deep", deep.into_bytes()),
        ("objects 10 000 deep", deep_object.into_bytes()),
        (
            "a number without end",
            format!("{{\"a\":{}}}", "9".repeat(100_000) + "e999999").into_bytes(),
        ),
    ];
    for (what, body) in bodies {
        let call = shop
            .visitor()
            .call(Method::POST, REGISTER)
            .header("content-type", "application/json");
        let answer = call.bytes(body).send().await;
        assert_eq!(answer.body["code"], "malformed_json", "{what}: {}", answer.text);
        answer.problem(400, "malformed_json");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn every_bad_field_is_named_at_once() {
    let shop = Shop::start().await;
    let body = json!({ "email": 5, "password": "short", "fullName": { "firstName": [] }, "role": "admin" });
    let answer = shop.visitor().post(REGISTER, body).await.problem(400, "invalid");
    let mut bad = answer.bad_fields();
    bad.sort_unstable();
    assert!(
        bad.contains(&"email") && bad.contains(&"password") && bad.contains(&"role"),
        "{bad:?}"
    );
    assert!(bad.iter().any(|path| path.starts_with("fullName.")), "{bad:?}");
    let answer = shop
        .visitor()
        .post(REGISTER, json!({}))
        .await
        .problem(400, "invalid");
    let bad = answer.bad_fields();
    assert!(
        bad.contains(&"email") && bad.contains(&"password"),
        "missing fields are named: {bad:?}"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_malformed_id_is_400() {
    let shop = Shop::start().await;
    let admin = shop.admin().await;
    for id in ["1", "zzzzzzzzzzzzzzzzzzzzzzzz", "6553f10007070707070707070"] {
        let path = format!("/api/ops/actors/account/{id}/kill");
        admin
            .post(&path, Value::Null)
            .await
            .problem(400, "malformed_request");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_is_401_and_the_wrong_role_403() {
    let shop = Shop::start().await;
    let answer = shop
        .visitor()
        .get("/api/ops/actors")
        .await
        .problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let anna = shop.shopper("anna").await;
    anna.get("/api/ops/actors").await.problem(403, "forbidden");
    shop.stop().await;
}
