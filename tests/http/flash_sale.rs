//! The flash sale: hundreds of people want one of a hundred pieces in the same second, and in
//! every other round the plug is pulled in the middle of it.
//!
//! `BAZAAR_FLASH_SALE=long` plays it with ten times as many buyers and twenty rounds.

use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::binary::Binary;
use crate::power::{PATIENCE, Question, Server};
use crate::shop::{ADMIN, Shop};

const STOCK: u64 = 100;
/// Everybody wants one.
const STOCK_ORDERS: usize = 100;
const CONNECTIONS: usize = 64;

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

/// What a buyer heard in the end.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Order(String),
    /// Before it was in the cart or after.
    SoldOut {
        in_cart: bool,
    },
}

/// One buyer in one round.
async fn buy(server: &Server, token: &str, product: &str, key: &str) -> Heard {
    server
        .expect(Question::new(Method::DELETE, "/api/cart", token))
        .await;
    let adding = format!("add-{key}");
    let add = Question::new(Method::POST, "/api/cart/items", token).once(&adding);
    let (status, answer) = server.ask(add.body(json!({ "productId": product }))).await;
    if status == 409 && answer["code"] == "short" {
        return Heard::SoldOut { in_cart: false };
    }
    assert_eq!(status, 200, "{answer}");
    let order = Question::new(Method::POST, "/api/orders", token).once(key);
    match server.ask(order.body(json!({}))).await {
        (200 | 201, answer) => Heard::Order(answer["order"]["id"].as_str().expect("an id").to_owned()),
        (409, answer) if answer["code"] == "short" => Heard::SoldOut { in_cart: true },
        (status, answer) => panic!("an order was answered {status} {answer}"),
    }
}

#[actix_web::test]
async fn exactly_as_many_orders_stand_as_there_are_pieces() {
    let form = Form::from_environment();
    let (server, mut binary) = Server::start().await;
    let (admin, seller) = (server.admin().await, server.register("cleo", "seller").await);
    let names: Vec<_> = (0..form.buyers).map(|n| format!("buyer-{n}")).collect();
    let registered = names.iter().map(|name| server.register(name, "user"));
    let buyers: Vec<_> = stream::iter(registered).buffered(CONNECTIONS).collect().await;
    for round in 0..form.rounds {
        let product = server.put_up(&seller, STOCK).await;
        let (ordered, mut counted) = watch::channel(0);
        let (server, ordered, product) = (&server, &ordered, product.as_str());
        let buying = buyers.iter().enumerate().map(|(n, token)| async move {
            let heard = buy(server, token, product, &format!("{round}-{n}")).await;
            ordered.send_modify(|ordered| *ordered += usize::from(matches!(heard, Heard::Order(_))));
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
            let many = 20 * round % (STOCK_ORDERS - 1) + 1;
            // What is lent for the waiting is given back before anybody counts on.
            let waited = counted.wait_for(|ordered| *ordered >= many).await.is_ok();
            assert!(waited, "buyers count as long as they buy");
            server.pull_the_plug(binary).await
        };
        let (heard, still) = futures_util::join!(selling, plug);
        binary = still;
        check(server, &admin, product, &heard).await;
    }
    let at_rest = async { while !is_at_rest(&server, &admin).await {} };
    let rested = tokio::time::timeout(PATIENCE, at_rest).await;
    rested.expect("what dead orders held comes back");
    binary.kill().await;
}

/// Whether nothing is in motion any more, and every number is what was counted.
async fn is_at_rest(server: &Server, admin: &str) -> bool {
    let audit = audited(server, admin).await;
    let products = audit["products"].as_array().expect("products");
    products
        .iter()
        .all(|one| one["recount"]["inMotion"] == 0 && one["recount"]["reserved"] == one["reserved"])
}

async fn audited(server: &Server, admin: &str) -> Value {
    let audit = Question::new(Method::GET, "/api/inventory/audit", admin);
    let audit = server.expect(audit).await;
    assert_eq!(audit["ok"], true, "{audit}");
    audit
}

/// What everybody heard is what is there.
async fn check(server: &Server, admin: &str, product: &str, heard: &[(&String, Heard)]) {
    let mut orders = Vec::new();
    for (token, heard) in heard {
        if let Heard::Order(id) = heard {
            let path = format!("/api/orders/{id}");
            let order = server.expect(Question::new(Method::GET, &path, token)).await;
            assert_eq!(order["order"]["status"], "PENDING", "{order}");
            assert_eq!(order["order"]["items"][0]["productId"], product, "{order}");
            orders.push(id);
        }
    }
    assert_eq!(
        orders.len(),
        STOCK_ORDERS,
        "so many heard that they have an order"
    );
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(
        orders.len(),
        STOCK_ORDERS,
        "nobody has the order of somebody else"
    );
    let path = format!("/api/inventory/{product}");
    let stock = server.expect(Question::new(Method::GET, &path, admin)).await;
    assert_eq!(
        (&stock["reserved"], &stock["available"]),
        (&json!(STOCK), &json!(0)),
        "{stock}"
    );
    audited(server, admin).await;
    let carts = heard
        .iter()
        .map(|(token, heard)| check_cart(server, product, token, heard));
    stream::iter(carts)
        .buffer_unordered(CONNECTIONS)
        .collect::<()>()
        .await;
}

/// Nobody's cart has lost a line.
async fn check_cart(server: &Server, product: &str, token: &str, heard: &Heard) {
    let cart = server
        .expect(Question::new(Method::GET, "/api/cart", token))
        .await;
    let items = cart["cart"]["items"].as_array().expect("items");
    let lines = items.iter().map(|item| (&item["productId"], &item["quantity"]));
    let lines: Vec<_> = lines.collect();
    let (product, one) = (json!(product), json!(1));
    let line = (*heard != Heard::SoldOut { in_cart: false }).then_some((&product, &one));
    assert_eq!(lines, Vec::from_iter(line), "who heard {heard:?} finds {cart}");
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

#[actix_web::test]
async fn a_sale_whose_buyers_pay_is_held_against_the_ledger() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let play = ["drop", "--pay", "--buyers", "20", "--stock", "6"];
    let played = Binary::run(folder.path(), &play).await;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success(), "{played:?}");
    let verdict = "Exactly 6 orders stand and are paid once each, and the books balance.";
    assert!(said.contains(verdict), "{said}");
}

#[actix_web::test]
async fn a_sale_is_played_on_a_marketplace_that_runs_already_past_its_limits_on_who_comes_in() {
    let shop = Shop::start_with(&[("limits.enabled", "true"), ("limits.auth_per_minute", "3")]).await;
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let (email, password) = ADMIN;
    let place = [
        "drop",
        "--url",
        shop.url(),
        "--email",
        email,
        "--password",
        password,
    ];
    let how = ["--buyers", "20", "--stock", "5", "--report", "sale.html"];
    let played = Binary::run(folder.path(), &[&place[..], &how].concat()).await;
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success(), "{played:?}");
    assert!(said.contains("Exactly 5 orders stand"), "{said}");
    let report = std::fs::read_to_string(folder.path().join("sale.html")).expect("the report");
    for row in ["orders</th><td>5<", "sold out</th><td>15<", "errors</th><td>0<"] {
        assert!(report.contains(row), "{row} is missing from {report}");
    }
    let strange = [
        "drop",
        "--url",
        shop.url(),
        "--email",
        email,
        "--password",
        "another one",
    ];
    let refused = Binary::run(folder.path(), &strange).await;
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    shop.stop().await;
}
