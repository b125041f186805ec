//! Carts that are longer than what a model reads of one result, with the offline assistant.

use serde_json::json;

use crate::cart::{add, quantities};
use crate::chat::Chat;
use crate::goods::put_up;
use crate::shop::{Caller, Shop};

#[actix_web::test]
async fn a_cart_of_sixty_lines_is_shown_as_one() {
    let shop = Shop::start().await;
    let anna = with_lines(&shop, 60).await;
    let mut chat = Chat::open(&shop, &anna).await;
    let shown = chat.say("show my cart").await;
    let text = shown.text();
    assert!(text.starts_with("In your cart:\n1 × Thing number 0"), "{text}");
    assert!(text.contains("more"), "that some are left out is said: {text}");
    assert!(text.ends_with("Together 600 INR."), "{text}");
    shop.stop().await;
}

#[actix_web::test]
async fn a_cart_is_emptied_however_long_it_is() {
    let shop = Shop::start().await;
    for (name, lines) in [("anna", 20), ("bert", 100)] {
        let who = shoppers_lines(&shop, name, lines).await;
        let mut chat = Chat::open(&shop, &who).await;
        let emptied = chat.say("empty my cart").await;
        assert_eq!(emptied.error(), "", "{lines} lines: {}", emptied.text());
        assert!(
            emptied.text().ends_with("Your cart is empty."),
            "{}",
            emptied.text()
        );
        assert!(quantities(&who).await.is_empty(), "{lines} lines");
    }
    shop.stop().await;
}

async fn with_lines(shop: &Shop, lines: usize) -> Caller {
    shoppers_lines(shop, "anna", lines).await
}

async fn shoppers_lines(shop: &Shop, name: &str, lines: usize) -> Caller {
    let seller: Caller = shop.seller(&format!("seller-of-{name}")).await.into();
    let who: Caller = shop.shopper(name).await.into();
    for n in 0..lines {
        let thing = json!({
            "title": format!("Thing number {n}"), "description": "One of many.", "category": "things",
            "price": { "amount": 10, "currency": "INR" }, "stock": 5,
        });
        let id = put_up(&seller, thing).await;
        add(&who, &id, 1).await.expect(200);
    }
    who
}
