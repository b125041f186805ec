//! What sellers see of their business: figures that agree with the orders, and tell themselves as
//! they change.

use std::time::Duration;

use bazaar::actors::desks::Desks;
use bazaar::actors::orders::Orders;
use bazaar::actors::projections::Projections;
use bazaar::events::consumer::Consumer;
use bazaar::events::event::Event;
use reqwest::Method;
use serde_json::{Value, json};

use crate::goods::{id_of, lamp_with, put_up};
use crate::shop::{Admin, Caller, Seller, Shop, Shopper};
use crate::streams::Ears;

const METRICS: &str = "/api/seller/dashboard/metrics";
const LIVE: &str = "/api/seller/dashboard/live";

/// The figures when everything that happened was told.
async fn metrics(shop: &Shop, who: &Caller) -> Value {
    shop.runtime.router().quiet().await;
    who.get(METRICS).await.expect(200).body
}

/// Asks the admin whether every desk agrees with its orders.
async fn agrees(shop: &Shop, admin: &Admin) {
    shop.runtime.router().quiet().await;
    let audit = admin.get("/api/ops/dashboard-audit").await.expect(200).body;
    assert_eq!(audit["ok"], true, "{audit:#}");
}

/// Orders so many of each product. Says the order's id.
async fn order(who: &Shopper, wanted: &[(&str, u32)]) -> String {
    for (product, quantity) in wanted {
        let item = json!({ "productId": product, "quantity": quantity });
        who.post("/api/cart/items", item).await.expect(200);
    }
    let address =
        json!({ "street": "1 High Street", "city": "Pune", "state": "MH", "country": "IN", "zip": "1" });
    let placed = who
        .post("/api/orders", json!({ "shippingAddress": address }))
        .await;
    id_of(&placed.expect(201).body["order"])
}

async fn pay(who: &Shopper, order: &str) {
    let method = json!({ "method": "cash_on_delivery" });
    let path = format!("/api/payments/create/{order}");
    who.post(&path, method).await.expect(201);
}

async fn advance(seller: &Seller, order: &str, status: &str) {
    let path = format!("/api/orders/{order}/status");
    seller.patch(&path, json!({ "status": status })).await.expect(200);
}

fn in_short(metrics: &Value) -> (u64, u64, Value) {
    let number = |field: &str| metrics[field].as_u64().expect("a number");
    (number("sales"), number("orders"), metrics["revenue"].clone())
}

fn inr(amount: f64) -> Value {
    let amount: Value = serde_json::from_str(&amount.to_string()).expect("a number");
    json!([{ "amount": amount, "currency": "INR" }])
}

#[actix_web::test]
async fn only_what_is_paid_counts_and_each_seller_sees_the_own_part() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let (anna, admin) = (shop.shopper("anna").await, shop.admin().await);
    assert_eq!(in_short(&metrics(&shop, &sam).await), (0, 0, json!([])));
    let red = put_up(&sam, lamp_with("title", json!("A red lamp"))).await;
    let blue = put_up(&tom, lamp_with("title", json!("A blue lamp"))).await;
    let bought = order(&anna, &[(&red, 3), (&blue, 1)]).await;
    assert_eq!(in_short(&metrics(&shop, &sam).await), (0, 0, json!([])));
    pay(&anna, &bought).await;
    let of_sam = metrics(&shop, &sam).await;
    assert_eq!(in_short(&of_sam), (3, 1, inr(599.97)));
    let top = &of_sam["topProducts"];
    let expected = json!([{ "id": red, "title": "A red lamp", "sold": 3, "revenue": inr(599.97) }]);
    assert_eq!(top, &expected);
    let series = of_sam["series"].as_array().expect("a list");
    let today = series.last().expect("a day");
    assert_eq!(
        (series.len(), &today["sales"], &today["revenue"]),
        (30, &json!(3), &inr(599.97))
    );
    assert_eq!(in_short(&metrics(&shop, &tom).await), (1, 1, inr(199.99)));

    let orders = sam.get("/api/seller/dashboard/orders").await.expect(200).body;
    assert_eq!(orders["meta"]["total"], 1, "{orders}");
    let shown = &orders["orders"][0];
    assert_eq!(
        (&shown["id"], &shown["status"]),
        (&json!(bought), &json!("CONFIRMED"))
    );
    assert_eq!(
        (shown["items"].as_array().map(Vec::len), &shown["total"]),
        (Some(1), &Value::Null)
    );
    assert_eq!(shown["items"][0]["title"], "A red lamp");
    let pending = sam
        .get("/api/seller/dashboard/orders?status=PENDING")
        .await
        .expect(200);
    assert_eq!(pending.body["orders"], json!([]));
    let products = tom.get("/api/seller/dashboard/products").await.expect(200).body;
    let shown = &products["products"][0];
    assert_eq!(
        (&shown["id"], &shown["sold"], &shown["available"]),
        (&json!(blue), &json!(1), &json!(9))
    );
    agrees(&shop, &admin).await;
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_cancelled_or_paid_back_leaves_the_revenue() {
    let shop = Shop::start().await;
    let (sam, anna, admin) = (
        shop.seller("sam").await,
        shop.shopper("anna").await,
        shop.admin().await,
    );
    let lamp = put_up(&sam, lamp_with("stock", json!(20))).await;
    let kept = order(&anna, &[(&lamp, 2)]).await;
    pay(&anna, &kept).await;
    let cancelled = order(&anna, &[(&lamp, 3)]).await;
    pay(&anna, &cancelled).await;
    assert_eq!(metrics(&shop, &sam).await["sales"], 5);
    let path = format!("/api/orders/{cancelled}/cancel");
    anna.post(&path, json!({})).await.expect(200);
    assert_eq!(in_short(&metrics(&shop, &sam).await), (2, 1, inr(399.98)));
    agrees(&shop, &admin).await;

    advance(&sam, &kept, "SHIPPED").await;
    advance(&sam, &kept, "DELIVERED").await;
    assert_eq!(in_short(&metrics(&shop, &sam).await), (2, 1, inr(399.98)));
    let path = format!("/api/payments/{kept}/refund");
    admin.post(&path, json!({})).await.expect(200);
    assert_eq!(
        in_short(&metrics(&shop, &sam).await),
        (2, 1, json!([])),
        "the pieces stay sold"
    );
    agrees(&shop, &admin).await;
    shop.stop().await;
}

