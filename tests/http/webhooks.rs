//! Webhooks: who is told of what, by whom it is signed, and what receivers can do to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::goods::{id_of, lamp, put_up};
use crate::shop::{Caller, Shop};
use crate::stand_in::{Asked, Mood, StandIn};

const PATIENCE: Duration = Duration::from_secs(20);

/// A shop that may speak to the receivers of the tests.
pub(crate) async fn shop() -> Shop {
    Shop::start_with(&[
        ("webhooks.allow_private", "true"),
        ("webhooks.timeout_ms", "1000"),
    ])
    .await
}

async fn receiver() -> StandIn {
    StandIn::start(Mood::Answers(200, json!({ "thanks": true }))).await
}

/// Registers a webhook and gives its id and its secret.
pub(crate) async fn register(who: &Caller, url: &str, events: &[&str]) -> (String, String) {
    let body = json!({ "url": url, "events": events });
    let answer = who.post("/api/webhooks", body).await.expect(201);
    let text = |field: &str| answer.body["webhook"][field].as_str().expect("a text").to_owned();
    (text("id"), text("secret"))
}

/// Waits until the log of a webhook shows a delivery as expected.
async fn log_shows(who: &Caller, webhook: &str, expected: impl Fn(&Value) -> bool) -> Value {
    let since = Instant::now();
    loop {
        let answer = who
            .get(&format!("/api/webhooks/{webhook}/deliveries"))
            .await
            .expect(200);
        let listed = answer.body["deliveries"].as_array().expect("a list");
        if let Some(found) = listed.iter().find(|delivery| expected(delivery)) {
            return found.clone();
        }
        assert!(since.elapsed() < PATIENCE, "the log still shows {}", answer.text);
    }
}

fn is(state: &'static str) -> impl Fn(&Value) -> bool {
    move |delivery| delivery["state"] == state
}

fn told(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).expect("what is told is JSON")
}

