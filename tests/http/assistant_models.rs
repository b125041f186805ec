//! Models that go wrong, hang, break off or cost too much: the user hears of it, and the next answer
//! comes.

use std::sync::Arc;

use bazaar::services::models::{ModelError, Part};
use serde_json::{Value, json};

use crate::cart::put_up;
use crate::chat::Chat;
use crate::scripted::{Scripted, call, last_results, last_words, raw_call, words};
use crate::shop::Shop;

#[actix_web::test]
async fn a_model_that_calls_for_ever_is_stopped_after_eight_steps() {
    let model = Scripted::new(|_, _| call("viewCart", &json!({})));
    let shop = Shop::thinking_with(Arc::<Scripted>::clone(&model), &[]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let answer = chat.say("go").await;
    assert_eq!((answer.error(), model.asked()), ("too_many_steps", 8));
    assert_eq!(answer.tools(), ["viewCart"; 8]);
    shop.stop().await;
}

#[actix_web::test]
async fn a_call_that_makes_no_sense_goes_back_to_the_model_twice_and_no_more() {
    let model = Scripted::new(|_, _| call("dropTables", &json!({})));
    let shop = Shop::thinking_with(Arc::<Scripted>::clone(&model), &[]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let answer = chat.say("go").await;
    assert_eq!((answer.error(), model.asked()), ("model_confused", 3));
    shop.stop().await;
}

#[actix_web::test]
async fn a_model_may_put_a_wrong_call_right() {
    let model = Scripted::new(|prompt, asked| match asked {
        0 => raw_call("viewCart", "{not json"),
        1 => {
            let results = last_results(prompt).expect("the results");
            assert_eq!(results[0]["error"]["code"], "invalid_arguments");
            call("viewCart", &json!({}))
        }
        _ => words("There it is."),
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    assert_eq!(chat.say("go").await.text(), "There it is.");
    shop.stop().await;
}

#[actix_web::test]
async fn a_model_that_is_out_breaks_off_or_refuses_is_told_as_such_and_the_next_answer_comes() {
    let model = Scripted::new(|_, asked| match asked {
        0 => vec![Err(ModelError::Unavailable("429".into()))],
        1 => vec![
            Ok(Part::Text("There are".into())),
            Err(ModelError::Cut("reset".into())),
        ],
        2 => vec![Err(ModelError::Refused("filter".into()))],
        3 => panic!("a fault of the model's adapter"),
        _ => words("Here I am."),
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    for (code, text) in [
        ("model_unavailable", ""),
        ("model_cut", "There are"),
        ("model_refused", ""),
        ("internal", ""),
        ("", "Here I am."),
    ] {
        let answer = chat.say("hello").await;
        assert_eq!((answer.error(), answer.text()), (code, text), "{answer:?}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn the_tokens_of_a_day_come_to_an_end() {
    let model = Scripted::new(|_, _| vec![Ok(Part::Text("Yes.".into())), Ok(Part::Usage(60))]);
    let shop = Shop::thinking_with(model, &[("assistant.tokens_per_day", "100")]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    for (code, text) in [("", "Yes."), ("", "Yes."), ("used_up", "")] {
        let answer = chat.say("hello").await;
        assert_eq!((answer.error(), answer.text()), (code, text), "{answer:?}");
    }
    shop.stop().await;
}

/// Little is asked, and a lot is answered.
#[actix_web::test]
async fn the_tokens_of_a_model_that_does_not_count_them_come_to_an_end_too() {
    let model = Scripted::new(|_, _| words(&"word ".repeat(3_000)));
    let shop = Shop::thinking_with(model, &[("assistant.tokens_per_day", "6000")]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    for code in ["", "", "used_up"] {
        let answer = chat.say("hello").await;
        assert_eq!(answer.error(), code, "{} bytes were said", answer.text().len());
    }
    shop.stop().await;
}

#[actix_web::test]
async fn one_answer_is_worked_on_at_a_time_and_can_be_cancelled() {
    let model = Scripted::hanging(|prompt, _| match last_words(prompt) {
        "hang" => Vec::new(),
        _ => words("Here I am."),
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let (mut chat, mut tab) = (Chat::open(&shop, &anna).await, Chat::open(&shop, &anna).await);
    tab.send(&json!({ "type": "cancel" })).await;
    assert_eq!(tab.next().await["code"], "nothing_to_cancel");
    chat.send(&json!({ "type": "message", "text": "hang" })).await;
    assert_eq!(chat.next().await["status"], "thinking");
    chat.send(&json!({ "type": "message", "text": "hello?" })).await;
    assert_eq!(chat.next().await["code"], "busy");
    assert_eq!(
        tab.next().await["status"],
        "thinking",
        "the tabs share the conversation"
    );
    tab.send(&json!({ "type": "cancel" })).await;
    let stopped = chat.answer().await;
    assert_eq!(
        stopped.frames,
        [json!({ "type": "status", "status": "cancelled", "text": "Stopped." })]
    );
    assert_eq!(chat.say("hello").await.text(), "Here I am.");
    shop.stop().await;
}

#[actix_web::test]
async fn a_model_that_takes_too_long_is_given_up() {
    let model = Scripted::hanging(|_, _| Vec::new());
    let shop = Shop::thinking_with(model, &[("assistant.answer_timeout_seconds", "1")]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    assert_eq!(chat.say("hello").await.error(), "too_slow");
    shop.stop().await;
}

#[actix_web::test]
async fn what_was_done_for_somebody_who_went_away_is_told_on_the_next_connection() {
    let model = Scripted::hanging(|prompt, _| match last_results(prompt) {
        None => {
            let product: Value = serde_json::from_str(last_words(prompt)).expect("arguments");
            call("addProductToCart", &product)
        }
        Some(_) => Vec::new(),
    });
    let shop = Shop::thinking_with(model, &[("assistant.answer_timeout_seconds", "2")]).await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
    let mut chat = Chat::open(&shop, &anna).await;
    let order = json!({ "productId": tent, "quantity": "2" }).to_string();
    chat.send(&json!({ "type": "message", "text": order })).await;
    while chat.next().await["state"] != "done" {}
    drop(chat);
    let mut chat = Chat::open(&shop, &anna).await;
    let told = loop {
        let frame = chat.next().await;
        if frame["type"] == "message" {
            break frame;
        }
    };
    let text = told["text"].as_str().expect("words");
    assert!(
        text.contains("In your cart: 2 × Tent for 10 at 10.00 INR"),
        "{text}"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn what_a_model_says_and_calls_is_bounded_before_it_is_told_and_kept() {
    let many = || -> Vec<_> {
        let long = json!({ "query": "x".repeat(15_000) });
        (0..8).flat_map(|_| call("searchProduct", &long)).collect()
    };
    let model = Scripted::new(move |_, asked| match asked {
        0 => words(&"é".repeat(500_000)),
        1 => many(),
        _ => words("Here I am."),
    });
    let shop = Shop::thinking_with(model, &[]).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    let endless = chat.say("go").await;
    assert_eq!(endless.error(), "model_confused");
    assert_eq!(endless.text().len(), 16 * 1024, "as much as was to be told");
    let (_, ready) = Chat::open_and_see(&shop, &anna).await;
    let kept = ready.to_string().len();
    assert!(kept < 20_000, "{kept} bytes of it were kept");
    let calls = chat.say("go").await;
    assert_eq!((calls.error(), calls.tools().len()), ("model_confused", 0));
    assert_eq!(chat.say("hello").await.text(), "Here I am.");
    shop.stop().await;
}