#[actix_web::test]
async fn events_told_again_and_backwards_move_no_figure() {
    let shop = Shop::start().await;
    let (sam, anna, admin) = (
        shop.seller("sam").await,
        shop.shopper("anna").await,
        shop.admin().await,
    );
    let lamp = put_up(&sam, lamp_with("stock", json!(20))).await;
    for _ in 0..3 {
        let bought = order(&anna, &[(&lamp, 1)]).await;
        pay(&anna, &bought).await;
        advance(&sam, &bought, "SHIPPED").await;
    }
    let before = metrics(&shop, &sam).await;
    assert_eq!(in_short(&before), (3, 3, inr(599.97)));
    let engine = shop.runtime.engine();
    let page = engine.store.feed(None, 1_000).await.expect("the feed");
    let mut events: Vec<_> = page.events.iter().filter_map(Event::read).collect();
    let again = Projections::new(Desks::new(engine), Orders::new(engine));
    again.consume(&events).await.expect("they are taken");
    events.reverse();
    again.consume(&events).await.expect("they are taken");
    assert_eq!(metrics(&shop, &sam).await, before);
    agrees(&shop, &admin).await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_seller_says_what_is_few() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let lamp = put_up(&sam, lamp_with("stock", json!(8))).await;
    assert_eq!(metrics(&shop, &sam).await["lowStock"], json!([]));
    let path = "/api/seller/dashboard/settings";
    let settings = sam.get(path).await.expect(200);
    let usual = json!({ "lowStockAt": 5, "seriesDays": 30, "version": 0 });
    assert_eq!(
        (&settings.body["settings"], settings.header("etag")),
        (&usual, "\"0\"")
    );
    let change = json!({ "lowStockAt": 8, "seriesDays": 7 });
    let changed = sam.patch(path, change.clone()).await.expect(200);
    assert_eq!(
        (&changed.body["settings"]["version"], changed.header("etag")),
        (&json!(1), "\"1\"")
    );
    let stale = sam.call(Method::PATCH, path).header("if-match", "\"0\"");
    stale.json(&change).send().await.problem(412, "version_mismatch");
    for bad in [
        json!({ "lowStockAt": -1 }),
        json!({ "seriesDays": 0 }),
        json!({ "seriesDays": 1.5 }),
    ] {
        sam.patch(path, bad).await.problem(400, "invalid");
    }
    let shown = metrics(&shop, &sam).await;
    assert_eq!(shown["lowStock"][0]["id"], json!(lamp));
    assert_eq!(shown["series"].as_array().map(Vec::len), Some(7));
    let told = sam.get("/api/assistant/insights").await.expect(200).body;
    assert_eq!(told["insights"]["lowStock"][0]["available"], 8, "{told}");
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_few_is_found_among_any_number_of_products() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let mut titles = Vec::new();
    for (title, stock) in [("The last but one", 1), ("Sold out", 0), ("Not sold any more", 0)] {
        let mut few = lamp_with("title", json!(title));
        few["stock"] = json!(stock);
        titles.push(put_up(&sam, few).await);
    }
    let retired = format!("/api/products/{}", titles[2]);
    sam.delete(&retired).await.expect(200);
    for _ in 0..20 {
        let many = (0..52).map(|_| put_up(&sam, lamp_with("stock", json!(50))));
        futures_util::future::join_all(many).await;
    }
    let low = metrics(&shop, &sam).await["lowStock"].clone();
    let expected = json!([
        { "id": titles[1], "title": "Sold out", "available": 0 },
        { "id": titles[0], "title": "The last but one", "available": 1 },
    ]);
    assert_eq!(low, expected);
    let path = format!("/api/inventory/{}", titles[0]);
    sam.patch(&path, json!({ "onHand": 6 })).await.expect(200);
    let low = metrics(&shop, &sam).await["lowStock"].clone();
    assert_eq!(low.as_array().map(Vec::len), Some(1), "six are not few: {low}");
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_looks_on_sees_the_sale_happen() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let lamp = put_up(&sam, lamp_with("title", json!("A red lamp"))).await;
    let mut ears = Ears::open(&shop, &sam, LIVE, None).await;
    ears.hear("data: {\"sales\":0,").await;
    let bought = order(&anna, &[(&lamp, 2)]).await;
    pay(&anna, &bought).await;
    ears.hear("data: {\"sales\":2,\"revenue\":[{\"amount\":399.98,\"currency\":\"INR\"}],\"orders\":1,")
        .await;
    sam.patch(&format!("/api/inventory/{lamp}"), json!({ "onHand": 1 }))
        .await
        .expect(200);
    ears.hear("\"title\":\"A red lamp\",\"available\":1}").await;
    sam.post("/api/auth/logout", json!({})).await.expect(200);
    let took = ears.end().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    let tom = shop.seller("tom").await;
    let mut his = Ears::open(&shop, &tom, LIVE, None).await;
    his.hear("\"sales\":0").await;
    let ((), took) = futures_util::join!(shop.stop(), his.end());
    assert!(took < Duration::from_secs(20), "{took:?}");
}