/// What the signature must be, by the words of the specification.
fn signature(secret: &str, asked: &Asked) -> String {
    let key = secret
        .strip_prefix("whsec_")
        .expect("a secret of the specification");
    let key = STANDARD.decode(key).expect("base64");
    let (id, second) = (asked.header("webhook-id"), asked.header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    mac.update(format!("{id}.{second}.{}", asked.body).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[actix_web::test]
async fn a_seller_is_told_of_the_own_products_under_a_signature() {
    let (shop, receiver) = (shop().await, receiver().await);
    let (cleo, dora) = (shop.seller("cleo").await, shop.seller("dora").await);
    let (webhook, secret) = register(&cleo, &format!("{}/hook", receiver.url), &["product.*"]).await;
    put_up(&dora, lamp()).await;
    let product = put_up(&cleo, lamp()).await;
    let asked = receiver.was_asked(1).await.remove(0);
    assert!(asked.is("POST /hook "), "{}", asked.head);
    assert_eq!(asked.header("content-type"), "application/json");
    assert_eq!(asked.header("webhook-signature"), signature(&secret, &asked));
    let told = told(&asked);
    assert_eq!(
        (&told["type"], &told["data"]["id"]),
        (&json!("product.created"), &json!(product))
    );
    let logged = log_shows(&cleo, &webhook, is("DELIVERED")).await;
    assert_eq!(logged["id"], asked.header("webhook-id"));
    assert_eq!(logged["attempts"][0]["status"], 200);
    assert_eq!(logged["attempts"][0]["answer"], r#"{"thanks":true}"#);
    let log = cleo
        .get(&format!("/api/webhooks/{webhook}/deliveries"))
        .await
        .expect(200);
    assert_eq!(
        log.body["meta"]["total"], 1,
        "the other seller's lamp is not among them"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_not_taken_comes_again_under_the_same_id() {
    let (shop, receiver) = (shop().await, receiver().await);
    let cleo = shop.seller("cleo").await;
    receiver.next(Mood::Answers(500, json!({ "why": "a fault" })));
    receiver.next(Mood::Hangs);
    let (webhook, secret) = register(&cleo, &receiver.url, &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    let asked = receiver.was_asked(2).await;
    assert_eq!(asked[0].header("webhook-id"), asked[1].header("webhook-id"));
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(
        asked[1].header("webhook-signature"),
        signature(&secret, &asked[1])
    );
    let logged = log_shows(&cleo, &webhook, |delivery| delivery["attempts"][1] != json!(null)).await;
    assert_eq!(logged["state"], "WAITING");
    assert_eq!(logged["attempts"][0]["status"], 500);
    assert_eq!(logged["attempts"][0]["answer"], r#"{"why":"a fault"}"#);
    assert_eq!(logged["attempts"][1]["error"], "no answer came in time");
    let path = format!(
        "/api/webhooks/{webhook}/deliveries/{}/retry",
        logged["id"].as_str().expect("an id")
    );
    cleo.post(&path, json!({})).await.expect(202);
    let logged = log_shows(&cleo, &webhook, is("DELIVERED")).await;
    assert_eq!(logged["id"], asked[0].header("webhook-id"));
    shop.stop().await;
}

#[actix_web::test]
async fn a_seller_hears_the_own_lines_of_an_order_and_an_admin_everything() {
    let (shop, receiver, all) = (shop().await, receiver().await, receiver().await);
    let (cleo, dora, admin) = (
        shop.seller("cleo").await,
        shop.seller("dora").await,
        shop.admin().await,
    );
    let products = [put_up(&cleo, lamp()).await, put_up(&dora, lamp()).await];
    register(&cleo, &receiver.url, &["#"]).await;
    register(&admin, &all.url, &["order.created"]).await;
    let anna = shop.shopper("anna").await;
    for product in &products {
        let line = json!({ "productId": product, "quantity": 1 });
        anna.post("/api/cart/items", line).await;
    }
    let address = json!({
        "street": "1 MG Road", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001",
    });
    let placed = anna
        .post("/api/orders", json!({ "shippingAddress": address }))
        .await
        .expect(201);
    let order = id_of(&placed.body["order"]);
    let own = told(&receiver.was_asked(1).await[0]);
    assert_eq!(
        (&own["type"], &own["data"]["id"]),
        (&json!("order.created"), &json!(order))
    );
    let items = own["data"]["items"].as_array().expect("items");
    assert_eq!(
        (items.len(), &items[0]["productId"]),
        (1, &json!(products[0])),
        "{own}"
    );
    assert_eq!(
        own["data"]["total"],
        json!(null),
        "what others sold is not the seller's business"
    );
    assert_eq!(own["data"]["subtotal"], items[0]["lineTotal"]);
    let whole = told(&all.was_asked(1).await[0]);
    assert_eq!(
        whole["data"]["items"].as_array().map(Vec::len),
        Some(2),
        "{whole}"
    );
    assert_eq!(whole["data"]["total"], placed.body["order"]["total"]);
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_is_sent_on_by_a_receiver() {
    let (shop, receiver, inside) = (shop().await, receiver().await, receiver().await);
    let cleo = shop.seller("cleo").await;
    receiver.next(Mood::Redirects(inside.url.clone()));
    let (webhook, _) = register(&cleo, &receiver.url, &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    let logged = log_shows(&cleo, &webhook, is("DELIVERED")).await;
    assert_eq!(logged["attempts"][0]["status"], 302);
    assert_eq!(inside.asked_so_far(), 0, "the redirect was followed");
    shop.stop().await;
}

#[actix_web::test]
async fn a_receiver_that_hangs_holds_up_no_other() {
    let settings = [
        ("webhooks.allow_private", "true"),
        ("webhooks.timeout_ms", "60000"),
    ];
    let shop = Shop::start_with(&settings).await;
    let (dead, good) = (StandIn::start(Mood::Hangs).await, receiver().await);
    let cleo = shop.seller("cleo").await;
    let (waits, _) = register(&cleo, &dead.url, &["product.created"]).await;
    register(&cleo, &good.url, &["product.created"]).await;
    for _ in 0..20 {
        put_up(&cleo, lamp()).await;
    }
    let told = tokio::time::timeout(PATIENCE, good.was_asked(20)).await;
    assert!(told.is_ok(), "the receiver that hangs holds up the other");
    dead.was_asked(1).await;
    log_shows(&cleo, &waits, is("SENDING")).await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_receiver_that_takes_nothing_for_a_day_is_left_alone_until_its_owner_has_mended_it() {
    let settings = [
        ("webhooks.allow_private", "true"),
        ("auth.token_lifetime_seconds", "864000"),
    ];
    let shop = Shop::start_with(&settings).await;
    let receiver = StandIn::start(Mood::Answers(500, json!({}))).await;
    let cleo = shop.seller("cleo").await;
    let (webhook, _) = register(&cleo, &receiver.url, &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    log_shows(&cleo, &webhook, |delivery| delivery["attempts"][0] != json!(null)).await;
    let shop = shop.reopen_after(Duration::from_hours(25)).await;
    let cleo = shop.back("cleo").await;
    let path = format!("/api/webhooks/{webhook}");
    let since = Instant::now();
    loop {
        let listed = cleo.get("/api/webhooks").await.expect(200);
        if listed.body["webhooks"][0]["disabledBecause"] == "failing" {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "it is still on: {}", listed.text);
    }
    loop {
        let inbox = cleo.get("/api/notifications").await.expect(200);
        if inbox.text.contains("Webhook disabled") {
            break;
        }
        assert!(
            since.elapsed() < PATIENCE,
            "its owner is not told: {}",
            inbox.text
        );
    }
    let logged = log_shows(&cleo, &webhook, |_| true).await;
    let retry = format!("{path}/deliveries/{}/retry", id_of(&logged));
    cleo.post(&retry, json!({}))
        .await
        .problem(409, "webhook_disabled");
    receiver.next(Mood::Answers(204, json!(null)));
    let on = cleo.patch(&path, json!({ "enabled": true })).await.expect(200);
    assert_eq!(
        (
            &on.body["webhook"]["enabled"],
            &on.body["webhook"]["failingSince"]
        ),
        (&json!(true), &json!(null))
    );
    cleo.post(&retry, json!({})).await.expect(202);
    log_shows(&cleo, &webhook, is("DELIVERED")).await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_receiver_that_says_it_is_gone_is_believed() {
    let (shop, receiver) = (shop().await, receiver().await);
    let cleo = shop.seller("cleo").await;
    receiver.next(Mood::Answers(410, json!({})));
    register(&cleo, &receiver.url, &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    let since = Instant::now();
    while cleo.get("/api/webhooks").await.body["webhooks"][0]["disabledBecause"] != "gone" {
        assert!(since.elapsed() < PATIENCE, "it is still on");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_certificate_that_nobody_vouches_for_is_not_believed() {
    let shop = shop().await;
    let cleo = shop.seller("cleo").await;
    // It speaks TLS and shows a certificate of its own making.
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("they fit");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let shaken = actix_web::rt::spawn(async move {
        let (stream, _) = listener.accept().await.expect("somebody calls");
        TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
    });
    let (webhook, _) = register(&cleo, &format!("https://localhost:{port}/"), &["product.created"]).await;
    put_up(&cleo, lamp()).await;
    let logged = log_shows(&cleo, &webhook, |delivery| delivery["attempts"][0] != json!(null)).await;
    assert_eq!(logged["attempts"][0]["status"], json!(null));
    assert!(
        !shaken.await.expect("the server of the test"),
        "it was believed: {logged}"
    );
    shop.stop().await;
}
