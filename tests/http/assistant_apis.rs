//! The APIs of models, through the socket: what they say reaches the user and his cart, and
//! whatever goes wrong with them is told in a sentence.

use serde_json::{Value, json};

use crate::cart::{put_up, quantities};
use crate::chat::Chat;
use crate::speaker::Saying::{Call, Words};
use crate::speaker::{APIS, Api, KEY, Speaker, event, head};
use crate::stand_in::Mood;

#[actix_web::test]
async fn a_model_of_either_kind_fills_the_cart() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let tent = put_up(&shop.seller("cleo").await, "10", 5).await;
        let two = json!({ "productId": tent, "quantity": 2 });
        speaker.says(&[
            Words("Ich schaue – "),
            Words("🧦 einen Moment."),
            Call("addProductToCart", two),
            Call("viewCart", json!({})),
        ]);
        speaker.says(&[Words("They are in your cart.")]);
        let mut chat = Chat::open(&shop, &anna).await;
        let answer = chat.say("two tents, please").await;
        assert_eq!(answer.tools(), ["addProductToCart", "viewCart"], "{api:?}");
        assert!(
            answer
                .text()
                .starts_with("Ich schaue – 🧦 einen Moment.\n\nThey are in your cart.\n\n"),
            "{api:?}: {answer:?}"
        );
        assert_eq!(quantities(&anna).await, [2], "{api:?}");
        let asked = speaker.stand_in.asked();
        let results = speaker.results(&asked[1]);
        assert_eq!(results.len(), 2, "{api:?}: {}", asked[1].body);
        assert!(results[0]["error"].is_null(), "{results:?}");
        assert_call_is_as_documented(api, &asked[0], &asked[1]);
        shop.stop().await;
    }
}

/// What Gemini and OpenAI write about their APIs.
fn assert_call_is_as_documented(api: Api, first: &crate::stand_in::Asked, second: &crate::stand_in::Asked) {
    let (body, later): (Value, Value) = (
        serde_json::from_str(&first.body).expect("JSON"),
        serde_json::from_str(&second.body).expect("JSON"),
    );
    match api {
        Api::Gemini => {
            assert!(first.is("POST /v1beta/models/a-model:streamGenerateContent?alt=sse "));
            assert_eq!(first.header("x-goog-api-key"), KEY);
            let tools = &body["tools"][0]["functionDeclarations"];
            assert_eq!(tools[0]["name"], "searchProduct");
            assert_eq!(tools[0]["parametersJsonSchema"]["type"], "object");
            assert_eq!(
                body["contents"],
                json!([{ "role": "user", "parts": [{ "text": "two tents, please" }] }])
            );
            let said = &later["contents"][1];
            assert_eq!(said["role"], "model");
            assert_eq!(said["parts"][1]["thoughtSignature"], "mark2", "{said}");
            assert!(
                said["parts"][1]["functionCall"]["id"].is_null(),
                "it has given none: {said}"
            );
        }
        Api::OpenAi => {
            assert!(first.is("POST /v1/chat/completions "));
            assert_eq!(first.header("authorization"), format!("Bearer {KEY}"));
            assert_eq!(
                (&body["model"], &body["stream"]),
                (&json!("a-model"), &json!(true))
            );
            assert_eq!(body["tools"][0]["function"]["name"], "searchProduct");
            assert_eq!(body["messages"][0]["role"], "system");
            let said = &later["messages"][2];
            assert_eq!(said["tool_calls"][0]["id"], "call_2", "{said}");
            assert_eq!(later["messages"][3]["tool_call_id"], "call_2");
        }
    }
}

#[actix_web::test]
async fn an_api_that_is_busy_for_a_moment_is_asked_again() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        let busy = head("429 Too Many Requests", "Retry-After: 0\r\n");
        speaker.next(Mood::Says(vec![busy.into_bytes()]));
        speaker.next(Mood::Answers(503, json!({ "error": "overloaded" })));
        speaker.says(&[Words("Here I am.")]);
        assert_eq!(chat.say("hello").await.text(), "Here I am.", "{api:?}");
        // One that broke off before its first word.
        speaker.next(Mood::Says(speaker.begun(&[])));
        speaker.says(&[Words("Here I am again.")]);
        assert_eq!(chat.say("hello").await.text(), "Here I am again.", "{api:?}");
        assert_eq!(speaker.stand_in.asked().len(), 5);
        shop.stop().await;
    }
}

