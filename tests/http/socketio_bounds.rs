//! The bounds of Socket.IO: how many may stand outside and for how long, how much waits for a client
//! that does not poll, how long an upgrade may take, and messages in parts.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::chat::Chat;
use crate::line::{Line, PATH, Socket};
use crate::shop::Shop;

/// So many of one address may be outside,
const OF_AN_ADDRESS: usize = 100;
/// and so many packets wait for a client.
const WAITING: usize = 256;

#[actix_web::test]
async fn one_address_cannot_take_the_places_of_all_who_are_not_in_yet() {
    let shop = Shop::start_with(&[("limits.enabled", "true")]).await;
    let anna = shop.shopper("anna").await;
    let visitor = shop.visitor();
    let mut inside = Line::polling(&anna, PATH).await;
    inside.connect(&json!({ "token": anna.token })).await;
    let mut outside = Vec::new();
    for _ in 0..OF_AN_ADDRESS {
        outside.push(Line::polling(&visitor, PATH).await);
    }
    let begin = format!("{PATH}?EIO=4&transport=polling");
    let refused = visitor.get(&begin).await.problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    let by_socket = Socket::open(&shop, &anna, "").await.err();
    assert_eq!(by_socket, Some(429), "however it is carried");
    assert!(
        inside.words("hello").await.contains("Hello"),
        "whoever is in takes no place and loses none"
    );
    inside.send("41").await;
    let left = inside.until_the_end().await;
    assert_eq!(
        left.last().map(String::as_str),
        Some("1"),
        "who leaves without a place outside is gone"
    );
    outside[0].send("1").await;
    visitor.get(&begin).await.expect(200);
    let mut last = outside.pop().expect("the last one");
    last.connect(&json!({ "token": anna.token })).await;
    visitor.get(&begin).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_user_has_as_many_connections_as_he_may_whatever_carries_them() {
    let shop = Shop::start_with(&[("assistant.sessions_per_user", "2")]).await;
    let anna = shop.shopper("anna").await;
    let _chat = Chat::open(&shop, &anna).await;
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&json!(null)).await;
    let mut third = Line::socket(&shop, &anna).await;
    let refused = third.knock(&json!(null)).await;
    assert_eq!(
        refused,
        r#"44{"message":"you have too many connections to the assistant"}"#
    );
    line.send("41").await;
    third.connect(&json!(null)).await;
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_knocks_in_vain_too_often_is_sent_away() {
    let shop = Shop::start().await;
    let visitor = shop.visitor();
    let mut line = Line::polling(&visitor, PATH).await;
    let mut refused = 0;
    while line.post("40").await.status == 200
        && let Some(answer) = line.next().await
    {
        refused += usize::from(answer == r#"44{"message":"Token not provided"}"#);
    }
    assert_eq!(refused, 10);
    shop.stop().await;
}

#[actix_web::test]
async fn no_more_waits_for_a_client_that_does_not_poll_than_may() {
    let shop = Shop::start_with(&[("assistant.frames_per_minute", "1000")]).await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    // Each of these is answered.
    line.send(&["40/nowhere,"; WAITING + 50].join("\x1e")).await;
    let packets = line.until_the_end().await;
    assert_eq!(packets.len(), WAITING + 1, "{packets:?}");
    assert_eq!(packets.last().map(String::as_str), Some("1"), "it is closed");
    anna.get(&line.address()).await.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn a_socket_that_does_not_take_over_in_time_is_closed_and_polling_goes_on() {
    let shop = Shop::start_with(&[("assistant.heartbeat_seconds", "3")]).await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&json!(null)).await;
    let mut socket = Socket::open(&shop, &anna, &format!("&sid={}", line.sid))
        .await
        .expect("a socket");
    let late = async {
        socket.send("2probe").await;
        assert_eq!(socket.next().await.as_deref(), Some("3probe"));
        assert_eq!(socket.next().await, None, "it never says that it takes over");
    };
    let address = line.address();
    let hello = async {
        late.await;
        let call = anna.call(reqwest::Method::POST, &address);
        call.bytes(r#"42["message","hello"]"#).send().await.expect(200);
    };
    let polling = async {
        let mut packet = String::new();
        while !packet.contains("Hello") {
            packet = line.next().await.expect("the session goes on");
        }
    };
    futures_util::join!(hello, polling);
    shop.stop().await;
}

/// RFC 6455 asks everybody to take fragments, whatever the protocol above.
#[actix_web::test]
async fn a_packet_in_parts_is_one_packet_and_no_longer_than_one() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut socket = Socket::open(&shop, &anna, "").await.expect("a socket");
    let part =
        |text: &str, kind, last| Message::Frame(Frame::message(text.to_owned(), OpCode::Data(kind), last));
    socket.send_raw(part("4", Data::Text, false)).await;
    socket.send_raw(part("0", Data::Continue, true)).await;
    let until = async |socket: &mut Socket, text: &str| {
        let mut packet = String::new();
        while !packet.contains(text) {
            packet = socket.next().await.expect("the session goes on");
        }
    };
    until(&mut socket, "ready").await;
    socket.send_raw(part(r#"42["mess"#, Data::Text, false)).await;
    socket.send_raw(Message::Ping("between".into())).await;
    socket.send_raw(part("age\",\"hel", Data::Continue, false)).await;
    socket.send_raw(part("lo\"]", Data::Continue, true)).await;
    until(&mut socket, "Hello").await;
    let half = format!("4{}", "x".repeat(40_000));
    socket.send_raw(part(&half, Data::Text, false)).await;
    socket.send_raw(part(&half, Data::Continue, false)).await;
    while socket.next().await.is_some() {}
    shop.stop().await;
}

/// Whatever a client sends counts: also what says nothing and is not answered.
#[actix_web::test]
async fn a_flood_of_whatever_packets_is_disconnected() {
    let shop = Shop::start_with(&[("assistant.frames_per_minute", "20")]).await;
    let anna = shop.shopper("anna").await;
    for packet in ["6", "3", "430[]", "40/nowhere,"] {
        let mut line = Line::polling(&anna, PATH).await;
        line.connect(&json!(null)).await;
        line.send(&[packet; 50].join("\x1e")).await;
        let told = tokio::time::timeout(Duration::from_secs(5), line.until_the_end()).await;
        let told = told.unwrap_or_else(|_| panic!("50 times {packet} went through"));
        assert!(told.contains(&"41".to_owned()), "{packet}: {told:?}");
    }
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&json!(null)).await;
    let mut socket = line.into_socket();
    for _ in 0..50 {
        socket.send_raw(Message::Pong("".into())).await;
    }
    let closed = async { while socket.next().await.is_some() {} };
    let closed = tokio::time::timeout(Duration::from_secs(5), closed).await;
    closed.expect("50 pongs went through");
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_leaves_and_connects_again_has_said_no_less_for_that() {
    let shop = Shop::start_with(&[("assistant.frames_per_minute", "20")]).await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    let mut times = 0;
    while times < 50 && connects(&mut line).await {
        line.post("41").await;
        times += 1;
    }
    assert!(times < 50, "it connected {times} times within a minute");
    shop.stop().await;
}

/// Whether a session gets in, or in again.
async fn connects(line: &mut Line) -> bool {
    if line.post("40").await.status != 200 {
        return false;
    }
    while let Some(packet) = line.next().await {
        if packet.contains("ready") {
            return true;
        }
    }
    false
}
