//! What a webhook was not told before kill -9 it is told after it, under the same id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::binary::Binary;
use crate::goods::lamp;
use crate::stand_in::{Mood, StandIn};

const KILLS: usize = 3;

async fn post(url: &str, token: &str, body: &Value) -> Value {
    let call = reqwest::Client::new().post(url).bearer_auth(token).json(body);
    let answer = call.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.json().await.expect("JSON")
}

#[actix_web::test]
async fn a_webhook_hears_of_everything_whenever_the_runtime_is_killed() {
    let receiver = StandIn::start(Mood::Answers(200, json!({}))).await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "[webhooks]\nallow_private = true\ntimeout_ms = 1000\n[demo]\nseed = false\n";
    std::fs::write(folder.path().join("config.toml"), settings).expect("a file");
    let shop = Binary::start(folder.path()).await;
    let seller = json!({ "email": "cleo@example.com", "password": "a good secret", "role": "seller" });
    let joined = post(&format!("{}/api/auth/register", shop.url()), "", &seller).await;
    let token = joined["token"].as_str().expect("a token").to_owned();
    let hook = json!({ "url": receiver.url, "events": ["product.created"] });
    post(&format!("{}/api/webhooks", shop.url()), &token, &hook).await;
    let (mut expected, mut shop) = (BTreeSet::new(), shop);
    for kill in 0..KILLS {
        receiver.next(Mood::Hangs);
        let made = post(&format!("{}/api/products", shop.url()), &token, &lamp()).await;
        expected.insert(made["product"]["id"].as_str().expect("an id").to_owned());
        if kill % 2 == 0 {
            receiver.was_asked(receiver.asked_so_far() + 1).await; // killed between telling and answer
        }
        shop.kill().await; // or between event and delivery
        shop = Binary::start(folder.path()).await;
    }
    // The last of them was answered, whatever hung before.
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut many = 0;
    while ids.len() < expected.len() {
        many += 1;
        for asked in receiver.was_asked(many).await {
            let told: Value = serde_json::from_str(&asked.body).expect("JSON");
            let product = told["data"]["id"].as_str().expect("an id").to_owned();
            ids.entry(product)
                .or_default()
                .insert(asked.header("webhook-id").to_owned());
        }
    }
    shop.kill().await;
    assert_eq!(ids.keys().cloned().collect::<BTreeSet<_>>(), expected);
    assert!(
        ids.values().all(|ids| ids.len() == 1),
        "one id for each event: {ids:?}"
    );
}
