//! The flash sale: hundreds of people want one of a hundred pieces in the same second, and in
//! every other round the plug is pulled in the middle of it.
//!
//! `BAZAAR_FLASH_SALE=long` plays it with ten times as many buyers and twenty rounds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::binary::Binary;

const STOCK: u64 = 100;
const CONNECTIONS: usize = 64;
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than a server takes to come back.
const PAUSE: Duration = Duration::from_millis(20);
const ADMIN: (&str, &str) = ("root@example.com", "a good secret");

/// How much is played.
struct Form {
    buyers: usize,
    rounds: usize,
}

impl Form {
    fn from_environment() -> Self {
        let long = std::env::var("BAZAAR_FLASH_SALE").is_ok_and(|form| form == "long");
        let (buyers, rounds) = if long { (5_000, 20) } else { (500, 6) };
        Self { buyers, rounds }
    }
}

/// The server, wherever it is at the moment.
struct Server {
    folder: TempDir,
    url: watch::Sender<String>,
    client: Client,
}

/// What a buyer heard in the end.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Order(String),
    SoldOut,
}

impl Server {
    async fn start() -> (Self, Binary) {
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let (email, password) = ADMIN;
        let create = ["admin", "create", "--email", email, "--password", password];
        let created = Binary::run(folder.path(), &create).await;
        assert!(created.status.success(), "{created:?}");
        let binary = Binary::start(folder.path()).await;
        let server = Self {
            url: watch::Sender::new(binary.url().to_owned()),
            folder,
            client: Client::builder()
                .pool_max_idle_per_host(CONNECTIONS)
                .build()
                .expect("a client"),
        };
        (server, binary)
    }

    async fn pull_the_plug(&self, binary: Binary) -> Binary {
        binary.kill().await;
        let binary = Binary::start(self.folder.path()).await;
        self.url.send_replace(binary.url().to_owned());
        binary
    }

