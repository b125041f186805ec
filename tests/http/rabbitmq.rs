//! Every event reaches those who listen on RabbitMQ, whatever becomes of the runtime, of the
//! broker, or of the broker's memory.
//!
//! `BAZAAR_RABBITMQ=long` kills each of them twenty times in place of three.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use bazaar::events::event::Event;
use bazaar::store::Store;
use bazaar::store::embedded::Embedded;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::binary::Binary;
use crate::ears::{ALL, Ears, ORDERS, PAYMENTS};
use crate::power::{Question, Server};
use crate::rabbit_server::{RabbitServer, from_environment};
use crate::shop::Shop;

const BUYERS: usize = 4;
/// So many messages show that everything works again.
const SOME: usize = 40;

/// The queues of earlier systems, and the event that each of them waits for.
const SEED_QUEUES: [(&str, &str); 13] = [
    ("AUTH_NOTIFICATION.USER_CREATED", "USER_CREATED"),
    ("AUTH_SELLER_DASHBOARD.USER_CREATED", "USER_CREATED"),
    ("PRODUCT_NOTIFICATION.PRODUCT_CREATED", "PRODUCT_CREATED"),
    ("PRODUCT_SELLER_DASHBOARD.PRODUCT_CREATED", "PRODUCT_CREATED"),
    ("ORDER_SELLER_DASHBOARD.ORDER_CREATED", "ORDER_CREATED"),
    ("ORDER_NOTIFICATION.ORDER_CREATED", "ORDER_CREATED"),
    ("ORDER_NOTIFICATION.ORDER_CANCELLED", "ORDER_CANCELLED"),
    ("PAYMENT_SELLER_DASHBOARD.PAYMENT_CREATED", "PAYMENT_CREATED"),
    ("PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATED", "PAYMENT_UPDATED"),
    ("PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATE", "PAYMENT_UPDATED"),
    ("PAYMENT_NOTIFICATION.PAYMENT_INITIATED", "PAYMENT_INITIATED"),
    ("PAYMENT_NOTIFICATION.PAYMENT_COMPLETED", "PAYMENT_COMPLETED"),
    ("PAYMENT_NOTIFICATION.PAYMENT_FAILED", "PAYMENT_FAILED"),
];

fn queues() -> Vec<&'static str> {
    SEED_QUEUES.iter().map(|(queue, _)| *queue).collect()
}

fn times() -> usize {
    let long = std::env::var("BAZAAR_RABBITMQ").is_ok_and(|form| form == "long");
    if long { 20 } else { 3 }
}

/// People who come in, buy, change their minds and then pay, or cannot, until it is over.
struct Sale<'a> {
    server: &'a Server,
    product: String,
    over: AtomicBool,
    orders: watch::Sender<usize>,
    /// Nobody begins anything while it is closed.
    open: watch::Sender<bool>,
}

impl Sale<'_> {
    async fn keep_buying(&self, who: usize) {
        for n in 0.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let token = register(self.server, &format!("buyer-{who}-{n}"), "user").await;
            for order in 0..3 {
                let mut open = self.open.subscribe();
                assert!(
                    open.wait_for(|open| *open).await.is_ok(),
                    "the sender is borrowed"
                );
                self.buy_and_cancel(&token, &format!("{who}-{n}-{order}")).await;
            }
            let outcome = if n % 3 == 2 { "failure" } else { "success" };
            self.buy_and_pay(&token, &format!("{who}-{n}"), outcome).await;
        }
    }

    async fn buy_and_cancel(&self, token: &str, key: &str) {
        let cancel = format!("/api/orders/{}/cancel", self.buy(token, key).await);
        self.done(token, &cancel, &format!("cancel-{key}"), json!({}))
            .await;
    }

    /// What the buyer is shown after it is not passed on: the shop hears of it from the provider.
    async fn buy_and_pay(&self, token: &str, key: &str, outcome: &str) {
        let create = format!("/api/payments/create/{}", self.buy(token, key).await);
        let begun = self.done(token, &create, &format!("pay-{key}"), json!({})).await;
        let tried = json!({ "order_id": begun["razorpayOrderId"], "outcome": outcome });
        let tried = Question::new(Method::POST, "/sandbox/razorpay/pay", token).body(tried);
        let (status, answer) = self.server.ask(tried).await;
        // It was paid before its answer got lost.
        let again = status == 400 && outcome == "success";
        assert!(status == 200 || again, "paying was answered {status} {answer}");
    }

    /// Says which order it is.
    async fn buy(&self, token: &str, key: &str) -> String {
        let item = json!({ "productId": self.product });
        self.done(token, "/api/cart/items", &format!("add-{key}"), item)
            .await;
        let ordered = self
            .done(token, "/api/orders", &format!("order-{key}"), json!({}))
            .await;
        self.orders.send_modify(|orders| *orders += 1);
        text(&ordered["order"]["id"])
    }

    async fn done(&self, token: &str, path: &str, key: &str, body: Value) -> Value {
        done(self.server, token, path, key, body).await
    }

    /// Waits until so many more orders have been made.
    async fn sells_more(&self, many: usize) {
        let mut orders = self.orders.subscribe();
        let before = *orders.borrow();
        let sold = orders.wait_for(|orders| *orders >= before + many).await;
        assert!(sold.is_ok(), "the sender is borrowed");
    }
}

