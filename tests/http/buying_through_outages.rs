//! A database that is slow, silent or gone while people buy, and owners that fail. Whoever hears
//! 503 asks again under the same key, and in the end as many orders stand as there were pieces and
//! nothing is held for nobody.

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::call::Answer;
use crate::cart::put_up;
use crate::goods::id_of;
use crate::mongod::Mongod;
use crate::orders::numbers;
use crate::proxy::{Proxy, Weather};
use crate::shop::{Caller, Seller, Shop, Shopper};

const PIECES: u64 = 40;
const BUYERS: usize = 60;
const AT_ONCE: usize = 8;
/// Longer than a whole sale takes, with all that befalls it.
const PATIENCE: Duration = Duration::from_mins(3);

/// What buyers have heard so far.
#[derive(Default, Clone, Copy)]
struct Heard {
    ordered: u64,
    unavailable: u64,
}

/// One buyer, and the order that he was told he has.
type Bought = (Shopper, Option<String>);

/// Asks until there is an answer that is one.
async fn insist(who: &Caller, path: &str, body: &Value, heard: &watch::Sender<Heard>) -> Answer {
    loop {
        let call = who.call(Method::POST, path).header("idempotency-key", "once");
        let answer = call.json(body).send().await;
        if answer.status == 503 {
            assert!(!answer.header("retry-after").is_empty(), "{}", answer.text);
            heard.send_modify(|heard| heard.unavailable += 1);
        } else if answer.body["code"] != "in_flight" {
            return answer;
        }
    }
}

async fn buy(buyer: Shopper, product: &str, heard: &watch::Sender<Heard>) -> Bought {
    let item = json!({ "productId": product });
    let added = insist(&buyer, "/api/cart/items", &item, heard).await;
    if added.status == 409 {
        added.problem(409, "short");
        return (buyer, None);
    }
    added.expect(200);
    let ordered = insist(&buyer, "/api/orders", &json!({}), heard).await;
    if ordered.status == 409 {
        ordered.problem(409, "short");
        return (buyer, None);
    }
    let order = id_of(&ordered.expect(201).body["order"]);
    heard.send_modify(|heard| heard.ordered += 1);
    (buyer, Some(order))
}

/// What befalls the way to the database and then the database itself, one thing after the other,
/// each in the middle of the sale.
async fn misfortune(proxy: &Proxy, mongod: &mut Mongod, mut news: watch::Receiver<Heard>) {
    let mut until = async |enough: &dyn Fn(&Heard) -> bool| {
        let heard = news.wait_for(|heard| enough(heard)).await;
        *heard.expect("buyers go on until everything is sold")
    };
    until(&|heard| heard.ordered >= 4).await;
    proxy.turn(Weather::Slow(Duration::from_millis(5)));
    until(&|heard| heard.ordered >= 10).await;
    proxy.turn(Weather::BlackHole);
    let before = until(&|_| true).await;
    until(&|heard| heard.unavailable > before.unavailable).await;
    proxy.turn(Weather::Fair);
    until(&|heard| heard.ordered >= 20).await;
    proxy.turn(Weather::Cut);
    let before = until(&|_| true).await;
    until(&|heard| heard.unavailable > before.unavailable).await;
    proxy.turn(Weather::Fair);
    until(&|heard| heard.ordered >= 30).await;
    mongod.kill().await;
    let before = until(&|_| true).await;
    until(&|heard| heard.unavailable > before.unavailable).await;
    mongod.start().await;
    mongod.writable().await;
}

#[actix_web::test]
async fn a_database_that_is_slow_silent_or_gone_in_the_middle_of_a_sale_costs_time_and_nothing_else() {
    let Some(mut mongod) = Mongod::replica_set().await else {
        return;
    };
    let proxy = Proxy::before(mongod.address()).await;
    let uri = format!("mongodb://{}/?directConnection=true", proxy.address());
    let settings = [("store.mongo_uri", uri.as_str()), ("store.deadline_ms", "1000")];
    let shop = Shop::start_with(&settings).await;
    let cleo = shop.seller("cleo").await;
    let mut buyers = Vec::new();
    for n in 0..BUYERS {
        buyers.push(shop.shopper(&format!("buyer{n}")).await);
    }
    let tent = put_up(&cleo, "10", PIECES).await;
    let (heard, news) = watch::channel(Heard::default());
    let buying = buyers.into_iter().map(|buyer| buy(buyer, &tent, &heard));
    let buying = stream::iter(buying).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let sale = async { futures_util::join!(buying, misfortune(&proxy, &mut mongod, news)).0 };
    let bought = tokio::time::timeout(PATIENCE, sale).await;
    check(&shop, &cleo, &tent, &bought.expect("the sale comes to an end")).await;
    shop.stop().await;
}

/// What everybody heard is what is there.
async fn check(shop: &Shop, cleo: &Seller, tent: &str, bought: &[Bought]) {
    let orders = bought.iter().filter(|(_, order)| order.is_some()).count();
    assert_eq!(orders as u64, PIECES, "so many heard that they have an order");
    for (buyer, order) in bought {
        let mine = buyer.get("/api/orders/me").await.expect(200);
        let standing = mine.body["orders"].as_array().expect("a list");
        let standing: Vec<_> = standing.iter().map(id_of).collect();
        assert_eq!(
            standing,
            order.iter().cloned().collect::<Vec<_>>(),
            "{}",
            mine.text
        );
    }
    assert_eq!(numbers(cleo, tent).await, [PIECES, PIECES, 0, 0]);
    let audit = shop.admin().await.get("/api/inventory/audit").await.expect(200);
    assert_eq!(audit.body["ok"], true, "{}", audit.text);
    let recount = json!({ "reserved": PIECES, "sold": 0, "inMotion": 0 });
    assert_eq!(audit.body["products"][0]["recount"], recount, "{}", audit.text);
}

#[actix_web::test]
async fn owners_that_fail_in_the_middle_of_a_sale_cost_time_and_nothing_else() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let mut buyers = Vec::new();
    for n in 0..BUYERS {
        buyers.push(shop.shopper(&format!("buyer{n}")).await);
    }
    let carts: Vec<_> = buyers.iter().map(|buyer| format!("cart/{}", buyer.id)).collect();
    let tent = put_up(&cleo, "10", PIECES).await;
    let stock = format!("stock/{tent}");
    let (heard, mut news) = watch::channel(Heard::default());
    let buying = buyers.into_iter().map(|buyer| buy(buyer, &tent, &heard));
    let buying = stream::iter(buying).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let kill = async |owner: &str| {
        let killed = admin
            .post(&format!("/api/ops/actors/{owner}/kill"), json!({}))
            .await;
        assert!(matches!(killed.status, 200 | 404), "{}", killed.text);
    };
    let misfortune = async {
        for orders in (2..PIECES).step_by(6) {
            let ordered = news.wait_for(|heard| heard.ordered >= orders).await;
            drop(ordered.expect("buyers go on until everything is sold"));
            kill(&stock).await;
            for cart in &carts {
                kill(cart).await;
            }
        }
    };
    let sale = async { futures_util::join!(buying, misfortune).0 };
    let bought = tokio::time::timeout(PATIENCE, sale).await;
    check(&shop, &cleo, &tent, &bought.expect("the sale comes to an end")).await;
    shop.stop().await;
}
