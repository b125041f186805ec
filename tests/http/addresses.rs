//! The addresses that a user keeps.

use serde_json::{Value, json};

use crate::call::Answer;
use crate::shop::Shop;

const PATH: &str = "/api/auth/users/me/addresses";
/// As some of the clients say it.
const ALIAS: &str = "/api/auth/users/me/address";

pub(crate) fn pune() -> Value {
    json!({ "street": "1 Long Lane", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001" })
}

fn path_of(added: &Answer) -> String {
    format!("{PATH}/{}", added.body["address"]["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn addresses_are_kept_and_at_most_one_of_them_is_the_default() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let first = anna.post(PATH, pune()).await.expect(201);
    assert!(first.body["message"].is_string());
    assert_eq!(first.body["address"]["isDefault"], false);
    assert_eq!(first.body["addresses"], json!([first.body["address"]]));
    let mut body = pune();
    body["isDefault"] = json!(true);
    anna.post(PATH, body.clone()).await.expect(201);
    body.as_object_mut().expect("an object").remove("zip");
    body["pincode"] = json!("411002");
    body["phone"] = json!("+91 20 1234");
    let last = anna.post(ALIAS, body).await.expect(201);
    assert_eq!(last.body["address"]["zip"], "411002");
    assert_eq!(last.body["address"]["phone"], "+91 20 1234");
    let listed = anna.get(PATH).await.expect(200);
    let addresses = listed.body["addresses"].as_array().expect("addresses").iter();
    let defaults: Vec<_> = addresses.map(|address| address["isDefault"] == true).collect();
    assert_eq!(defaults, [false, false, true]);
    assert_eq!(anna.get(ALIAS).await.expect(200).body, listed.body);
    assert_eq!(
        anna.get("/api/auth/me").await.body["user"]["addresses"],
        listed.body["addresses"]
    );
    shop.stop().await;
}

#[actix_web::test]
async fn an_address_is_removed_once_and_by_its_owner() {
    let shop = Shop::start().await;
    let (anna, bert) = (shop.shopper("anna").await, shop.shopper("bert").await);
    let path = path_of(&anna.post(PATH, pune()).await.expect(201));
    bert.delete(&path).await.problem(404, "not_found");
    let left = anna.delete(&path).await.expect(200);
    assert_eq!(left.body["addresses"], json!([]));
    anna.delete(&path).await.problem(404, "not_found");
    anna.delete(&format!("{PATH}/1")).await.expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn an_address_needs_all_its_parts_and_there_are_at_most_twenty() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let bad = anna.post(PATH, json!({ "phone": 1, "isDefault": "yes" })).await;
    let named = ["street", "city", "state", "country", "zip", "phone", "isDefault"];
    assert_eq!(bad.problem(400, "invalid").bad_fields(), named);
    for _ in 0..20 {
        anna.post(PATH, pune()).await.expect(201);
    }
    anna.post(PATH, pune()).await.problem(409, "too_many_addresses");
    shop.stop().await;
}
