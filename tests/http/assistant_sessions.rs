//! The connections of the assistant live no longer than the sessions they were opened with: not over
//! the end of their tokens, and not over a logout on another runtime.

use std::sync::Arc;
use std::time::Duration;

use bazaar::services::models::{Answering, Model, Prompt};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::cart::{put_up, quantities};
use crate::chat::{Chat, bare_handshake, handshake, knock, put};
use crate::line::{Line, PATH};
use crate::scripted::{call, last_results, last_words, words};
use crate::shop::Shop;
use crate::tokens::{SECRET, ending_in};
use crate::two_runtimes::two_shops_with;

#[actix_web::test]
async fn nobody_gets_in_with_a_token_that_has_come_to_its_end() {
    let shop = Shop::start_with(&[("auth.jwt_secret", SECRET)]).await;
    let anna = shop.shopper("anna").await;
    let good = anna.token.clone().expect("a token");
    let expired = anna.with_token(&ending_in(&good, -1));
    let token = expired.token.clone().expect("a token");
    let mut by_cookie = bare_handshake(&shop, "");
    put(&mut by_cookie, "cookie", &format!("token={token}"));
    for (what, request) in [
        ("by header", handshake(&shop, &expired, &[])),
        ("by cookie", by_cookie),
    ] {
        assert_eq!(knock(request).await.err(), Some(401), "{what}");
    }
    let ticket = expired.post("/api/assistant/ticket", json!({})).await;
    ticket.problem(401, "unauthenticated");
    let invalid = r#"44{"message":"Invalid token"}"#;
    let mut lines = [
        Line::polling(&expired, PATH).await,
        Line::socket(&shop, &expired).await,
    ];
    for line in &mut lines {
        assert_eq!(line.knock(&Value::Null).await, invalid, "by cookie or header");
        assert_eq!(line.knock(&json!({ "token": token })).await, invalid, "by auth");
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let agent = expired.call(Method::POST, "/mcp").json(&list);
    agent.send().await.expect(401);
    let fresh = anna.with_token(&ending_in(&good, 60));
    Chat::open(&shop, &fresh).await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_connection_is_closed_when_its_token_comes_to_its_end() {
    let settings = [("auth.jwt_secret", SECRET), ("assistant.heartbeat_seconds", "1")];
    let shop = Shop::start_with(&settings).await;
    let anna = shop.shopper("anna").await;
    let good = anna.token.clone().expect("a token");
    let ending = anna.with_token(&ending_in(&good, 5));
    let mut chat = Chat::open(&shop, &ending).await;
    let mut line = Line::socket(&shop, &ending).await;
    line.connect(&Value::Null).await;
    let (code, packets) = futures_util::join!(chat.close_code(), line.until_the_end());
    assert_eq!(code, 1008);
    assert!(packets.contains(&"41".to_owned()), "{packets:?}");
    shop.stop().await;
}

/// Two runtimes on one MongoDB and one Redis; `None` where one of them is missing.
async fn two_shops() -> Option<(Shop, Shop)> {
    let Ok(redis) = std::env::var("BAZAAR_TEST_REDIS_URL") else {
        assert!(std::env::var("CI").is_err(), "BAZAAR_TEST_REDIS_URL is not set");
        println!("skipped: BAZAAR_TEST_REDIS_URL is not set");
        return None;
    };
    two_shops_with(&[("redis.url", redis.as_str())]).await
}

#[actix_web::test]
async fn a_logout_on_one_runtime_closes_the_connections_to_another_within_a_second() {
    let Some((here, there)) = two_shops().await else {
        return;
    };
    let anna = here.shopper("anna").await;
    let elsewhere = here.back("anna").await;
    let mut stays = Chat::open(&there, &elsewhere).await;
    let mut chats = [Chat::open(&here, &anna).await, Chat::open(&there, &anna).await];
    let mut line = Line::socket(&there, &anna).await;
    line.connect(&Value::Null).await;
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    let closed = async {
        let [one, other] = &mut chats;
        futures_util::join!(one.close_code(), other.close_code(), line.until_the_end())
    };
    let closed = tokio::time::timeout(Duration::from_secs(1), closed).await;
    let (one, other, packets) = closed.expect("closed within a second");
    assert_eq!((one, other), (1008, 1008));
    assert!(packets.contains(&"41".to_owned()), "{packets:?}");
    assert!(stays.say("hello").await.text().contains("Hello"));
    there.stop().await;
    here.stop().await;
}

/// The news of a logout take a moment from one runtime to another, and the token is dead in it.
#[actix_web::test]
async fn nothing_is_done_for_a_session_that_has_just_ended_on_another_runtime() {
    let Some((here, there)) = two_shops().await else {
        return;
    };
    let tent = put_up(&here.seller("cleo").await, "10", 5).await;
    for n in 0..5 {
        let name = format!("anna{n}");
        let anna = here.shopper(&name).await;
        let mut chat = Chat::open(&there, &anna).await;
        chat.say("find a tent").await;
        anna.post("/api/auth/logout", json!({})).await.expect(200);
        // It may be closed already.
        let add = json!({ "type": "message", "text": format!("add {tent} to my cart") });
        let told = chat.try_to_send(&add).await;
        assert_eq!(chat.close_code().await, 1008, "the message went out: {told}");
        let again = here.back(&name).await;
        assert!(quantities(&again).await.is_empty());
    }
    there.stop().await;
    here.stop().await;
}

/// A model that answers when it is let.
struct Slow(Arc<Semaphore>);

impl Model for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn answer(&self, prompt: Prompt) -> Answering {
        let may = Arc::clone(&self.0);
        let said = match last_results(&prompt) {
            None => call("addProductToCart", &json!({ "productId": last_words(&prompt) })),
            Some(_) => words("It is in your cart."),
        };
        let waits = stream::once(async move {
            may.acquire().await.expect("a semaphore that stays open").forget();
            stream::iter(said)
        });
        waits.flatten().boxed()
    }
}

#[actix_web::test]
async fn a_session_that_has_ended_changes_nothing_more_for_a_tab_of_another_one() {
    let may = Arc::new(Semaphore::new(0));
    let shop = Shop::thinking_with(Arc::new(Slow(Arc::clone(&may))), &[]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let elsewhere = shop.back("anna").await;
    let (mut chat, mut stays) = (
        Chat::open(&shop, &anna).await,
        Chat::open(&shop, &elsewhere).await,
    );
    chat.send(&json!({ "type": "message", "text": tent })).await;
    assert_eq!(stays.next().await["status"], "thinking");
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    assert_eq!(chat.close_code().await, 1008);
    may.add_permits(2);
    let answer = stays.answer().await;
    assert!(quantities(&elsewhere).await.is_empty(), "{answer:?}");
    let again = json!({ "type": "message", "text": tent });
    stays.send(&again).await;
    may.add_permits(2);
    stays.answer().await;
    assert_eq!(quantities(&elsewhere).await, [1], "the other session goes on");
    shop.stop().await;
}
