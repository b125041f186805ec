//! The questions of the assistant to its user: whoever can answer one was shown it, other talk ends
//! it, and an answer may come as soon as it was asked.

use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::chat::Chat;
use crate::line::Line;
use crate::shop::{Caller, Shop};

const QUESTION: &str = "for 10.00 INR in all?";

#[actix_web::test]
async fn a_question_that_stands_is_told_to_whoever_can_answer_it_with_a_word() {
    let shop = Shop::start().await;
    let anna = with_a_tent(&shop).await;
    let mut chat = Chat::open(&shop, &anna).await;
    chat.say("place the order").await.question();
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&Value::Null).await;
    let told = line.event().await;
    assert_eq!(told[0], "message", "the question comes first: {told}");
    let words = told[1].as_str().unwrap_or_default();
    assert!(words.contains(QUESTION), "{told}");
    let placed = line.words("yes").await;
    assert!(placed.contains("Ordered"), "{placed}");
    shop.stop().await;
}

#[actix_web::test]
async fn other_talk_on_another_connection_ends_a_question() {
    let shop = Shop::start().await;
    let anna = with_a_tent(&shop).await;
    let mut line = Line::socket(&shop, &anna).await;
    line.connect(&Value::Null).await;
    let asked = line.words("place the order").await;
    assert!(asked.contains(QUESTION), "{asked}");
    let mut chat = Chat::open(&shop, &anna).await;
    assert_eq!(chat.next().await["type"], "confirm", "it stands");
    chat.say("show my cart").await;
    let mut heard = Vec::new();
    while heard.last() != Some(&json!("ready")) {
        heard.push(line.event().await[2].clone());
    }
    let answer = line.words("yes").await;
    assert!(answer.contains("Nothing is being asked"), "{answer}");
    let orders = anna.get("/api/orders/me").await.expect(200);
    assert_eq!(orders.body["meta"]["total"], 0, "{answer}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_question_may_be_answered_as_soon_as_it_was_asked() {
    let shop = Shop::start().await;
    let anna = with_a_tent(&shop).await;
    let mut chat = Chat::open(&shop, &anna).await;
    for _ in 0..5 {
        chat.send(&json!({ "type": "message", "text": "place the order" }))
            .await;
        let asked = until(&mut chat, "confirm").await;
        let no = json!({ "type": "confirm", "callId": asked["callId"], "accept": false });
        chat.send(&no).await;
        let told = until(&mut chat, "message").await;
        assert_eq!(told["text"], "Then I leave it as it is.");
        chat.answer().await;
    }
    shop.stop().await;
}

/// The next frame of a type. An error is none that is waited through.
async fn until(chat: &mut Chat, kind: &str) -> Value {
    loop {
        let frame = chat.next().await;
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == kind {
            return frame;
        }
    }
}

async fn with_a_tent(shop: &Shop) -> Caller {
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    add(&anna, &tent, 1).await.expect(200);
    anna.into()
}
