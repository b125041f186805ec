//! kill -9 in the middle of what the assistant does: what stands is told on the next connection.

use serde_json::{Value, json};

use crate::binary::Binary;
use crate::chat::Chat;
use crate::speaker::Saying::{self, Call};
use crate::speaker::{Api, KEY, Speaker};

/// So many calls of a step come after the one that changes something.
const AFTER: usize = 19;
/// A kill that comes when all of them were made shows nothing.
const KILLS_MAX: usize = 20;

#[actix_web::test]
async fn what_was_done_in_a_step_that_was_never_ended_is_told_on_the_next_connection() {
    let speaker = Speaker::start(Api::OpenAi).await;
    let settings = [
        format!("openai.base_url={}/v1/", speaker.stand_in.url),
        format!("openai.api_key={KEY}"),
        "openai.model=a-model".to_owned(),
    ];
    let arguments: Vec<_> = settings.iter().flat_map(|one| ["--set", one.as_str()]).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Binary::start_with(folder.path(), &arguments).await;
    let cleo = registered(&shop, "cleo", "seller").await;
    let tent = json!({ "title": "Tent", "price": { "amount": 10, "currency": "INR" }, "stock": 50 });
    let tent = post(&shop, "/api/products", Some(cleo.as_str()), &tent).await["product"]["id"].clone();
    shop.terminate().await;
    for kill in 0..KILLS_MAX {
        let shop = Binary::start_with(folder.path(), &arguments).await;
        let anna = registered(&shop, &format!("anna{kill}"), "user").await;
        speaker.says(&step(&tent));
        let mut chat = Chat::open_at(shop.url(), &anna).await;
        chat.send(&json!({ "type": "message", "text": "two tents, please" }))
            .await;
        while !is_done(&chat.next().await, "addProductToCart") {}
        shop.kill().await;
        let mut looked = 0;
        while let Some(frame) = chat.next_or_end().await {
            looked += usize::from(is_done(&frame, "searchProduct"));
        }
        if looked == AFTER {
            continue;
        }
        let shop = Binary::start_with(folder.path(), &arguments).await;
        let mut chat = Chat::open_at(shop.url(), &anna).await;
        // So that there is a next frame if nothing is told.
        chat.send(&json!({ "type": "cancel" })).await;
        let told = chat.next().await;
        let text = told["text"].as_str().unwrap_or_default();
        assert!(
            text.starts_with("While you were away: ")
                && text.contains("In your cart: 2 × Tent at 10.00 INR, together 20.00 INR."),
            "killed after {looked} of {AFTER} more calls, she has two tents in her cart and is told {told}"
        );
        shop.kill().await;
        return;
    }
    panic!("none of {KILLS_MAX} kills came in the middle of a step");
}

/// Something is put into the cart, and then there is a lot to do.
fn step(tent: &Value) -> Vec<Saying> {
    let look = json!({ "query": "something warm for trekking in the high mountains" });
    let mut step = vec![Call(
        "addProductToCart",
        json!({ "productId": tent, "quantity": 2 }),
    )];
    step.extend((0..AFTER).map(|_| Call("searchProduct", look.clone())));
    step
}

fn is_done(frame: &Value, tool: &str) -> bool {
    frame["name"] == tool && frame["state"] == "done"
}

/// Registers somebody. Answers the token.
async fn registered(shop: &Binary, name: &str, role: &str) -> String {
    let body = json!({
        "email": format!("{name}@example.com"), "password": "a good secret", "username": name, "role": role,
    });
    let answer = post(shop, "/api/auth/register", None, &body).await;
    answer["token"].as_str().expect("a token").to_owned()
}

async fn post(shop: &Binary, path: &str, token: Option<&str>, body: &Value) -> Value {
    let call = reqwest::Client::new().post(format!("{}{path}", shop.url()));
    let call = match token {
        Some(token) => call.bearer_auth(token),
        None => call,
    };
    let answer = call.json(body).send().await.expect("an answer");
    assert_eq!(answer.status(), 201, "POST {path}");
    answer.json().await.expect("JSON")
}