async fn done(server: &Server, token: &str, path: &str, key: &str, body: Value) -> Value {
    let (status, answer) = server
        .ask(Question::new(Method::POST, path, token).once(key).body(body))
        .await;
    assert!(
        (200..300).contains(&status),
        "POST {path} was answered {status} {answer}"
    );
    answer
}

async fn register(server: &Server, name: &str, role: &str) -> String {
    let body = json!({
        "email": format!("{name}@example.com"), "username": name, "password": "a good secret",
        "role": role,
    });
    text(&done(server, "", "/api/auth/register", name, body).await["token"])
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// Everything that was ever committed, as (id, type).
async fn committed(folder: &Path) -> Vec<(String, String)> {
    let store = Embedded::open(&folder.join("data/store")).expect("nobody else has it");
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.feed(after, 1_000).await.expect("the store answers");
        if page.events.is_empty() {
            return all;
        }
        let events = page.events.iter().filter_map(Event::read);
        all.extend(events.map(|event| (event.id, event.name)));
        after = Some(page.next);
    }
}

fn of_type(committed: &[(String, String)], wanted: &str) -> BTreeSet<String> {
    let wanted = committed.iter().filter(|(_, name)| name == wanted);
    wanted.map(|(id, _)| id.clone()).collect()
}

/// What was under way when the runtime stopped goes out after the next start, and so does what
/// comes of it. Gives everything that was committed once a start adds nothing more.
async fn settled(server: &Server, ears: &Ears) -> Vec<(String, String)> {
    let mut known = committed(server.folder.path()).await;
    loop {
        let all = known.iter().map(|(id, _)| id.clone()).collect();
        let binary = server.start_again().await;
        ears.hear_all(ALL, &all).await;
        for (queue, name) in SEED_QUEUES.iter().chain(&[(ORDERS, "ORDER_CREATED")]) {
            ears.hear_all(queue, &of_type(&known, name)).await;
        }
        binary.terminate().await;
        let now = committed(server.folder.path()).await;
        if now == known {
            return known;
        }
        known = now;
    }
}

