//! What browsers are told, and what pages of other origins may not do.

use reqwest::Method;
use serde_json::json;

use crate::call::{Answer, Call};
use crate::shop::{Shop, Shopper, password_of};

const FRIEND: &str = "https://shop.example";

/// Somebody's browser: the cookie and nothing else says who it is.
fn with_cookie(shop: &Shop, anna: &Shopper) -> Call {
    let token = anna.token.as_deref().expect("a token");
    let call = shop.visitor().call(Method::PATCH, "/api/auth/users/me");
    call.header("cookie", &format!("token={token}"))
        .json(&json!({ "username": "anna-the-first" }))
}

#[actix_web::test]
async fn a_page_of_another_origin_changes_nothing_in_the_name_of_a_user() {
    let shop = Shop::start_with(&[("http.allowed_origins", FRIEND)]).await;
    let anna = shop.shopper("anna").await;
    let own = shop.url().to_owned();
    let refused: &[&[(&str, &str)]] = &[
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
        &[("origin", "https://shop.example.evil.example")],
    ];
    for headers in refused {
        let call = with_cookie(&shop, &anna);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        call.send().await.problem(403, "cross_origin");
    }
    let allowed: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", &own)],
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
        &[("sec-fetch-site", "none")],
        &[("origin", FRIEND)],
        &[("origin", FRIEND), ("sec-fetch-site", "cross-site")],
    ];
    for headers in allowed {
        let call = with_cookie(&shop, &anna);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        call.send().await.expect(200);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_token_in_the_header_is_nothing_a_foreign_page_could_send() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let call = anna
        .call(Method::PATCH, "/api/auth/users/me")
        .header("origin", "https://evil.example");
    call.json(&json!({ "username": "anna-the-first" }))
        .send()
        .await
        .expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn only_pages_of_allowed_origins_read_our_answers() {
    let shop = Shop::start_with(&[("http.allowed_origins", FRIEND)]).await;
    let asked = |origin| {
        shop.visitor()
            .call(Method::GET, "/healthz")
            .header("origin", origin)
            .send()
    };
    let friend = asked(FRIEND).await.expect(200);
    assert_eq!(friend.header("access-control-allow-origin"), FRIEND);
    assert_eq!(friend.header("access-control-allow-credentials"), "true");
    assert!(
        friend.header("vary").to_lowercase().contains("origin"),
        "{:?}",
        friend.headers
    );
    let stranger = asked("https://evil.example").await.expect(200);
    assert_eq!(stranger.header("access-control-allow-origin"), "");
    assert_eq!(stranger.header("access-control-allow-credentials"), "");
    shop.stop().await;
}

#[actix_web::test]
async fn a_preflight_says_what_an_allowed_origin_may_send() {
    let shop = Shop::start_with(&[("http.allowed_origins", FRIEND)]).await;
    let preflight = |origin| {
        let call = shop
            .visitor()
            .call(Method::OPTIONS, "/api/auth/users/me")
            .header("origin", origin);
        call.header("access-control-request-method", "PATCH").send()
    };
    let friend = preflight(FRIEND).await.expect(204);
    assert_eq!(friend.header("access-control-allow-origin"), FRIEND);
    assert!(friend.header("access-control-allow-methods").contains("PATCH"));
    assert!(
        friend
            .header("access-control-allow-headers")
            .contains("idempotency-key")
    );
    let stranger = preflight("https://evil.example").await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");
    assert_eq!(stranger.header("access-control-allow-methods"), "");
    shop.stop().await;
}

fn has_the_headers(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'self'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "nothing inline: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_ne!(answer.header("referrer-policy"), "");
}

#[actix_web::test]
async fn every_answer_has_the_headers_that_protect_a_browser() {
    let shop = Shop::start().await;
    has_the_headers(&shop.visitor().get("/healthz").await.expect(200));
    has_the_headers(&shop.visitor().get("/nothing").await.expect(404));
    has_the_headers(&shop.visitor().get("/docs/index.html").await.expect(200));
    let answer = shop.visitor().get("/healthz").await;
    assert_eq!(
        answer.header("strict-transport-security"),
        "",
        "development has no HTTPS to insist on"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn production_and_staging_insist_on_https_and_keep_their_affairs_to_themselves() {
    for environment in ["production", "staging"] {
        insists_on_https(environment).await;
    }
}

async fn insists_on_https(environment: &str) {
    let settings = [
        ("environment", environment),
        ("server.host", "127.0.0.1"),
        ("auth.jwt_secret", "a secret of more than thirty-two bytes"),
        ("mail.mailbox_open", "true"),
    ];
    let shop = Shop::start_with(&settings).await;
    let answer = shop.visitor().get("/healthz").await.expect(200);
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    for path in ["/metrics", "/docs", "/docs/index.html", "/openapi.json"] {
        shop.visitor().get(path).await.problem(404, "unknown_route");
    }
    shop.visitor().get("/dev/mailbox").await.problem(403, "forbidden");
    let body = json!({ "email": "anna@example.com", "username": "anna", "password": password_of("anna") });
    let answer = shop.visitor().post("/api/auth/register", body).await.expect(201);
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    shop.stop().await;
}
