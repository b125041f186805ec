//! What was written to a client that is gone was not heard: it is told again. What a client has shown
//! that it got is not.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cart::put_up;
use crate::chat::Chat;
use crate::line::{Line, PATH};
use crate::shop::{Caller, Shop};

#[actix_web::test]
async fn what_was_sent_to_a_client_that_gave_no_sign_of_life_after_it_is_told_again() {
    let shop = Shop::start().await;
    let tent = put_up(&shop.seller("cleo").await, "10", 50).await;
    let add = format!("add {tent} to my cart");
    for transport in [
        "websocket",
        "Socket.IO over a websocket",
        "Socket.IO over polling",
    ] {
        let anna: Caller = shop.shopper(&transport.replace(' ', "")).await.into();
        // They stay open, and silent.
        let mut silent = match transport {
            "websocket" => Err(raw_socket(&shop, &anna, &add).await),
            "Socket.IO over a websocket" => Ok(Line::socket(&shop, &anna).await),
            _ => Ok(Line::polling(&anna, PATH).await),
        };
        if let Ok(line) = &mut silent {
            line.connect(&Value::Null).await;
            line.say_and_fall_silent(&add).await;
        }
        let told = first_frame(&shop, &anna).await;
        let text = told["text"].as_str().unwrap_or_default();
        assert!(
            text.contains("While you were away: In your cart: 1 × Tent"),
            "{transport}: nobody can know that she heard of it, and she is told {told}"
        );
    }
    shop.stop().await;
}

#[actix_web::test]
async fn what_a_client_has_shown_that_it_got_is_not_told_again() {
    let shop = Shop::start().await;
    let tent = put_up(&shop.seller("cleo").await, "10", 50).await;
    let add = format!("add {tent} to my cart");
    for transport in [
        "websocket",
        "Socket.IO over a websocket",
        "Socket.IO over polling",
    ] {
        let anna: Caller = shop.shopper(&transport.replace(' ', "")).await.into();
        if transport == "websocket" {
            let mut chat = Chat::open(&shop, &anna).await;
            chat.say(&add).await;
            chat.say("hello").await;
        } else {
            let mut line = match transport {
                "Socket.IO over polling" => Line::polling(&anna, PATH).await,
                _ => Line::socket(&shop, &anna).await,
            };
            line.connect(&Value::Null).await;
            line.say(&add).await;
            line.say("hello").await;
        }
        let silence = async { while first_frame(&shop, &anna).await["type"] == "message" {} };
        let silence = tokio::time::timeout(Duration::from_secs(20), silence).await;
        silence.unwrap_or_else(|_| panic!("{transport}: she has heard it, and is told again and again"));
    }
    shop.stop().await;
}

/// The first frame of a new connection after `ready`; if nothing is told, that nothing can be
/// cancelled.
async fn first_frame(shop: &Shop, who: &Caller) -> Value {
    let mut chat = Chat::open(shop, who).await;
    chat.send(&json!({ "type": "cancel" })).await;
    chat.next().await
}

/// Says something over a socket by hand, and reads the answer without answering a ping.
async fn raw_socket(shop: &Shop, who: &Caller, text: &str) -> TcpStream {
    let host = shop.url().trim_start_matches("http://");
    let token = who.token.as_deref().expect("a token");
    let mut stream = TcpStream::connect(host).await.expect("the shop is open");
    let head = format!(
        "GET /api/assistant/ws HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("the shop listens");
    read_until_ready(&mut stream).await;
    let said = json!({ "type": "message", "text": text }).to_string();
    let length = u8::try_from(said.len())
        .ok()
        .filter(|length| *length < 126)
        .expect("a short frame");
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(said.as_bytes());
    stream.write_all(&frame).await.expect("the shop listens");
    read_until_ready(&mut stream).await;
    stream
}

async fn read_until_ready(stream: &mut TcpStream) {
    let mut seen = String::new();
    while !seen.contains(r#""status":"ready""#) {
        let mut bytes = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut bytes)).await;
        let many = read.expect("a frame in time").expect("the socket is open");
        assert_ne!(many, 0, "the socket was closed after {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..many]));
    }
}
