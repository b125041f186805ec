//! Somebody whose connection outlives the runtime that worked for him hears of what stands with the
//! next answer.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::actors::owners::Owners;
use bazaar::domain::conversation::{Begun, Call, Command, Conversation, Progress, Turn};
use bazaar::domain::id::Id;
use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::chat::Chat;
use crate::scripted::{Scripted, words};
use crate::shop::Shop;

#[actix_web::test]
async fn what_another_runtime_was_interrupted_at_is_told_with_the_next_answer() {
    let model = Scripted::new(|prompt, _| match prompt.turns.last() {
        Some(Turn::User { .. }) => words("Hello."),
        other => panic!("the user does not have the last word: {other:?}"),
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let mut chat = Chat::open(&shop, &anna).await;
    // So far another runtime came, and no further, and nobody waits for it any more.
    let begun = begun(&shop, "addProductToCart", &json!({ "productId": tent }));
    done_elsewhere(&shop, &anna.id, begun).await;
    add(&anna, &tent, 2).await.expect(200);
    let answer = chat.say("hello").await;
    assert_eq!(
        answer.text(),
        "Hello.\n\nI was interrupted at this: Add to the cart. This is how it is now. In your cart: 2 × \
         Tent for 10 at 10.00 INR, together 20.00 INR."
    );
    assert_eq!(chat.say("hello").await.text(), "Hello.", "it is told once");
    shop.stop().await;
}

#[actix_web::test]
async fn nothing_is_told_of_what_is_not_the_users_to_know() {
    let shop = Shop::thinking_with(Scripted::new(|_, _| words("Hello.")), &[]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let mut chat = Chat::open(&shop, &anna).await;
    let begun = begun(&shop, "setStock", &json!({ "productId": tent, "onHand": 1 }));
    done_elsewhere(&shop, &anna.id, begun).await;
    assert_eq!(chat.say("hello").await.text(), "Hello.");
    shop.stop().await;
}

#[actix_web::test]
async fn what_was_new_before_an_answer_is_not_forgotten_with_what_the_answer_tells() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let mut chat = Chat::open(&shop, &anna).await;
    let news = Progress {
        news: vec!["Another runtime has done this.".into()],
        ..Progress::default()
    };
    done_elsewhere(&shop, &anna.id, Command::Add(news)).await;
    chat.say(&format!("add {tent} to my cart")).await;
    chat.say("hello").await; // by now the shop knows that she has heard of the tent
    let told = Chat::open(&shop, &anna).await.next().await;
    let text = told["text"].as_str().unwrap_or_default();
    assert!(
        text.contains("Another runtime has done this."),
        "nobody has told her, and she is told {told}"
    );
    shop.stop().await;
}

/// What a runtime that is gone has begun.
fn begun(shop: &Shop, name: &str, arguments: &Value) -> Command {
    let engine = shop.runtime.engine();
    Command::Begin(Begun {
        id: engine.id(),
        by: engine.id(),
        at: engine.clock.now().before(Duration::from_hours(1)),
        calls: vec![Call {
            id: "call".into(),
            name: name.into(),
            arguments: arguments.to_string(),
            mark: None,
        }],
    })
}

/// What another runtime notes in the conversation of a user.
async fn done_elsewhere(shop: &Shop, user: &str, command: Command) {
    let engine = Arc::clone(shop.runtime.engine());
    let user: Id = user.parse().expect("an id");
    let ask = Ask::new(command, engine.now(Some(user)));
    let conversations: Owners<Conversation> = Owners::new(engine, Vec::new());
    conversations.ask(user, ask).await.expect("it is kept");
}
