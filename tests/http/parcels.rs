//! What becomes of an order once it is paid: its parcels go from step to step, no step is left
//! out, and what is on its way is called back by nobody.

use serde_json::{Value, json};

use crate::call::Answer;
use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::{address, numbers, order};
use crate::payments::promise;
use crate::shop::{Caller, Seller, Shop, Shopper};

/// Somebody who has paid for two tents of Cleo's, and the path of the order.
struct Scene {
    shop: Shop,
    cleo: Seller,
    anna: Shopper,
    tent: String,
    path: String,
}

impl Scene {
    async fn set() -> Self {
        let shop = Shop::start().await;
        let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
        let tent = put_up(&cleo, "199.99", 5).await;
        add(&anna, &tent, 2).await.expect(200);
        let path = paid(&anna).await;
        Self {
            shop,
            cleo,
            anna,
            tent,
            path,
        }
    }

    async fn is_addressed(&self) {
        let path = format!("{}/address", self.path);
        self.anna.patch(&path, address()).await.expect(200);
    }

    async fn say(&self, who: &Caller, status: &str) -> Answer {
        who.patch(&format!("{}/status", self.path), json!({ "status": status }))
            .await
    }

    async fn cancel(&self) -> Answer {
        self.anna.post(&format!("{}/cancel", self.path), json!({})).await
    }

    async fn status(&self) -> Value {
        let seen = self.anna.get(&self.path).await.expect(200);
        seen.body["order"]["status"].clone()
    }
}

/// Orders what is in a cart, to be paid at the door; gives the path of the order.
async fn paid(buyer: &Caller) -> String {
    let placed = order(buyer).await.expect(201);
    let id = id_of(&placed.body["order"]);
    promise(buyer, &id).await.expect(201);
    format!("/api/orders/{id}")
}

#[actix_web::test]
async fn parcels_go_from_step_to_step_and_no_step_is_left_out() {
    let scene = Scene::set().await;
    let cleo = &scene.cleo;
    scene.say(cleo, "SHIPPED").await.problem(409, "address_needed");
    scene.is_addressed().await;
    scene.say(cleo, "DELIVERED").await.problem(409, "not_now");
    assert_eq!(scene.status().await, "CONFIRMED");
    let shipped = scene.say(cleo, "SHIPPED").await.expect(200);
    assert_eq!(shipped.body["order"]["status"], "SHIPPED");
    scene.say(cleo, "SHIPPED").await.problem(409, "not_now");
    scene.say(cleo, "DELIVERED").await.expect(200);
    for late in ["SHIPPED", "DELIVERED"] {
        scene.say(cleo, late).await.problem(409, "not_now");
    }
    for none in ["PENDING", "CONFIRMED", "CANCELLED", "LOST", ""] {
        let answer = scene.say(cleo, none).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), ["status"], "{none}");
    }
    assert_eq!(scene.status().await, "DELIVERED");
    assert_eq!(numbers(cleo, &scene.tent).await, [3, 0, 2, 3]);
    scene.shop.stop().await;
}

#[actix_web::test]
async fn what_an_administrator_says_of_parcels_is_written_down() {
    let scene = Scene::set().await;
    scene.is_addressed().await;
    let admin = scene.shop.admin().await;
    scene.say(&scene.cleo, "SHIPPED").await.expect(200);
    scene.say(&admin, "DELIVERED").await.expect(200);
    let log = admin.get("/api/ops/audit-log?limit=100").await.expect(200);
    let entries = log.body["entries"].as_array().expect("entries");
    let steps = entries
        .iter()
        .filter(|entry| entry["type"] == "ORDER_PARCELS_ADVANCED");
    let by: Vec<_> = steps
        .map(|entry| (&entry["actor"], &entry["data"]["to"]))
        .collect();
    assert_eq!(by, [(&json!(admin.id), &json!("DELIVERED"))], "{}", log.text);
    scene.shop.stop().await;
}

#[actix_web::test]
async fn an_order_on_its_way_is_neither_cancelled_nor_sent_elsewhere() {
    let scene = Scene::set().await;
    scene.is_addressed().await;
    for step in ["SHIPPED", "DELIVERED"] {
        scene.say(&scene.cleo, step).await.expect(200);
        for _ in 0..2 {
            scene.cancel().await.problem(409, "not_now");
        }
        let elsewhere = format!("{}/address", scene.path);
        let answer = scene.anna.patch(&elsewhere, address()).await;
        answer.problem(409, "not_now");
        assert_eq!(scene.status().await, step);
    }
    let sold = numbers(&scene.cleo, &scene.tent).await;
    assert_eq!(sold, [3, 0, 2, 3], "what is sold stays sold");
    scene.shop.stop().await;
}

#[actix_web::test]
async fn a_paid_order_that_is_cancelled_gives_its_stock_back_and_goes_no_further() {
    let scene = Scene::set().await;
    scene.is_addressed().await;
    assert_eq!(numbers(&scene.cleo, &scene.tent).await, [3, 0, 2, 3]);
    for _ in 0..2 {
        let cancelled = scene.cancel().await.expect(200);
        let order = &cancelled.body["order"];
        assert_eq!(
            (&order["status"], &order["reason"]),
            (&json!("CANCELLED"), &json!("by_buyer"))
        );
        assert_eq!(numbers(&scene.cleo, &scene.tent).await, [5, 0, 0, 5]);
    }
    scene.say(&scene.cleo, "SHIPPED").await.problem(409, "not_now");
    let elsewhere = format!("{}/address", scene.path);
    let answer = scene.anna.patch(&elsewhere, address()).await;
    answer.problem(409, "not_now");
    assert_eq!(scene.status().await, "CANCELLED");
    scene.shop.stop().await;
}

#[actix_web::test]
async fn an_order_has_come_as_far_as_its_last_parcel() {
    let shop = Shop::start().await;
    let (cleo, dora) = (shop.seller("cleo").await, shop.seller("dora").await);
    let (anna, admin) = (shop.shopper("anna").await, shop.admin().await);
    let (tent, lamp) = (put_up(&cleo, "10", 5).await, put_up(&dora, "5", 5).await);
    add(&anna, &tent, 1).await.expect(200);
    add(&anna, &lamp, 1).await.expect(200);
    let path = paid(&anna).await;
    let scene = Scene {
        shop,
        cleo,
        anna,
        tent,
        path,
    };
    scene.is_addressed().await;
    let first = scene.say(&scene.cleo, "SHIPPED").await.expect(200);
    assert_eq!(
        first.body["order"]["status"], "CONFIRMED",
        "half of it is still here"
    );
    scene.cancel().await.problem(409, "not_now");
    scene.say(&scene.cleo, "DELIVERED").await.expect(200);
    scene.say(&admin, "DELIVERED").await.problem(409, "not_now");
    // An admin takes the step that is due for whatever is not as far yet.
    let rest = scene.say(&admin, "SHIPPED").await.expect(200);
    assert_eq!(rest.body["order"]["status"], "SHIPPED");
    let parcels: Vec<_> = rest.body["order"]["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| (item["seller"] == scene.cleo.id, item["parcel"].clone()))
        .collect();
    assert!(parcels.contains(&(true, json!("DELIVERED"))), "{parcels:?}");
    assert!(parcels.contains(&(false, json!("SHIPPED"))), "{parcels:?}");
    let last = scene.say(&dora, "DELIVERED").await.expect(200);
    assert_eq!(last.body["order"]["status"], "DELIVERED");
    scene.say(&admin, "DELIVERED").await.problem(409, "not_now");
    scene.shop.stop().await;
}