#[actix_web::test]
async fn every_event_is_heard_through_crashes_of_the_runtime_and_of_the_broker() {
    let Some(mut broker) = RabbitServer::start().await else {
        return;
    };
    let Some(ears) = Ears::listen(&broker.url(), &queues()).await else {
        return;
    };
    let url = broker.url();
    let settings = format!("[demo]\nseed = false\n[rabbitmq]\nurl = \"{url}\"\ntimeout_ms = 1_000\n");
    let (server, mut binary) = Server::start_with(&settings).await;
    let seller = register(&server, "seller", "seller").await;
    let tent = json!({
        "title": "Tent", "description": "Two people.", "stock": 1_000_000,
        "price": { "amount": 4999.5, "currency": "INR" },
    });
    let tent = done(&server, &seller, "/api/products", "tent", tent).await;
    let sale = Sale {
        server: &server,
        product: text(&tent["product"]["id"]),
        over: AtomicBool::new(false),
        orders: watch::Sender::default(),
        open: watch::Sender::new(true),
    };
    let accidents = async {
        for _ in 0..times() {
            ears.hear_more(SOME).await;
            binary = server.pull_the_plug(binary).await;
            ears.hear_more(SOME).await;
            broker.kill().await;
            sale.sells_more(BUYERS).await;
            // A broker needs a machine to itself to come back soon.
            sale.open.send_replace(false);
            broker.revive().await;
            sale.open.send_replace(true);
        }
        ears.hear_more(SOME).await;
        broker.alarm(true).await;
        sale.sells_more(BUYERS * 2).await;
        broker.alarm(false).await;
        ears.hear_more(SOME).await;
        sale.over.store(true, Ordering::Relaxed);
        binary
    };
    let buyers = join_all((0..BUYERS).map(|who| sale.keep_buying(who)));
    let (binary, _) = futures_util::join!(accidents, buyers);
    binary.terminate().await;
    let committed = settled(&server, &ears).await;
    let all: BTreeSet<_> = committed.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ears.events(ALL), all, "what is heard is what was committed");
    for (queue, name) in SEED_QUEUES {
        assert_eq!(ears.events(queue), of_type(&committed, name), "{queue}");
    }
    let results = ["PAYMENT_COMPLETED", "PAYMENT_FAILED"].map(|name| of_type(&committed, name));
    assert!(results.iter().all(|told| !told.is_empty()), "{results:?}");
    assert_eq!(ears.events(PAYMENTS), &results[0] | &results[1]);
    for (thing, versions) in ears.histories(ALL) {
        assert!(
            versions.is_sorted(),
            "{thing} was heard of in this order: {versions:?}"
        );
    }
    let replay = [
        "events",
        "replay",
        "--from",
        "1970-01-01T00:00:00Z",
        "--consumer",
        "rabbitmq",
    ];
    let replayed = Binary::run(server.folder.path(), &replay).await;
    let said = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(
        said.contains(&format!("told {} events once more", all.len())),
        "{replayed:?}"
    );
    ears.hear_again(ALL, &all).await;
    assert_eq!(ears.events(ALL), all, "a replay has the same ids");
    for heard in ears.heard() {
        assert_eq!(heard.0["persistent"], true, "{heard:?}");
        assert_eq!(heard.0["messageId"], heard.event(), "{heard:?}");
        assert!(
            !heard.0["body"].to_string().contains("$2"),
            "a hash left the house: {heard:?}"
        );
    }
}

#[actix_web::test]
async fn a_shop_opens_with_credentials_that_the_broker_refuses_and_its_events_wait() {
    let Some(url) = from_environment("BAZAAR_TEST_RABBIT_URL") else {
        return;
    };
    let refused = url.replace("guest:guest", "guest:wrong");
    let shop = Shop::start_with(&[("rabbitmq.url", &refused)]).await;
    shop.shopper("anna").await;
    let admin = shop.admin().await;
    let broker = loop {
        let seen = admin.get("/api/ops/events").await.expect(200);
        // A broker that is busy may hang up before it has said why.
        let why = seen.body["broker"]["why"].as_str().unwrap_or_default();
        if seen.body["broker"]["state"] == "down" && why.contains("ACCESS") {
            break seen.body;
        }
    };
    assert!(
        !broker.to_string().contains("wrong"),
        "the password is told: {broker}"
    );
    let consumers = broker["consumers"].as_array().expect("a list of consumers");
    let publisher = consumers.iter().find(|one| one["consumer"] == "rabbitmq");
    let publisher = publisher.expect("the broker is one of them");
    assert!(publisher["behind"].as_u64() >= Some(1), "events wait: {broker}");
    assert_eq!(publisher["delivered"], 0, "{broker}");
    let ready = shop.visitor().get("/readyz").await.expect(200);
    let state = &ready.body["dependencies"]["rabbitmq"];
    assert_eq!(
        (&state["state"], &state["needed"]),
        (&json!("down"), &json!(false))
    );
    assert_eq!(state["unconfirmed"], 0, "nothing was sent: {state}");
    assert!(state["lagSeconds"].is_u64(), "{state}");
    let metrics = shop.visitor().get("/metrics").await.expect(200);
    for figure in [
        "bazaar_events_behind{consumer=\"rabbitmq\"}",
        "bazaar_events_lag_seconds{consumer=\"rabbitmq\"}",
        "bazaar_rabbitmq_unconfirmed 0",
    ] {
        assert!(metrics.text.contains(figure), "{figure} is missing");
    }
    admin
        .get("/api/ops/dead-letters")
        .await
        .problem(503, "unavailable");
    shop.close().await;
}
