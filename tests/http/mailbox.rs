//! What a shop that sends no mail would have sent.

use serde_json::{Value, json};

use crate::goods::{lamp_with, put_up};
use crate::shop::Shop;

/// The mails that this address would have got, the newest first, when everything that happened
/// has been told.
pub(crate) async fn mails_to(shop: &Shop, address: &str) -> Vec<Value> {
    shop.runtime.router().quiet().await;
    let answer = shop.visitor().get("/dev/mailbox.json").await.expect(200);
    let mails = answer.body.as_array().expect("a list").iter();
    mails.filter(|mail| mail["to"] == address).cloned().collect()
}

fn subjects(mails: &[Value]) -> Vec<&str> {
    mails.iter().filter_map(|mail| mail["subject"].as_str()).collect()
}

#[actix_web::test]
async fn whoever_comes_in_is_welcomed_once() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    let mails = mails_to(&shop, "anna@example.com").await;
    assert_eq!(subjects(&mails), ["Welcome to Our Service"]);
    let (text, html) = (mails[0]["text"].as_str(), mails[0]["html"].as_str());
    for part in [text, html] {
        let part = part.expect("a text");
        assert!(part.contains("Dear anna Example,"), "{part}");
        assert!(part.contains("Thank you for registering with us!"), "{part}");
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_name_and_a_title_are_text_and_never_markup() {
    let shop = Shop::start().await;
    let sam = shop.seller("sam").await;
    let evil = "</iframe><script>alert(1)</script>\"'";
    let name = json!({ "fullName": { "firstName": evil, "lastName": "" } });
    sam.patch("/api/auth/users/me", name).await.expect(200);
    put_up(&sam, lamp_with("title", json!(evil))).await;
    let mails = mails_to(&shop, "sam@example.com").await;
    assert_eq!(
        subjects(&mails),
        ["New Product Launched", "Welcome to Our Service"]
    );
    let html = mails[0]["html"].as_str().expect("a page");
    assert!(!html.contains("<script"), "{html}");
    let page = shop.visitor().get("/dev/mailbox").await.expect(200);
    assert!(
        !page.text.contains("<script") && page.text.contains("sandbox=\"\""),
        "{}",
        page.text
    );
    assert_eq!(
        page.text.matches("</iframe>").count(),
        3,
        "one for each mail, the admin's among them"
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("script-src"),
        "{policy}"
    );
    shop.stop().await;
}

#[actix_web::test]
async fn the_mailbox_of_a_shop_for_strangers_is_closed() {
    let settings = [
        ("environment", "staging"),
        ("auth.jwt_secret", "a secret of more than thirty-two bytes"),
    ];
    let shop = Shop::start_with(&settings).await;
    for path in ["/dev/mailbox", "/dev/mailbox.json"] {
        shop.admin().await.get(path).await.problem(404, "unknown_route");
    }
    shop.stop().await;
}
