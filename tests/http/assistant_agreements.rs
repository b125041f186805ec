//! What the user was asked is what is done: if it is another thing by the time of the yes, he is asked
//! again, however close the two come to each other.

use futures_util::join;
use serde_json::{Value, json};

use crate::cart::{add, put_up};
use crate::chat::Chat;
use crate::shop::Shop;

const ROUNDS: usize = 25;

#[actix_web::test]
async fn an_order_is_what_was_agreed_to_although_the_cart_changes_in_that_moment() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let tent = put_up(&shop.seller("cleo").await, "10", 1_000).await;
    let mut chat = Chat::open(&shop, &anna).await;
    for round in 0..ROUNDS {
        anna.delete("/api/cart").await.expect(200);
        add(&anna, &tent, 1).await.expect(200);
        let asked = chat.say("place the order").await;
        assert!(asked.text().ends_with("for 10.00 INR in all?"), "{asked:?}");
        let call = asked.question()["callId"].clone();
        let (answer, added) = join!(chat.decide(&call, true), add(&anna, &tent, 1));
        added.expect(200);
        let orders = anna.get("/api/orders/me?status=PENDING").await.expect(200);
        let totals = orders.body["orders"].as_array().expect("orders").iter();
        let totals: Vec<&Value> = totals.map(|order| &order["total"]["amount"]).collect();
        let was_asked_again = answer.of("confirm").next().is_some();
        assert!(
            if was_asked_again {
                answer.text().ends_with("for 20.00 INR in all?") && totals.is_empty()
            } else {
                totals == [&json!(10)]
            },
            "round {round}: she agreed to 10, ordered {totals:?}, and was told {:?}",
            answer.text()
        );
        for order in orders.body["orders"].as_array().expect("orders") {
            let id = order["id"].as_str().expect("an id");
            let cancelled = anna.post(&format!("/api/orders/{id}/cancel"), json!({})).await;
            cancelled.expect(200);
        }
        chat.say("no").await;
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_stock_that_has_changed_since_the_question_is_asked_about_again() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    let tent = put_up(&cleo, "10", 5).await;
    let mut chat = Chat::open(&shop, &cleo).await;
    let asked = chat.say(&format!("set the stock of {tent} to 20")).await;
    assert!(asked.text().ends_with("It has 5 now."), "{asked:?}");
    let inventory = format!("/api/inventory/{tent}");
    cleo.patch(&inventory, json!({ "delta": 2 })).await.expect(200);
    let again = chat.decide(&asked.question()["callId"], true).await;
    assert!(again.text().ends_with("It has 7 now."), "{again:?}");
    let seen = cleo.get(&inventory).await.expect(200);
    assert_eq!(seen.body["onHand"], 7, "nothing was done");
    let set = chat.decide(&again.question()["callId"], true).await;
    assert!(set.text().contains("has 20 pieces now"), "{set:?}");
    shop.stop().await;
}
