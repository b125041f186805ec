//! The assistant over Socket.IO: both transports, who gets in, what is said, and bad input.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::cart;
use crate::line::{Line, PATH, Socket};
use crate::shop::{Caller, Shop};

const OTHER_PATH: &str = "/api/socket/socket.io/";

fn auth(caller: &Caller) -> Value {
    json!({ "token": caller.token })
}

#[actix_web::test]
async fn the_assistant_answers_over_polling_at_both_paths() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let visitor = shop.visitor();
    for path in [PATH, OTHER_PATH] {
        let mut line = Line::polling(&visitor, path).await;
        line.connect(&auth(&anna)).await;
        assert!(line.words("hello").await.contains("Hello"));
    }
    shop.stop().await;
}

#[actix_web::test]
async fn the_assistant_answers_over_a_socket_by_the_cookie_alone() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&Value::Null).await;
    assert!(line.words("hello").await.contains("Hello"));
    shop.stop().await;
}

#[actix_web::test]
async fn a_session_goes_over_from_polling_to_a_socket_and_goes_on() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&Value::Null).await;
    assert!(line.words("hello").await.contains("Hello"));
    let at = format!("&sid={}", line.sid);
    let socket = Socket::open(&shop, &anna, &at).await.expect("a socket");
    line.upgrade(socket).await;
    assert!(line.words("hello").await.contains("Hello"));
    let polled = anna.get(&line.address()).await.expect(400);
    assert_eq!(polled.body, json!({ "code": 3, "message": "Bad request" }));
    assert_eq!(
        Socket::open(&shop, &anna, &at).await.err(),
        Some(400),
        "one socket at a time"
    );
    assert!(line.words("hello").await.contains("Hello"));
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_is_let_in_without_a_good_token() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let visitor = shop.visitor();
    let mut lines = [
        Line::polling(&visitor, PATH).await,
        Line::socket(&shop, &visitor).await,
    ];
    for line in &mut lines {
        assert_eq!(
            line.knock(&Value::Null).await,
            r#"44{"message":"Token not provided"}"#
        );
        for token in [json!("not.a.token"), json!(7)] {
            let refused = line.knock(&json!({ "token": token })).await;
            assert_eq!(refused, r#"44{"message":"Invalid token"}"#, "{token}");
        }
    }
    lines[0].connect(&auth(&anna)).await;
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    let revoked = lines[1].knock(&auth(&anna)).await;
    assert_eq!(revoked, r#"44{"message":"Invalid token"}"#, "a revoked token");
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_is_placed_with_a_yes_to_the_question_and_not_without() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = cart::put_up(&shop.seller("cleo").await, "10", 5).await;
    cart::add(&anna, &tent, 1).await.expect(200);
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&Value::Null).await;
    line.say("place the order").await;
    line.say("no").await;
    assert_eq!(orders(&anna).await, 0, "no means no");
    line.say("place the order").await;
    let placed = line.words("yes").await;
    assert!(placed.contains("Ordered"), "{placed}");
    assert_eq!(orders(&anna).await, 1);
    shop.stop().await;
}

async fn orders(caller: &Caller) -> usize {
    let orders = caller.get("/api/orders/me").await.expect(200);
    orders.body["orders"].as_array().expect("orders").len()
}

#[actix_web::test]
async fn what_is_no_message_is_told_and_the_line_stays() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&Value::Null).await;
    let too_long = json!(["message", "x".repeat(9_000)]);
    for (event, code) in [
        (json!(["message"]), "malformed_frame"),
        (json!(["message", { "text": "hi" }]), "malformed_frame"),
        (json!(["message", " "]), "malformed_frame"),
        (json!(["spend", "all"]), "unknown_type"),
        (json!([]), "unknown_type"),
        (too_long, "too_long"),
    ] {
        line.send(&format!("42{event}")).await;
        let told = line.event().await;
        assert_eq!((&told[0], &told[2]), (&json!("error"), &json!(code)), "{event}");
    }
    line.send(r#"4212["message",""]"#).await;
    line.event().await;
    assert_eq!(line.next().await.as_deref(), Some("4312[]"), "it is acknowledged");
    line.send("40/admin,").await;
    let refused = line.next().await;
    assert_eq!(
        refused.as_deref(),
        Some(r#"44/admin,{"message":"Invalid namespace"}"#)
    );
    assert!(line.words("hello").await.contains("Hello"));
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_disconnects_may_connect_again() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&Value::Null).await;
    line.send("41").await;
    line.connect(&Value::Null).await;
    assert!(line.words("hello").await.contains("Hello"));
    shop.stop().await;
}