/// How an answer goes wrong, what the user reads, and how often the API was asked.
#[actix_web::test]
async fn what_goes_wrong_with_an_api_is_told_and_the_next_answer_comes() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let settings = [
            ("assistant.first_event_timeout_ms", "300"),
            ("assistant.next_event_timeout_ms", "300"),
        ];
        let begun = || speaker.begun(&[Words("There are")]);
        let no_json = [begun().concat(), b"data: {nonsense\n\n".to_vec()].concat();
        let busy_long = head("429 Too Many Requests", "Retry-After: 3600\r\n").into_bytes();
        let long_line = [head("200 OK", "").into_bytes(), vec![b'x'; 300_000]].concat();
        let failure = [
            begun().concat(),
            event(&json!({ "error": { "message": KEY } })).into_bytes(),
        ]
        .concat();
        let shouted_key = json!({ "error": { "message": format!("wrong key {KEY}") } });
        for (mood, code, text, asked) in [
            (Mood::Says(begun()), "model_cut", "There are", 1),
            (Mood::SaysAndHangs(begun()), "model_cut", "There are", 1),
            (Mood::Says(vec![no_json]), "model_cut", "There are", 1),
            (Mood::Says(vec![failure]), "model_cut", "There are", 1),
            (Mood::Hangs, "model_unavailable", "", 1),
            (Mood::Says(vec![busy_long]), "model_unavailable", "", 1),
            (
                Mood::Answers(401, shouted_key.clone()),
                "model_unavailable",
                "",
                1,
            ),
            (
                Mood::Answers(404, shouted_key.clone()),
                "model_unavailable",
                "",
                1,
            ),
            (Mood::Answers(400, shouted_key), "model_refused", "", 1),
            (Mood::Answers(500, json!({})), "model_unavailable", "", 3),
            (Mood::Says(vec![long_line]), "model_unavailable", "", 3),
        ] {
            // A shop of its own: what went wrong before would count.
            let shop = speaker.shop(&settings).await;
            let anna = shop.shopper("anna").await;
            let mut chat = Chat::open(&shop, &anna).await;
            let before = speaker.stand_in.asked().len();
            let told = format!("{api:?} {:.200}", format!("{mood:?}"));
            for _ in 0..asked {
                speaker.next(mood.clone());
            }
            let answer = chat.say("hello").await;
            assert_eq!((answer.error(), answer.text()), (code, text), "{told}");
            assert!(!format!("{answer:?}").contains(KEY), "{told}");
            assert_eq!(speaker.stand_in.asked().len() - before, asked, "{told}");
            speaker.says(&[Words("Here I am.")]);
            assert_eq!(chat.say("hello").await.text(), "Here I am.", "{told}");
            shop.stop().await;
        }
    }
}

#[actix_web::test]
async fn an_api_that_keeps_failing_is_left_alone() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        for _ in 0..3 {
            assert_eq!(chat.say("hello").await.error(), "model_unavailable");
        }
        assert_eq!(speaker.stand_in.asked().len(), 5, "{api:?}");
        shop.stop().await;
    }
}

#[actix_web::test]
async fn calls_that_make_no_sense_go_back_to_an_api() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        let huge = json!({ "productId": "x".repeat(200_000) });
        for (call, code) in [
            (Call("dropTables", json!({})), "unknown_tool"),
            (Call("viewCart", json!({ "user": "anna" })), "invalid_arguments"),
            (Call("addProductToCart", huge), "invalid_arguments"),
        ] {
            let before = speaker.stand_in.asked().len();
            speaker.says(&[call]);
            speaker.says(&[Words("Well then.")]);
            let answer = chat.say("go").await;
            assert!(
                answer.text().starts_with("Well then."),
                "{api:?} {code} {answer:?}"
            );
            let results = speaker.results(&speaker.stand_in.asked()[before + 1]);
            assert_eq!(results[0]["error"]["code"], code, "{api:?} {results:?}");
        }
        if api == Api::OpenAi {
            let before = speaker.stand_in.asked().len();
            speaker.says(&[Call("viewCart", json!("{not json"))]);
            speaker.says(&[Words("Well then.")]);
            assert_eq!(chat.say("go").await.text(), "Well then.");
            let results = speaker.results(&speaker.stand_in.asked()[before + 1]);
            assert_eq!(results[0]["error"]["code"], "invalid_arguments");
        }
        shop.stop().await;
    }
}

#[actix_web::test]
async fn an_api_that_says_much_at_once_drowns_nobody() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        speaker.says(&vec![Words("la "); 4_000]);
        let heard = chat.say("sing").await;
        assert_eq!(heard.text(), "la ".repeat(4_000), "{api:?}");
        shop.stop().await;
    }
}

#[actix_web::test]
async fn an_api_that_calls_for_ever_is_stopped() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        for _ in 0..8 {
            speaker.says(&[Call("viewCart", json!({}))]);
        }
        assert_eq!(chat.say("go").await.error(), "too_many_steps", "{api:?}");
        speaker.says(&vec![Call("viewCart", json!({})); 100]);
        assert_eq!(chat.say("go").await.error(), "model_cut", "{api:?}");
        speaker.says(&vec![Words("and on and on "); 5_000]);
        assert_eq!(chat.say("go").await.error(), "model_confused", "{api:?}");
        shop.stop().await;
    }
}

#[actix_web::test]
async fn cancelling_hangs_up_on_an_api() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        speaker.next(Mood::SaysAndHangs(speaker.begun(&[Words("There are")])));
        chat.send(&json!({ "type": "message", "text": "hello" })).await;
        while chat.next().await["type"] != "delta" {}
        chat.send(&json!({ "type": "cancel" })).await;
        chat.answer().await;
        speaker.stand_in.was_left(1).await;
        shop.stop().await;
    }
}

#[actix_web::test]
async fn the_tokens_that_an_api_counts_are_the_users() {
    for api in APIS {
        let speaker = Speaker::start(api).await;
        let shop = speaker.shop(&[("assistant.tokens_per_day", "100")]).await;
        let anna = shop.shopper("anna").await;
        let mut chat = Chat::open(&shop, &anna).await;
        for code in ["", "", "used_up"] {
            speaker.says(&[Words("Yes.")]);
            assert_eq!(chat.say("hello").await.error(), code, "{api:?}");
        }
        shop.stop().await;
    }
}
