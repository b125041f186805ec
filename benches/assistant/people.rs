//! Those who have something to do in the shop, over HTTP.

use reqwest::Client;
use serde_json::{Value, json};

/// What is found when somebody asks for it: title, description, price.
const WARES: [(&str, &str, u32); 6] = [
    ("Down jacket", "Warm, for trekking in winter.", 2_999),
    ("Wool socks", "Thick and soft.", 499),
    ("Trekking tent", "Two people, four seasons.", 4_999),
    ("Pup tent", "Small and light.", 1_999),
    ("Blue lamp", "It shines.", 199),
    ("Steel kettle", "Whistles.", 799),
];
/// So many of each, which is more than is ever asked for.
const ENOUGH: u64 = 10_000;

/// The way into the shop.
pub(crate) struct Shop {
    client: Client,
    url: String,
}

impl Shop {
    pub(crate) fn at(url: &str) -> Self {
        Self {
            client: Client::new(),
            url: url.to_owned(),
        }
    }

    /// Somebody new; gives the token.
    pub(crate) async fn register(&self, name: &str, role: &str) -> String {
        let body = json!({
            "email": format!("{name}@example.com"), "username": name, "password": "a good secret", "role": role,
        });
        let answer = self.post("/api/auth/register", "", &body).await;
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// Puts up what people ask for.
    pub(crate) async fn stock_up(&self, seller: &str) {
        for (title, description, price) in WARES {
            self.put_up(seller, title, description, price, ENOUGH).await;
        }
    }

    /// Puts up so many of something; gives its id.
    pub(crate) async fn put_up(
        &self,
        seller: &str,
        title: &str,
        description: &str,
        price: u32,
        stock: u64,
    ) -> String {
        let product = json!({
            "title": title, "description": description, "stock": stock,
            "price": { "amount": price, "currency": "INR" },
        });
        let answer = self.post("/api/products", seller, &product).await;
        answer["product"]["id"].as_str().expect("an id").to_owned()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let call = self.client.post(format!("{}{path}", self.url)).bearer_auth(token);
        let answer = call.json(body).send().await.expect("the shop answers");
        let answer: Value = answer.json().await.expect("in JSON");
        assert!(answer["code"].is_null(), "{path}: {answer}");
        answer
    }
}