#[actix_web::test]
async fn a_logout_disconnects_both_transports() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut lines = [Line::polling(&anna, PATH).await, Line::socket(&shop, &anna).await];
    for line in &mut lines {
        line.connect(&Value::Null).await;
    }
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    for line in &mut lines {
        let packets = tokio::time::timeout(Duration::from_secs(1), line.until_the_end()).await;
        let packets = packets.expect("closed within a second");
        assert!(packets.contains(&"41".to_owned()), "{packets:?}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_stop_ends_the_sessions() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&Value::Null).await;
    let (packets, ()) = futures_util::join!(line.until_the_end(), shop.stop());
    assert!(
        !packets.contains(&"41".to_owned()),
        "the client is to come back: {packets:?}"
    );
}

#[actix_web::test]
async fn whoever_says_more_than_anybody_can_mean_is_disconnected() {
    let shop = Shop::start_with(&[("assistant.frames_per_minute", "20")]).await;
    let anna = shop.shopper("anna").await;
    let mut line = Line::polling(&anna, PATH).await;
    line.connect(&Value::Null).await;
    line.send(&["42[]"; 50].join("\x1e")).await;
    assert!(line.until_the_end().await.contains(&"41".to_owned()));
    shop.stop().await;
}

#[actix_web::test]
async fn a_silent_client_and_one_that_never_connects_are_forgotten() {
    let shop = Shop::start_with(&[("assistant.heartbeat_seconds", "1")]).await;
    let anna = shop.shopper("anna").await;
    let mut silent = Line::polling(&anna, PATH).await;
    silent.connect(&Value::Null).await;
    while anna.get(&silent.address()).await.status == 200 {} // and answers no ping
    let mut outside = Line::socket(&shop, &anna).await;
    assert_eq!(outside.until_the_end().await, Vec::<String>::new());
    shop.stop().await;
}

#[actix_web::test]
async fn requests_that_make_no_sense_get_the_numbers_that_clients_know() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let sid = Line::polling(&anna, PATH).await.sid;
    let elsewhere = shop.back("anna").await;
    let polling = "EIO=4&transport=polling";
    let cases: [(Method, &Caller, String, u8, &str); 9] = [
        (Method::GET, &anna, "EIO=4".into(), 0, "Transport unknown"),
        (
            Method::GET,
            &anna,
            "EIO=4&transport=pigeon".into(),
            0,
            "Transport unknown",
        ),
        (
            Method::GET,
            &anna,
            format!("{polling}&sid=guess"),
            1,
            "Session ID unknown",
        ),
        (
            Method::POST,
            &anna,
            format!("{polling}&sid=guess"),
            1,
            "Session ID unknown",
        ),
        (
            Method::GET,
            &elsewhere,
            format!("{polling}&sid={sid}"),
            1,
            "Session ID unknown",
        ),
        (Method::POST, &anna, polling.into(), 2, "Bad handshake method"),
        (
            Method::GET,
            &anna,
            "EIO=4&transport=websocket".into(),
            3,
            "Bad request",
        ),
        (
            Method::GET,
            &anna,
            "EIO=3&transport=polling".into(),
            5,
            "Unsupported protocol version",
        ),
        (
            Method::GET,
            &anna,
            "transport=polling".into(),
            5,
            "Unsupported protocol version",
        ),
    ];
    for (method, caller, query, code, message) in cases {
        let call = caller.call(method, &format!("{PATH}?{query}"));
        let answer = call.send().await.expect(400);
        assert_eq!(
            answer.body,
            json!({ "code": code, "message": message }),
            "{query}"
        );
    }
    shop.stop().await;
}

#[actix_web::test]
async fn bad_packets_end_the_session_that_sent_them() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    for (what, packets) in [
        ("nothing", ""),
        ("bytes", "bAQID"),
        (
            "an event with bytes",
            r#"451-["message",{"_placeholder":true,"num":0}]"#,
        ),
        ("a message before the connection", r#"42["message","hi"]"#),
        ("bad JSON", "42["),
        ("two connections", "40\x1e40"),
        ("another namespace", r#"42/admin,["message","hi"]"#),
        ("no packet at all", "hello"),
    ] {
        let mut line = Line::polling(&anna, PATH).await;
        line.post(packets).await.expect(400);
        assert_eq!(line.next().await, None, "{what} ends the session");
    }
    let line = Line::polling(&anna, PATH).await;
    let too_long = line.post(&format!("4{}", "x".repeat(65_536))).await;
    assert_eq!(too_long.status, 413);
    let mut socket = Socket::open(&shop, &anna, "").await.expect("a socket");
    socket.next().await;
    socket.send_raw(Message::binary(vec![4])).await;
    assert_eq!(socket.next().await, None);
    shop.stop().await;
}

#[actix_web::test]
async fn a_second_poll_ends_the_session() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let line = Line::polling(&anna, PATH).await;
    let address = line.address();
    let (one, other) = futures_util::join!(anna.get(&address), anna.get(&address));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    anna.get(&address).await.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn pages_from_elsewhere_begin_no_session() {
    let shop = Shop::start_with(&[("http.allowed_origins", "https://shop.example")]).await;
    let anna = shop.shopper("anna").await;
    for (origin, status) in [("https://evil.example", 403), ("https://shop.example", 200)] {
        let call = anna.call(Method::GET, &format!("{PATH}?EIO=4&transport=polling"));
        let answer = call.header("origin", origin).send().await.expect(status);
        let allowed = answer.headers.contains_key("access-control-allow-origin");
        assert_eq!(allowed, status == 200, "{origin}");
    }
    shop.stop().await;
}
