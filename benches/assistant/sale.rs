//! A flash sale: many buyers want one of a few pieces in the same second, from a process of their
//! own. As many must hear that they have an order as there are pieces.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::clients::{self, Clients};
use super::people::Shop;

/// The kind of the process.
pub(crate) const KIND: &str = "buyers";
const CONNECTIONS: usize = 64;
/// Whoever is told to come back does so after this.
const PAUSE: Duration = Duration::from_millis(20);

/// The buyers, who wait for a sale.
pub(crate) struct Sale {
    buyers: Clients,
    stock: u64,
}

impl Sale {
    /// So many buyers register, to buy what there will be so many of.
    pub(crate) fn prepare(url: &str, buyers: u64, stock: u64) -> Self {
        let mut clients = Clients::start(KIND);
        clients.tell(&json!({ "url": url, "buyers": buyers }));
        assert_eq!(clients.hear(), buyers, "all of them are registered");
        let buyers = clients;
        Self { buyers, stock }
    }

    /// Sells a product. Gives how long it took, and how often somebody was told to come back.
    pub(crate) fn sell(&mut self, product: &str) -> (Duration, u64) {
        self.buyers.tell(&json!(product));
        let heard = self.buyers.hear();
        assert_eq!(heard["orders"], self.stock, "as many orders as pieces: {heard}");
        let took = heard["took_ms"].as_u64().expect("a number");
        let again = heard["asked_again"].as_u64().expect("a number");
        (Duration::from_millis(took), again)
    }
}

/// What the process does.
pub(crate) fn buy() {
    bazaar::services::outside::use_ring();
    let told = clients::told().expect("somebody says what to do");
    let url = told["url"].as_str().expect("an address").to_owned();
    let many = told["buyers"].as_u64().expect("a number");
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("the machine gives a thread").block_on(async {
        let shop = Shop::at(&url);
        let names: Vec<_> = (0..many).map(|n| format!("buyer-{n}")).collect();
        let coming = stream::iter(&names).map(|name| shop.register(name, "user"));
        let buyers: Vec<_> = coming.buffer_unordered(CONNECTIONS).collect().await;
        clients::say(&json!(buyers.len()));
        while let Ok(Some(product)) = tokio::task::spawn_blocking(clients::told).await {
            clients::say(&sale(&url, &buyers, &product).await);
        }
    });
}

async fn sale(url: &str, buyers: &[String], product: &Value) -> Value {
    let (client, again, started) = (Client::new(), AtomicU64::new(0), Instant::now());
    let buying = stream::iter(buyers).map(|token| buys_one(&client, url, token, product, &again));
    let buying = buying.buffer_unordered(CONNECTIONS);
    let ordered = buying
        .filter(|ordered| std::future::ready(*ordered))
        .count()
        .await;
    let took = u64::try_from(started.elapsed().as_millis()).expect("a sale is short");
    json!({ "orders": ordered, "took_ms": took, "asked_again": again.load(Ordering::Relaxed) })
}

/// Says whether somebody got one.
async fn buys_one(client: &Client, url: &str, token: &str, product: &Value, again: &AtomicU64) -> bool {
    let ask = async |method: Method, path: &str, body: Value| {
        loop {
            let call = client.request(method.clone(), format!("{url}{path}"));
            let answer = call.bearer_auth(token).json(&body).send().await;
            let status = answer.expect("the shop answers").status().as_u16();
            if status != 503 {
                return status;
            }
            again.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    };
    // What is left of the sale before.
    ask(Method::DELETE, "/api/cart", json!({})).await;
    let added = ask(Method::POST, "/api/cart/items", json!({ "productId": product })).await;
    if added == 409 {
        return false;
    }
    assert_eq!(added, 200, "a piece goes into the cart");
    match ask(Method::POST, "/api/orders", json!({})).await {
        200 | 201 => true,
        409 => false,
        status => panic!("an order was answered {status}"),
    }
}
