//! Text messages through a gateway, for whoever has given a number.

use reqwest::Method;
use serde_json::{Value, json};

use crate::goods::{id_of, lamp, put_up};
use crate::shop::Shop;
use crate::stand_in::{Mood, StandIn};

#[actix_web::test]
async fn an_order_is_told_of_by_text_message_to_whoever_has_given_a_number() {
    let gateway = StandIn::start(Mood::Answers(202, json!({}))).await;
    gateway.next(Mood::Answers(503, json!({})));
    let url = format!("{}/messages", gateway.url);
    let settings = [
        ("sms.url", url.as_str()),
        ("sms.user", "shop"),
        ("sms.password", "a secret"),
        ("sms.sender", "Bazaar"),
    ];
    let shop = Shop::start_with(&settings).await;
    let (sam, anna) = (shop.seller("sam").await, shop.shopper("anna").await);
    let path = "/api/auth/users/me";
    for bad in ["12345", "+12", "+1234567890123456", "+49 170 x", "call me"] {
        let answer = anna.patch(path, json!({ "phone": bad })).await;
        assert_eq!(answer.problem(400, "invalid").bad_fields(), ["phone"], "{bad}");
    }
    let answer = anna
        .patch(path, json!({ "phone": "+91 (98) 1234-5678" }))
        .await
        .expect(200);
    assert_eq!(answer.body["user"]["phone"], "+919812345678");
    let item = json!({ "productId": put_up(&sam, lamp()).await });
    anna.post("/api/cart/items", item).await.expect(200);
    let placed = anna.post("/api/orders", json!({})).await.expect(201);
    let order = id_of(&placed.body["order"]);
    let method = json!({ "method": "cash_on_delivery" });
    anna.call(Method::POST, &format!("/api/payments/create/{order}"))
        .json(&method)
        .send()
        .await
        .expect(201);
    let asked = gateway.was_asked(2).await;
    let messages: Vec<Value> = asked
        .iter()
        .map(|asked| serde_json::from_str(&asked.body).expect("JSON"))
        .collect();
    assert_eq!(
        messages[0], messages[1],
        "the gateway was busy, and is asked again"
    );
    assert_eq!(
        (&messages[0]["to"], &messages[0]["from"]),
        (&json!("+919812345678"), &json!("Bazaar"))
    );
    let text = messages[0]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("Bazaar: Your order is paid and confirmed.") && text.contains(&order),
        "{text}"
    );
    assert_eq!(asked[0].header("authorization"), "Basic c2hvcDphIHNlY3JldA==");
    shop.stop().await;
}
