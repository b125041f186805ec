//! What plain sentences come to with the offline assistant, on a real shop: which tools are called
//! for the last of them, what is in the cart then, and what is said.

use serde_json::{Value, json};

use crate::careful_sentences::CAREFUL;
use crate::chat::{Chat, Exchange};
use crate::goods::{findable, id_of, put_up};
use crate::sentences::{GOODS, Row, SENTENCES};
use crate::shop::{Caller, Shop};

#[actix_web::test]
async fn plain_sentences_do_what_they_say() {
    let shop = Shop::start().await;
    stock_up(&shop).await;
    assert_eq!(differences(&shop, SENTENCES).await, "");
    assert!(SENTENCES.len() >= 60, "the table has {} rows", SENTENCES.len());
    shop.stop().await;
}

#[actix_web::test]
async fn plain_sentences_do_neither_the_opposite_nor_another_quantity() {
    let shop = Shop::start().await;
    stock_up(&shop).await;
    assert_eq!(differences(&shop, CAREFUL).await, "");
    shop.stop().await;
}

#[actix_web::test]
async fn an_order_is_placed_and_cancelled_in_plain_sentences() {
    let shop = Shop::start().await;
    stock_up(&shop).await;
    let anna = shop.shopper("anna").await;
    let mut chat = Chat::open(&shop, &anna).await;
    chat.say("buy 2 blue lamps").await;
    let asked = chat.say("place the order").await;
    let call = asked.question()["callId"].clone();
    let placed = chat.decide(&call, true).await;
    assert!(placed.text().contains("Ordered: order"), "{placed:?}");
    let orders = chat.say("where is my order?").await;
    assert!(
        orders.text().contains("2 × Blue lamp, 399.98 INR: pending"),
        "{orders:?}"
    );
    let asked = chat.say("cancel it").await;
    let call = asked.question()["callId"].clone();
    let cancelled = chat.decide(&call, true).await;
    assert!(cancelled.text().contains("Cancelled: order"), "{cancelled:?}");
    let orders = anna.get("/api/orders/me").await.expect(200);
    assert_eq!(orders.body["orders"][0]["status"], "CANCELLED");
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_sells_asks_for_figures_and_sets_a_stock() {
    let shop = Shop::start().await;
    let cleo = stock_up(&shop).await;
    let mut chat = Chat::open(&shop, &cleo).await;
    let sales = chat.say("how are my sales?").await;
    assert!(sales.text().contains("Nothing has been sold"), "{sales:?}");
    let low = chat.say("what is running low?").await;
    assert!(low.text().contains("Steel kettle: 0 left"), "{low:?}");
    let asked = chat.say("set the stock of the kettle to 20").await;
    assert!(
        asked
            .text()
            .contains("Set the stock of Steel kettle to 20 pieces?"),
        "{asked:?}"
    );
    let call = asked.question()["callId"].clone();
    let set = chat.decide(&call, true).await;
    assert!(set.text().contains("has 20 pieces now"), "{set:?}");
    let none = chat.say("put a blue lamp into my cart").await;
    assert!(none.text().contains("for buyers"), "{none:?}");
    let insights = cleo.get("/api/assistant/insights").await.expect(200);
    assert_eq!(insights.body["insights"]["sales"]["sales"], 0);
    assert!(
        insights.body["insights"]["sentences"].is_array(),
        "{}",
        insights.text
    );
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_sells_hears_what_was_sold_and_reads_the_same_as_a_picture() {
    let shop = Shop::start().await;
    let cleo = stock_up(&shop).await;
    let anna = shop.shopper("anna").await;
    Chat::open(&shop, &anna).await.say("buy 2 blue lamps").await;
    let placed = anna.post("/api/orders", json!({})).await.expect(201);
    let path = format!("/api/payments/create/{}", id_of(&placed.body["order"]));
    let method = json!({ "method": "cash_on_delivery" });
    anna.post(&path, method).await.expect(201);
    shop.runtime.router().quiet().await;
    let told = "You have sold 2 pieces in 1 orders for 399.98 INR. Blue lamp sells best";
    let sales = Chat::open(&shop, &cleo).await.say("how are my sales?").await;
    assert!(sales.text().contains(told), "{sales:?}");
    let picture = cleo.get("/api/assistant/insights").await.expect(200);
    let insights = &picture.body["insights"];
    let revenue = json!([{ "amount": 399.98, "currency": "INR" }]);
    assert_eq!(insights["sales"]["sales"], 2, "{insights}");
    assert_eq!(insights["sales"]["revenue"], revenue, "{insights}");
    assert_eq!(
        insights["sales"]["topProducts"][0]["title"], "Blue lamp",
        "{insights}"
    );
    assert_eq!(insights["lowStock"][0]["title"], "Steel kettle", "{insights}");
    let sentences = insights["sentences"].as_array().expect("sentences");
    let says = |words: &str| {
        sentences
            .iter()
            .any(|one| one.as_str().is_some_and(|one| one.contains(words)))
    };
    assert!(says(told) && says("Steel kettle is sold out"), "{insights}");
    let dora = shop.seller("dora").await;
    let none = dora.get("/api/assistant/insights").await.expect(200);
    assert_eq!(
        none.body["insights"]["sales"]["sales"], 0,
        "nobody sees the sales of others"
    );
    shop.stop().await;
}

/// What is not as a table says.
async fn differences(shop: &Shop, table: &[Row]) -> String {
    let mut wrong = String::new();
    for (row, sentence) in table.iter().enumerate() {
        let anna = shop.shopper(&format!("anna{row}")).await;
        if let Some(different) = difference(shop, &anna, sentence).await {
            wrong = format!("{wrong}\n{different}");
        }
    }
    wrong
}

/// What is not as a row says.
async fn difference(shop: &Shop, anna: &Caller, row: &Row) -> Option<String> {
    let (sentences, tools, cart, words) = row;
    let mut chat = Chat::open(shop, anna).await;
    let mut answer = Exchange { frames: Vec::new() };
    for sentence in *sentences {
        answer = chat.say(sentence).await;
    }
    let seen = anna.get("/api/cart").await.expect(200);
    let in_cart = quantities(&seen.body["cart"]["items"]);
    let expected: Vec<_> = cart
        .iter()
        .map(|(title, many)| ((*title).to_owned(), *many))
        .collect();
    let right = answer.tools() == *tools && in_cart == expected && answer.text().contains(words);
    (!right).then(|| {
        let (called, text) = (answer.tools(), answer.text());
        format!("{sentences:?}\n  called {called:?}\n  in the cart {in_cart:?}\n  said {text:?}")
    })
}

fn quantities(items: &Value) -> Vec<(String, u64)> {
    let items = items.as_array().cloned().unwrap_or_default();
    let read = |item: &Value| Some((item["title"].as_str()?.to_owned(), item["quantity"].as_u64()?));
    let mut quantities: Vec<_> = items.iter().filter_map(read).collect();
    quantities.sort();
    quantities
}

/// Puts the goods up. Says who sells them.
async fn stock_up(shop: &Shop) -> Caller {
    let cleo: Caller = shop.seller("cleo").await.into();
    for (title, description, price, category, stock) in GOODS {
        let amount: Value = serde_json::from_str(price).expect("a number");
        let product = json!({
            "title": title, "description": description, "category": category, "stock": stock,
            "price": { "amount": amount, "currency": "INR" },
        });
        put_up(&cleo, product).await;
    }
    findable(&cleo, "kettle", 1).await;
    cleo
}
