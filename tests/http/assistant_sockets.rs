//! The assistant's sockets: who gets in, what comes of what is sent, and when they are closed.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::accounts::login;
use crate::chat::{Chat, bare_handshake, handshake, knock, put};
use crate::scripted::{Scripted, words};
use crate::shop::{Caller, Shop, password_of};

const MINUTE: &str = "assistant.frames_per_minute";

#[actix_web::test]
async fn whoever_is_signed_in_gets_in_by_header_by_cookie_or_by_a_ticket() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let token = anna.token.clone().expect("a token");
    let mut by_cookie = bare_handshake(&shop, "");
    put(&mut by_cookie, "cookie", &format!("token={token}"));
    let issued = anna.post("/api/assistant/ticket", json!({})).await.expect(201);
    let ticket = issued.body["ticket"].as_str().expect("a ticket");
    assert_eq!(issued.body["expiresIn"], 30);
    let by_ticket = || bare_handshake(&shop, &format!("?ticket={ticket}"));
    for request in [handshake(&shop, &anna, &[]), by_cookie, by_ticket()] {
        let chat = knock(request).await;
        chat.expect("she gets in").next().await;
    }
    assert_eq!(knock(by_ticket()).await.err(), Some(401), "a ticket is good once");
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_gets_in_without_a_good_token() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let ticket = anna.post("/api/assistant/ticket", json!({})).await.expect(201);
    let ticket = ticket.body["ticket"].as_str().expect("a ticket").to_owned();
    let mut forged = bare_handshake(&shop, "");
    put(&mut forged, "authorization", "Bearer not.a.token");
    for (what, request) in [
        ("no token", bare_handshake(&shop, "")),
        ("a forged token", forged),
        ("no ticket", bare_handshake(&shop, "?ticket=")),
        (
            "a guess",
            bare_handshake(&shop, "?ticket=0123456789abcdef01234567aaaaaaaa"),
        ),
    ] {
        assert_eq!(knock(request).await.err(), Some(401), "{what}");
    }
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    let revoked = handshake(&shop, &anna, &[]);
    assert_eq!(knock(revoked).await.err(), Some(401), "a revoked token");
    let of_the_dead = bare_handshake(&shop, &format!("?ticket={ticket}"));
    assert_eq!(
        knock(of_the_dead).await.err(),
        Some(401),
        "the ticket of a session that is over"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn pages_from_elsewhere_open_no_socket() {
    let shop = Shop::start_with(&[("http.allowed_origins", "https://shop.example")]).await;
    let anna = shop.shopper("anna").await;
    let own = shop.url().to_owned();
    for (origin, outcome) in [
        ("https://evil.example", Some(403)),
        ("null", Some(403)),
        ("https://shop.example", None),
        (own.as_str(), None),
    ] {
        let request = handshake(&shop, &anna, &[("origin", origin)]);
        assert_eq!(knock(request).await.err(), outcome, "{origin}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_frame_that_cannot_be_read_is_told_and_the_socket_stays() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let too_long = json!({ "type": "message", "text": "x".repeat(9_000) }).to_string();
    for (text, code) in [
        ("{not json", "malformed_json"),
        ("[]", "unknown_type"),
        ("{}", "unknown_type"),
        (r#"{"type":"spend"}"#, "unknown_type"),
        (r#"{"type":"message"}"#, "malformed_frame"),
        (r#"{"type":"message","text":7}"#, "malformed_frame"),
        (
            r#"{"type":"message","text":"hi","user":"bert"}"#,
            "malformed_frame",
        ),
        (r#"{"type":"message","text":"  "}"#, "malformed_frame"),
        (r#"{"type":"confirm","callId":"1"}"#, "malformed_frame"),
        (
            r#"{"type":"confirm","callId":"1","accept":"yes"}"#,
            "malformed_frame",
        ),
        (r#"{"type":"confirm","callId":"1","accept":true}"#, "unknown_call"),
        (too_long.as_str(), "too_long"),
    ] {
        chat.send_raw(Message::text(text)).await;
        let told = chat.next().await;
        assert_eq!(
            (&told["type"], &told["code"]),
            (&json!("error"), &json!(code)),
            "{text}"
        );
    }
    assert!(chat.say("hello").await.text().contains("Hello"));
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_no_text_or_too_much_of_it_closes_the_socket() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let bad_text = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    for (what, message, code) in [
        ("65 kB", Message::text("x".repeat(65 * 1024)), 1009),
        ("binary", Message::binary(vec![1, 2, 3]), 1003),
        ("bad UTF-8", Message::Frame(bad_text), 1007),
    ] {
        let mut chat = Chat::open(&shop, &anna).await;
        chat.send_raw(message).await;
        assert_eq!(chat.close_code().await, code, "{what}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_message_in_parts_is_one_message_and_no_longer_than_one() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let part =
        |text: &str, kind, last| Message::Frame(Frame::message(text.to_owned(), OpCode::Data(kind), last));
    chat.send_raw(part(r#"{"type":"message","#, Data::Text, false))
        .await;
    chat.send_raw(part(r#""text":"hello"}"#, Data::Continue, true))
        .await;
    assert!(chat.answer().await.text().contains("Hello"));
    let half = "x".repeat(40_000);
    chat.send_raw(part(&half, Data::Text, false)).await;
    chat.send_raw(part(&half, Data::Continue, false)).await;
    assert_eq!(chat.close_code().await, 1009);
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_sends_more_than_anybody_can_mean_is_hung_up_on() {
    let shop = Shop::start_with(&[(MINUTE, "20")]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    for _ in 0..50 {
        chat.send_raw(Message::text("{}")).await;
    }
    assert_eq!(chat.close_code().await, 1008);
    shop.stop().await;
}

/// Nothing is said by them, and the shop answers all the same.
#[actix_web::test]
async fn pings_and_parts_without_end_count_like_other_frames() {
    let shop = Shop::start_with(&[(MINUTE, "20")]).await;
    let anna = shop.shopper("anna").await;
    let part = |kind| Message::Frame(Frame::message("", OpCode::Data(kind), false));
    for (what, first, more) in [
        ("pings", Message::Ping("".into()), Message::Ping("".into())),
        ("pongs", Message::Pong("".into()), Message::Pong("".into())),
        ("parts", part(Data::Text), part(Data::Continue)),
    ] {
        let mut chat = Chat::open(&shop, &anna).await;
        chat.send_raw(first).await;
        for _ in 0..50 {
            chat.send_raw(more.clone()).await;
        }
        assert_eq!(chat.close_code().await, 1008, "{what}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_logout_closes_the_sockets_of_its_session_and_no_others() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut chats = [Chat::open(&shop, &anna).await, Chat::open(&shop, &anna).await];
    let elsewhere: Caller = shop.back("anna").await.into();
    let mut stays = Chat::open(&shop, &elsewhere).await;
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    for chat in &mut chats {
        let closed = tokio::time::timeout(Duration::from_secs(1), chat.close_code()).await;
        assert_eq!(closed, Ok(1008), "closed within a second");
    }
    assert!(stays.say("hello").await.text().contains("Hello"));
    let change = json!({ "old": password_of("anna"), "new": "another password" });
    let body = json!({ "username": "anna", "password": password_of("anna") });
    login(&shop, body).await.expect(200);
    let fresh: Caller = shop.back("anna").await.into();
    fresh.post("/api/auth/password/change", change).await.expect(200);
    assert_eq!(
        stays.close_code().await,
        1008,
        "a new password ends the other sessions"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn a_user_and_a_node_have_so_many_sockets_and_get_them_back() {
    let limits = [
        ("assistant.sessions_per_user", "2"),
        ("assistant.sessions_per_node", "3"),
    ];
    let shop = Shop::start_with(&limits).await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let first = Chat::open(&shop, &anna).await;
    let _second = Chat::open(&shop, &anna).await;
    assert_eq!(knock(handshake(&shop, &anna, &[])).await.err(), Some(429));
    let _third = Chat::open(&shop, &bert).await;
    assert_eq!(knock(handshake(&shop, &bert, &[])).await.err(), Some(503));
    drop(first);
    let again = async { while knock(handshake(&shop, &bert, &[])).await.is_err() {} };
    let again = tokio::time::timeout(Duration::from_secs(20), again).await;
    again.expect("a place that was left can be taken");
    shop.stop().await;
}

#[actix_web::test]
async fn two_tabs_share_one_conversation_and_a_new_connection_goes_on_with_it() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let (mut one, mut other) = (Chat::open(&shop, &anna).await, Chat::open(&shop, &anna).await);
    let said = one.say("hello").await;
    assert_eq!(other.answer().await.frames, said.frames, "both hear the same");
    drop((one, other));
    let shop = shop.reopen_after(Duration::ZERO).await;
    let anna: Caller = shop.back("anna").await.into();
    let (_, ready) = Chat::open_and_see(&shop, &anna).await;
    let roles = ready["history"].as_array().expect("a history").iter();
    let roles: Vec<_> = roles.map(|said| said["role"].as_str().expect("a role")).collect();
    assert_eq!(roles, ["user", "assistant"], "{ready}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_question_still_stands_for_whoever_connects_again() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = crate::cart::put_up(&shop.seller("cleo").await, "10", 5).await;
    crate::cart::add(&anna, &tent, 1).await.expect(200);
    let mut chat = Chat::open(&shop, &anna).await;
    let asked = chat.say("place the order").await.question().clone();
    drop(chat);
    let mut chat = Chat::open(&shop, &anna).await;
    assert_eq!(chat.next().await, asked);
    let placed = chat.decide(&asked["callId"], true).await;
    assert!(placed.text().contains("Ordered"), "{placed:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_silent_client_is_asked_for_a_sign_of_life_and_closed_without_one() {
    let shop = Shop::start_with(&[("assistant.heartbeat_seconds", "1")]).await;
    let anna = shop.shopper("anna").await;
    let mut stream = raw_socket(&shop, &anna).await;
    let mut seen = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut seen)).await;
    ended.expect("closed in time").expect("closed in order");
    assert!(
        seen.windows(2).any(|pair| pair == [0x89, 0x00]),
        "it was asked: {}",
        seen.escape_ascii()
    );
    assert!(
        seen.windows(4)
            .any(|part| part[0] == 0x88 && part[2..] == 1013_u16.to_be_bytes())
    );
    shop.stop().await;
}

/// It is closed in order if it reads again in time, and cut off by the machine if it does not.
#[actix_web::test]
async fn a_client_that_does_not_read_is_closed_and_its_other_tab_goes_on() {
    let model = Scripted::new(|_, _| words(&"word ".repeat(3_000)));
    let settings = [(MINUTE, "100000"), ("assistant.tokens_per_day", "2000000000")];
    let shop = Shop::thinking_with(model, &settings).await;
    let anna = shop.shopper("anna").await;
    let silent = Chat::open(&shop, &anna).await;
    let mut chat = Chat::open(&shop, &anna).await;
    let mut told = 0;
    for _ in 0..600 {
        told += chat.say("more").await.frames.len();
    }
    let heard = silent.frames_to_the_end().await;
    assert!(heard < told, "it was closed before it had heard all {told}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_stop_closes_the_sockets() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let (code, ()) = futures_util::join!(chat.close_code(), shop.stop());
    assert_eq!(code, 1001);
}

#[actix_web::test]
async fn what_is_no_handshake_is_a_problem() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    anna.get("/api/assistant/ws")
        .await
        .problem(400, "malformed_request");
    let post = anna.call(Method::POST, "/api/assistant/ws").json(&json!({}));
    post.send().await.problem(405, "wrong_method");
    shop.stop().await;
}

/// A handshake by hand: what comes after it is not answered by anybody.
async fn raw_socket(shop: &Shop, who: &Caller) -> TcpStream {
    let host = shop.url().trim_start_matches("http://");
    let token = who.token.as_deref().expect("a token");
    let mut stream = TcpStream::connect(host).await.expect("the shop is open");
    let head = format!(
        "GET /api/assistant/ws HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("the shop listens");
    stream
}
