//! Somebody whose connection outlives the runtime that worked for him hears of what stands with the
//! next answer.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::actors::owners::Owners;
use bazaar::domain::conversation::{Begun, Call, Command, Conversation, Turn};
use bazaar::domain::id::Id;
use serde_json::json;

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
    let engine = Arc::clone(shop.runtime.engine());
    let user: Id = anna.id.parse().expect("an id");
    let begun = Begun {
        id: engine.id(),
        by: engine.id(),
        at: engine.clock.now().before(Duration::from_hours(1)),
        calls: vec![Call {
            id: "call".into(),
            name: "addProductToCart".into(),
            arguments: json!({ "productId": tent }).to_string(),
            mark: None,
        }],
    };
    let ask = Ask::new(Command::Begin(begun), engine.now(Some(user)));
    let conversations: Owners<Conversation> = Owners::new(engine, Vec::new());
    conversations.ask(user, ask).await.expect("it is kept");
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
