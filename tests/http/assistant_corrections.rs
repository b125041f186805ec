//! What was not done is said by the shop, whatever the model makes of it: at worst once too often.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cart::{put_up, quantities};
use crate::chat::Chat;
use crate::scripted::{Said, Scripted, call, last_results, last_words, raw_call, words};
use crate::shop::Shop;

/// A model that makes the calls that it is told, `[name, arguments]` each, and then says the words that
/// it is told.
fn obedient() -> Arc<Scripted> {
    Scripted::new(|prompt, _| {
        let order: Value = serde_json::from_str(last_words(prompt)).expect("an order");
        if last_results(prompt).is_some() {
            return words(order["words"].as_str().expect("words"));
        }
        let calls = order["calls"].as_array().expect("calls").iter();
        let made = calls.flat_map(|made| call(made[0].as_str().expect("a name"), &made[1]));
        made.collect()
    })
}

#[actix_web::test]
async fn a_model_that_quotes_a_refusal_does_not_silence_it() {
    let shop = Shop::thinking_with(obedient(), &[]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let refusal = "5 are available, 99 were asked for";
    let order = json!({
        "calls": [["addProductToCart", { "productId": tent, "quantity": 99 }]],
        "words": format!("They said that {refusal}, but I got you all 99 of them."),
    });
    let mut chat = Chat::open(&shop, &anna).await;
    let answer = chat.say(&order.to_string()).await;
    let correction = format!("\n\nThis was not done: {refusal}.");
    assert!(answer.text().ends_with(&correction), "{answer:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_call_that_is_wrong_is_no_way_to_claim_what_it_would_have_done() {
    let shop = Shop::thinking_with(obedient(), &[]).await;
    let (anna, cleo) = (shop.shopper("anna").await, shop.seller("cleo").await);
    let tent = put_up(&cleo, "10", 5).await;
    let ready = json!(["addProductToCart", { "productId": tent }]);
    let looks: Vec<_> = (0..20).map(|_| json!(["viewCart", {}])).collect();
    let too_many = [looks, vec![ready.clone()]].concat();
    let mut chat = Chat::open(&shop, &anna).await;
    for (calls, correction) in [
        (
            json!([["addProductToCart", { "productId": tent, "quantity": -1 }]]),
            "This was not done: add to the cart, since the call was not right.",
        ),
        (
            json!([["setStock", { "productId": tent, "onHand": 0 }]]),
            "This was not done: set a stock, since this user may not do that.",
        ),
        (
            json!([["Your order is paid", {}]]),
            "Something was tried that cannot be done here. It was not done.",
        ),
        (
            json!(too_many),
            "This was not done: add to the cart, since it was too much at once.",
        ),
    ] {
        let order = json!({ "calls": calls, "words": "It is done!" });
        let answer = chat.say(&order.to_string()).await;
        assert_eq!(answer.text(), format!("It is done!\n\n{correction}"), "{calls}");
        assert!(quantities(&anna).await.is_empty(), "{calls}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn calls_that_come_when_the_time_of_an_answer_is_over_are_left() {
    let limit = Duration::from_secs(1);
    let model = Scripted::new(move |prompt, asked| {
        if asked > 0 {
            return words("It is done!");
        }
        std::thread::sleep(limit); // it thinks for as long as an answer may take
        call("addProductToCart", &json!({ "productId": last_words(prompt) }))
    });
    let shop = Shop::thinking_with(model, &[("assistant.answer_timeout_seconds", "1")]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let answer = Chat::open(&shop, &anna).await.say(&tent).await;
    let correction = "This was not done: add to the cart, since it took too long.";
    assert!(answer.text().ends_with(correction), "{answer:?}");
    assert!(quantities(&anna).await.is_empty(), "{answer:?}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_call_about_the_cart_that_was_put_right_is_corrected_by_the_cart() {
    let model = Scripted::new(|prompt, asked| -> Said {
        match asked {
            0 => raw_call("addProductToCart", "{not json"),
            1 => call("addProductToCart", &json!({ "productId": last_words(prompt) })),
            _ => words("There it is."),
        }
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let answer = Chat::open(&shop, &anna).await.say(&tent).await;
    assert_eq!(
        answer.text(),
        "There it is.\n\nIn your cart: 1 × Tent for 10 at 10.00 INR, together 10.00 INR."
    );
    shop.stop().await;
}

#[actix_web::test]
async fn the_offline_assistant_leaves_it_to_the_shop_to_say_no() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let mut chat = Chat::open(&shop, &anna).await;
    for (sentence, no) in [
        (
            format!("add 99 {tent} to my cart"),
            "This was not done: 5 are available, 99 were asked for.",
        ),
        (
            "place the order".to_owned(),
            "This was not done: the cart is empty.",
        ),
    ] {
        assert_eq!(chat.say(&sentence).await.text(), no);
    }
    shop.stop().await;
}