    /// Asks until there is an answer that is one: whoever is told to come back does, and so does
    /// whoever hears nothing.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        key: Option<&str>,
        body: &Value,
    ) -> (u16, Value) {
        let asking = async {
            loop {
                let url = format!("{}{path}", self.url.borrow().as_str());
                let call = self.client.request(method.clone(), url).bearer_auth(token);
                let call = if body.is_null() { call } else { call.json(body) };
                let call = match key {
                    Some(key) => call.header("idempotency-key", key),
                    None => call,
                };
                if let Ok(response) = call.send().await {
                    let status = response.status().as_u16();
                    if let Ok(body) = response.json::<Value>().await
                        && status != 503
                        && body["code"] != "in_flight"
                    {
                        return (status, body);
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let answered = tokio::time::timeout(PATIENCE, asking).await;
        answered.unwrap_or_else(|_| panic!("{method} {path} is not answered"))
    }

    async fn expect(&self, method: Method, path: &str, token: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method.clone(), path, token, None, &body).await;
        assert!(
            (200..300).contains(&status),
            "{method} {path} was answered {status} {answer}"
        );
        answer
    }

    async fn register(&self, name: &str, role: &str) -> String {
        let body = json!({
            "email": format!("{name}@example.com"), "username": name, "password": "a good secret", "role": role,
        });
        let answer = self.expect(Method::POST, "/api/auth/register", "", body).await;
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// One buyer in one round.
    async fn buy(&self, token: &str, product: &str, key: &str) -> Heard {
        self.expect(Method::DELETE, "/api/cart", token, Value::Null).await;
        let item = json!({ "productId": product });
        let adding = format!("add-{key}");
        let (status, answer) = self
            .ask(Method::POST, "/api/cart/items", token, Some(&adding), &item)
            .await;
        if status == 409 && answer["code"] == "short" {
            return Heard::SoldOut;
        }
        assert_eq!(status, 200, "{answer}");
        match self
            .ask(Method::POST, "/api/orders", token, Some(key), &json!({}))
            .await
        {
            (200 | 201, answer) => Heard::Order(answer["order"]["id"].as_str().expect("an id").to_owned()),
            (409, answer) if answer["code"] == "short" => Heard::SoldOut,
            (status, answer) => panic!("an order was answered {status} {answer}"),
        }
    }
}

#[actix_web::test]
async fn exactly_as_many_orders_stand_as_there_are_pieces() {
    let form = Form::from_environment();
    let (server, mut binary) = Server::start().await;
    let admin = json!({ "email": ADMIN.0, "password": ADMIN.1 });
    let admin = server.expect(Method::POST, "/api/auth/login", "", admin).await;
    let admin = admin["token"].as_str().expect("a token");
    let seller = server.register("cleo", "seller").await;
    let names: Vec<_> = (0..form.buyers).map(|n| format!("buyer-{n}")).collect();
    let registered = names.iter().map(|name| server.register(name, "user"));
    let buyers: Vec<_> = stream::iter(registered).buffered(CONNECTIONS).collect().await;
    for round in 0..form.rounds {
        let product = json!({
            "title": "Tent", "price": { "amount": 99.5, "currency": "INR" }, "stock": STOCK,
        });
        let product = server
            .expect(Method::POST, "/api/products", &seller, product)
            .await;
        let product = product["product"]["id"].as_str().expect("an id").to_owned();
        let ordered = AtomicUsize::new(0);
        let (server, ordered, product) = (&server, &ordered, product.as_str());
        let buying = buyers.iter().enumerate().map(|(n, token)| async move {
            let heard = server.buy(token, product, &format!("{round}-{n}")).await;
            if matches!(heard, Heard::Order(_)) {
                ordered.fetch_add(1, Ordering::SeqCst);
            }
            (token, heard)
        });
        let selling = stream::iter(buying)
            .buffer_unordered(CONNECTIONS)
            .collect::<Vec<_>>();
        let plug = async {
            if round % 2 == 0 {
                return binary;
            }
            // Somewhere in the middle, each time at another place.
            while ordered.load(Ordering::SeqCst) < 20 * round {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            server.pull_the_plug(binary).await
        };
        let (heard, still) = futures_util::join!(selling, plug);
        binary = still;
        check(server, admin, product, &heard).await;
    }
    let at_rest = async {
        while !is_at_rest(&server, admin).await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let rested = tokio::time::timeout(PATIENCE, at_rest).await;
    rested.expect("what dead orders held comes back");
    binary.kill().await;
}

/// Whether nothing is in motion any more, and every number is what was counted.
async fn is_at_rest(server: &Server, admin: &str) -> bool {
    let audit = server
        .expect(Method::GET, "/api/inventory/audit", admin, Value::Null)
        .await;
    assert_eq!(audit["ok"], true, "{audit}");
    let products = audit["products"].as_array().expect("products");
    products
        .iter()
        .all(|one| one["recount"]["inMotion"] == 0 && one["recount"]["reserved"] == one["reserved"])
}

/// What everybody heard is what is there.
async fn check(server: &Server, admin: &str, product: &str, heard: &[(&String, Heard)]) {
    let mut orders = Vec::new();
    for (token, heard) in heard {
        if let Heard::Order(id) = heard {
            let order = server
                .expect(Method::GET, &format!("/api/orders/{id}"), token, Value::Null)
                .await;
            assert_eq!(order["order"]["status"], "PENDING", "{order}");
            assert_eq!(order["order"]["items"][0]["productId"], product, "{order}");
            orders.push(id);
        }
    }
    assert_eq!(
        orders.len() as u64,
        STOCK,
        "so many heard that they have an order"
    );
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(
        orders.len() as u64,
        STOCK,
        "nobody has the order of somebody else"
    );
    let stock = server
        .expect(
            Method::GET,
            &format!("/api/inventory/{product}"),
            admin,
            Value::Null,
        )
        .await;
    assert_eq!(
        (&stock["reserved"], &stock["available"]),
        (&json!(STOCK), &json!(0)),
        "{stock}"
    );
    let audit = server
        .expect(Method::GET, "/api/inventory/audit", admin, Value::Null)
        .await;
    assert_eq!(audit["ok"], true, "{audit}");
}

#[actix_web::test]
async fn a_sale_is_played_from_the_command_line() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let play = ["drop", "--buyers", "40", "--stock", "7", "--connections", "16"];
    let played = Binary::run(folder.path(), &play).await;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success(), "{played:?}");
    assert!(said.contains("Exactly 7 orders stand"), "{said}");
    let report = std::fs::read_to_string(folder.path().join("drop.html")).expect("the report");
    assert!(report.contains("<svg"), "{report}");
}
