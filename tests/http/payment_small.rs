//! Orders of so little that the provider does not take it.

use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::goods::id_of;
use crate::orders::order;
use crate::payments::{create, order_of, promise};
use crate::shop::Shop;

#[actix_web::test]
async fn an_order_of_less_than_the_provider_takes_can_be_paid_on_delivery() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let nail = put_up(&cleo, "0.33", 9).await;
    add(&anna, &nail, 3).await.expect(200);
    let nails = id_of(&order(&anna).await.expect(201).body["order"]);
    for _ in 0..2 {
        let refused = create(&anna, &nails).await.problem(422, "too_little");
        let why = refused.body["detail"].as_str().expect("a sentence");
        assert!(why.contains("1.00 INR"), "{why}");
        assert_eq!(refused.body["least"], json!({ "amount": 1, "currency": "INR" }));
    }
    assert_eq!(order_of(&anna, &nails).await["payment"], Value::Null);
    promise(&anna, &nails).await.expect(201);
    assert_eq!(order_of(&anna, &nails).await["status"], "CONFIRMED");

    // A paisa more is enough.
    let bert = shop.shopper("bert").await;
    let screw = put_up(&cleo, "1", 9).await;
    add(&bert, &screw, 1).await.expect(200);
    let screws = id_of(&order(&bert).await.expect(201).body["order"]);
    create(&bert, &screws).await.expect(201);
    shop.stop().await;
}
