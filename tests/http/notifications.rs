//! The inbox: what people are told within the shop, and how they hear of it at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::goods::{id_of, lamp_with, put_up};
use crate::mailbox::mails_to;
use crate::shop::{Caller, Shop};
use crate::streams::Ears;

const PATIENCE: Duration = Duration::from_secs(20);
const STREAM: &str = "/api/notifications/stream";

async fn inbox(shop: &Shop, who: &Caller, query: &str) -> Value {
    shop.runtime.router().quiet().await;
    who.get(&format!("/api/notifications{query}"))
        .await
        .expect(200)
        .body
}

fn titles(inbox: &Value) -> Vec<&str> {
    let notices = inbox["notifications"].as_array().expect("a list").iter();
    notices.filter_map(|notice| notice["title"].as_str()).collect()
}

#[actix_web::test]
async fn a_seller_is_told_of_the_own_products_and_reads_it() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    for title in ["A red lamp", "A blue lamp", "A green lamp"] {
        put_up(&sam, lamp_with("title", json!(title))).await;
        // Events of one thing are in order; those of several are told as they come.
        shop.runtime.router().quiet().await;
    }
    let all = inbox(&shop, &sam, "").await;
    assert_eq!(titles(&all), ["New product launched"; 3]);
    assert_eq!((&all["unread"], &all["meta"]["total"]), (&json!(3), &json!(3)));
    let newest = &all["notifications"][0];
    assert_eq!(newest["text"], "A green lamp is in the catalogue from now on.");
    assert_eq!(newest["topic"], "product.created");
    let path = format!("/api/notifications/{}/read", id_of(newest));
    tom.post(&path, json!({})).await.problem(404, "not_found");
    for _ in 0..2 {
        let answer = sam.post(&path, json!({})).await.expect(200);
        assert_eq!(
            (&answer.body["unread"], &answer.body["notification"]["read"]),
            (&json!(2), &json!(true))
        );
    }
    assert_eq!(inbox(&shop, &sam, "").await["unread"], 2);
    assert_eq!(inbox(&shop, &tom, "").await["meta"]["total"], 0);
    let part = inbox(&shop, &sam, "?limit=2").await;
    let cursor = part["meta"]["nextCursor"].as_str().expect("there is more");
    let rest = inbox(&shop, &sam, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((titles(&part).len(), titles(&rest).len()), (2, 1));
    assert_eq!(rest["meta"]["nextCursor"], json!(null));
    shop.stop().await;
}

#[actix_web::test]
async fn buyer_and_sellers_hear_of_an_order_each_of_the_own_part() {
    let shop = Shop::start().await;
    let (sam, tom, anna) = (
        shop.seller("sam").await,
        shop.seller("tom").await,
        shop.shopper("anna").await,
    );
    let red = put_up(&sam, lamp_with("title", json!("A red lamp"))).await;
    let blue = put_up(&tom, lamp_with("title", json!("A blue lamp"))).await;
    for product in [red, blue] {
        let item = json!({ "productId": product, "quantity": 2 });
        anna.post("/api/cart/items", item).await.expect(200);
    }
    let address =
        json!({ "street": "1 High Street", "city": "Pune", "state": "MH", "country": "IN", "zip": "1" });
    let placed = anna
        .post("/api/orders", json!({ "shippingAddress": address }))
        .await
        .expect(201);
    let order = id_of(&placed.body["order"]);
    let method = json!({ "method": "cash_on_delivery" });
    anna.post(&format!("/api/payments/create/{order}"), method)
        .await
        .expect(201);
    for seller in [&sam, &tom] {
        for status in ["SHIPPED", "DELIVERED"] {
            let path = format!("/api/orders/{order}/status");
            seller.patch(&path, json!({ "status": status })).await.expect(200);
        }
    }
    let mails = mails_to(&shop, "anna@example.com").await;
    let subjects: Vec<_> = mails.iter().filter_map(|mail| mail["subject"].as_str()).collect();
    for subject in ["Order Confirmed", "Order Delivered"] {
        let many = subjects.iter().filter(|found| **found == subject).count();
        assert_eq!(many, 1, "{subject}: {subjects:?}");
    }
    let told = inbox(&shop, &anna, "").await;
    for title in ["Order confirmed", "Order delivered"] {
        assert!(titles(&told).contains(&title), "{told}");
    }
    for (seller, own) in [(&sam, "2 × A red lamp"), (&tom, "2 × A blue lamp")] {
        let told = inbox(&shop, seller, "").await;
        let notices = told["notifications"].as_array().expect("a list");
        let order_of_theirs = notices.iter().find(|notice| notice["title"] == "New order");
        let notice = order_of_theirs.unwrap_or_else(|| panic!("no order in {told}"));
        assert_eq!(
            (&notice["text"], &notice["orderId"]),
            (&json!(own), &json!(order))
        );
    }
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_listens_hears_at_once_and_whoever_comes_back_misses_nothing() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let mut ears = Ears::open(&shop, &sam, STREAM, None).await;
    ears.hear("data: {\"unread\":0}\n\n").await;
    put_up(&sam, lamp_with("title", json!("A red lamp"))).await;
    ears.hear("A red lamp is in the catalogue").await;
    ears.hear("\"unread\":1").await;
    drop(ears);
    put_up(&sam, lamp_with("title", json!("A blue lamp"))).await;
    shop.runtime.router().quiet().await;
    let mut ears = Ears::open(&shop, &sam, STREAM, Some("1")).await;
    ears.hear("A blue lamp is in the catalogue").await;
    assert!(!ears.heard.contains("A red lamp"), "{}", ears.heard);
    drop(ears);
    shop.stop().await;
}

#[actix_web::test]
async fn a_stream_ends_with_its_session_and_with_the_shop() {
    let shop = Shop::start().await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let mut hers = Ears::open(&shop, &anna, STREAM, None).await;
    let mut his = Ears::open(&shop, &bert, STREAM, None).await;
    hers.hear("\"unread\":0").await;
    his.hear("\"unread\":0").await;
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    let took = hers.end().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    let ((), took) = futures_util::join!(shop.stop(), his.end());
    assert!(took < PATIENCE, "{took:?}");
}
