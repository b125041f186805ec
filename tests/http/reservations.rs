//! Stock that is kept for orders of other systems, and the audit.

use std::cell::Cell;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::call::Answer;
use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::order;
use crate::shop::{Admin, Shop};
use crate::stock_stream::Live;

const RESERVE: &str = "/api/inventory/reserve";
const THEIRS: &str = "0123456789abcdef01234567";

async fn reserve(admin: &Admin, lines: &[(&str, u32)]) -> Answer {
    let items: Vec<_> = lines
        .iter()
        .map(|(product, quantity)| json!({ "productId": product, "quantity": quantity }))
        .collect();
    admin
        .post(RESERVE, json!({ "orderId": THEIRS, "items": items }))
        .await
}

async fn available(shop: &Shop, product: &str) -> Value {
    let seen = shop
        .visitor()
        .get(&format!("/api/inventory/{product}"))
        .await
        .expect(200);
    seen.body["available"].clone()
}

#[actix_web::test]
async fn all_lines_are_kept_or_none() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let (tent, lamp) = (put_up(&cleo, "10", 5).await, put_up(&cleo, "10", 1).await);
    let short = reserve(&admin, &[(&tent, 2), (&lamp, 2)])
        .await
        .problem(409, "short");
    assert_eq!(
        short.body["items"],
        json!([{ "productId": lamp, "requested": 2, "available": 1 }])
    );
    assert_eq!(
        (available(&shop, &tent).await, available(&shop, &lamp).await),
        (json!(5), json!(1))
    );
    reserve(&admin, &[(&tent, 2), (&lamp, 2)])
        .await
        .problem(409, "short");
    shop.stop().await;
}

#[actix_web::test]
async fn what_is_kept_is_kept_once_and_given_back_once() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let tent = put_up(&cleo, "10", 5).await;
    let path = format!("{RESERVE}/{THEIRS}");
    admin.delete(&path).await.problem(404, "not_found");
    for _ in 0..2 {
        reserve(&admin, &[(&tent, 2)]).await.expect(201);
        assert_eq!(available(&shop, &tent).await, 3);
    }
    reserve(&admin, &[(&tent, 3)])
        .await
        .problem(409, "other_reservation");
    let audit = admin.get("/api/inventory/audit").await.expect(200);
    assert_eq!(audit.body["ok"], true, "{}", audit.body);
    assert_eq!(
        audit.body["products"][0]["recount"],
        json!({ "reserved": 2, "sold": 0, "inMotion": 0 })
    );
    for _ in 0..2 {
        admin.delete(&path).await.expect(200);
        assert_eq!(available(&shop, &tent).await, 5);
    }
    reserve(&admin, &[(&tent, 2)])
        .await
        .problem(409, "reservation_over");
    shop.stop().await;
}

#[actix_web::test]
async fn a_reservation_ends_with_its_time() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let tent = put_up(&cleo, "10", 5).await;
    let items = json!([{ "productId": tent, "quantity": 2 }]);
    let body = json!({ "orderId": THEIRS, "items": items, "seconds": 1 });
    admin.post(RESERVE, body).await.expect(201);
    let mut live = Live::listen(&shop, &tent).await;
    live.until(5).await;
    assert_eq!(available(&shop, &tent).await, 5);
    drop(live);
    shop.stop().await;
}

#[actix_web::test]
async fn a_reservation_names_every_product_once() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let tent = put_up(&cleo, "10", 5).await;
    let twice = reserve(&admin, &[(&tent, 1), (&tent, 1)])
        .await
        .problem(400, "invalid");
    assert_eq!(twice.bad_fields(), ["items"]);
    let none = reserve(&admin, &[]).await.problem(400, "invalid");
    assert_eq!(none.bad_fields(), ["items"]);
    shop.stop().await;
}

#[actix_web::test]
async fn the_audit_raises_no_false_alarm_while_people_buy() {
    let shop = Shop::start().await;
    let (cleo, admin) = (shop.seller("cleo").await, shop.admin().await);
    let (tent, lamp) = (put_up(&cleo, "10", 100).await, put_up(&cleo, "10", 7).await);
    let mut buyers = Vec::new();
    for n in 0..8 {
        let buyer = shop.shopper(&format!("buyer{n}")).await;
        add(&buyer, &tent, 3).await.expect(200);
        buyers.push(buyer);
    }
    let over = Cell::new(false);
    let buying = join_all(buyers.iter().map(async |buyer| {
        while !over.get() {
            let placed = order(buyer).await.expect(201);
            let cancel = format!("/api/orders/{}/cancel", id_of(&placed.body["order"]));
            buyer.post(&cancel, json!({})).await.expect(200);
        }
    }));
    let auditing = async {
        for _ in 0..20 {
            let audit = admin.get("/api/inventory/audit").await.expect(200);
            assert_eq!(audit.body["ok"], true, "{}", audit.text);
            let products = audit.body["products"].as_array().expect("products");
            let at_rest = products.iter().find(|one| one["productId"] == *lamp);
            assert_eq!(at_rest.expect("a lamp")["moving"], Value::Null, "{}", audit.text);
        }
        over.set(true);
    };
    futures_util::join!(buying, auditing);
    let audit = admin.get("/api/inventory/audit").await.expect(200);
    assert_eq!(audit.body["ok"], true, "{}", audit.text);
    for product in audit.body["products"].as_array().expect("products") {
        assert_eq!(
            (&product["reserved"], &product["moving"]),
            (&json!(0), &Value::Null)
        );
    }
    shop.stop().await;
}
