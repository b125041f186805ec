//! What is a token and what is none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::shop::Shop;

pub(crate) const SECRET: &str = "the secret of the tests, long enough for anybody";

fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("a token")
}

fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).expect("a token has claims");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("claims in base64");
    serde_json::from_slice(&claims).expect("claims in JSON")
}

/// The same token under the secret of the tests, but for its end, which is so many seconds from now.
pub(crate) fn ending_in(token: &str, seconds: i64) -> String {
    let mut claims = claims_of(token);
    let now = bazaar::clock::Clock::system().now().seconds();
    claims["exp"] = json!(now + seconds);
    signed(Algorithm::HS256, SECRET, &claims)
}

async fn me(shop: &Shop, header: &str, value: &str) -> Answer {
    let call = shop.visitor().call(Method::GET, "/api/auth/me");
    call.header(header, value).send().await
}

#[actix_web::test]
async fn whatever_is_not_a_token_of_ours_is_answered_401() {
    let shop = Shop::start_with(&[("auth.jwt_secret", SECRET)]).await;
    let good = shop.shopper("anna").await.token.clone().expect("a token");
    let claims = claims_of(&good);
    for claim in ["id", "email", "username", "role", "jti", "iat", "exp"] {
        assert!(!claims[claim].is_null(), "no claim {claim} in {claims}");
    }
    let with = |claim: &str, value: Value| {
        let mut claims = claims.clone();
        claims[claim] = value;
        signed(Algorithm::HS256, SECRET, &claims)
    };
    let without = |claim: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().expect("an object").remove(claim);
        signed(Algorithm::HS256, SECRET, &claims)
    };
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "JWT" }).to_string());
    let (_, rest) = good.split_once('.').expect("two dots");
    let (unsigned, _) = rest.split_once('.').expect("two dots");
    let cases = [
        ("no token", String::new()),
        ("not a token", "anna".into()),
        ("alg none", format!("{none}.{unsigned}.")),
        ("alg none with the old signature", format!("{none}.{rest}")),
        ("HS384", signed(Algorithm::HS384, SECRET, &claims)),
        ("HS512", signed(Algorithm::HS512, SECRET, &claims)),
        ("another secret", signed(Algorithm::HS256, "another", &claims)),
        ("no exp", without("exp")),
        ("exp as a text", with("exp", json!(claims["exp"].to_string()))),
        ("ended", with("exp", claims["iat"].clone())),
        ("no jti", without("jti")),
        ("a role there is not", with("role", json!("root"))),
    ];
    let again = signed(Algorithm::HS256, SECRET, &claims);
    me(&shop, "authorization", &format!("Bearer {again}"))
        .await
        .expect(200);
    for (what, token) in cases {
        println!("{what}");
        me(&shop, "authorization", &format!("Bearer {token}"))
            .await
            .problem(401, "unauthenticated");
        me(&shop, "cookie", &format!("token={token}"))
            .await
            .problem(401, "unauthenticated");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_token_of_64_kb_gets_nobody_in() {
    let shop = Shop::start_with(&[("auth.jwt_secret", SECRET)]).await;
    let good = shop.shopper("anna").await.token.clone().expect("a token");
    let mut claims = claims_of(&good);
    claims["email"] = json!("a".repeat(64 * 1024));
    let token = signed(Algorithm::HS256, SECRET, &claims);
    let answer = me(&shop, "authorization", &format!("Bearer {token}")).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    shop.stop().await;
}
