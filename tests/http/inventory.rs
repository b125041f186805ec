//! The numbers of a stock over HTTP.

use reqwest::Method;
use serde_json::json;

use crate::goods::{lamp, put_up};
use crate::shop::Shop;

#[actix_web::test]
async fn everybody_reads_what_is_available_and_the_seller_all_of_it() {
    let shop = Shop::start().await;
    let (sam, tom, anna) = (
        shop.seller("sam").await,
        shop.seller("tom").await,
        shop.shopper("anna").await,
    );
    let id = put_up(&sam, lamp()).await;
    let path = format!("/api/inventory/{id}");
    let little = json!({ "productId": id, "available": 10 });
    for who in [&*shop.visitor(), &anna, &tom] {
        assert_eq!(who.get(&path).await.expect(200).body, little);
    }
    let all = json!({
        "productId": id, "received": 10, "onHand": 10, "reserved": 0, "sold": 0, "available": 10,
    });
    for who in [&*sam, &*shop.admin().await] {
        assert_eq!(who.get(&path).await.expect(200).body, all);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_seller_sets_the_number_on_hand_or_the_difference() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let id = put_up(&sam, lamp()).await;
    let path = format!("/api/inventory/{id}");
    for (change, on_hand) in [
        (json!({ "onHand": 25 }), 25),
        (json!({ "delta": -5 }), 20),
        (json!({ "delta": 1 }), 21),
        (json!({ "onHand": 0 }), 0),
    ] {
        let answer = sam.patch(&path, change.clone()).await.expect(200);
        assert_eq!(answer.body["onHand"], on_hand, "{change}");
        let read = shop.visitor().get(&path).await.expect(200);
        assert_eq!(read.body["available"], on_hand, "{change}");
        let product = shop
            .visitor()
            .get(&format!("/api/products/{id}"))
            .await
            .expect(200);
        assert_eq!(product.body["product"]["stock"], on_hand, "{change}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_number_that_is_none_changes_nothing() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let path = format!("/api/inventory/{}", put_up(&sam, lamp()).await);
    for (change, named) in [
        (json!({}), "onHand"),
        (json!({ "onHand": -1 }), "onHand"),
        (json!({ "onHand": 1.5 }), "onHand"),
        (json!({ "onHand": "many" }), "onHand"),
        (json!({ "onHand": 1e10 }), "onHand"),
        (json!({ "delta": -11 }), "onHand"),
        (json!({ "delta": 1e300 }), "delta"),
        (json!({ "delta": 0.5 }), "delta"),
        (json!({ "onHand": 5, "delta": 5 }), "delta"),
    ] {
        let answer = sam.patch(&path, change.clone()).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), [named], "{change}");
    }
    assert_eq!(sam.get(&path).await.expect(200).body["onHand"], 10);
    shop.stop().await;
}

#[actix_web::test]
async fn somebody_elses_stock_is_403_but_for_admins() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let path = format!("/api/inventory/{}", put_up(&sam, lamp()).await);
    tom.patch(&path, json!({ "onHand": 0 }))
        .await
        .problem(403, "forbidden");
    let changed = shop.admin().await.patch(&path, json!({ "onHand": 1 })).await;
    assert_eq!(changed.expect(200).body["onHand"], 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_stock_has_a_version_of_its_own() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let path = format!("/api/inventory/{}", put_up(&sam, lamp()).await);
    let known = sam.get(&path).await.expect(200).header("etag").to_owned();
    let set = |on_hand: u64| {
        let call = sam.call(Method::PATCH, &path).header("if-match", &known);
        call.json(&json!({ "onHand": on_hand })).send()
    };
    set(11).await.expect(200);
    set(12).await.problem(412, "version_mismatch");
    assert_eq!(sam.get(&path).await.expect(200).body["onHand"], 11);
    shop.stop().await;
}
