//! Finding products: by words, prices and whatever else they are filtered by, over HTTP.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::goods::{id_of, lamp_with, put_up};
use crate::shop::{Caller, Seller, Shop};

/// What changes is found long before this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A product with this title, and nothing else that words find.
fn titled(title: &str) -> Value {
    let mut product = lamp_with("title", json!(title));
    product["description"] = json!("");
    product["category"] = json!("");
    product
}

fn priced(title: &str, amount: f64, currency: &str) -> Value {
    let mut product = titled(title);
    product["price"] = json!({ "amount": amount, "currency": currency });
    product
}

async fn put_up_all(who: &Seller, titles: &[&str]) {
    for title in titles {
        put_up(who, titled(title)).await;
    }
}

/// Waits until a search finds products with these titles, in this order.
pub(crate) async fn finds(who: &Caller, query: &str, expected: &[&str]) {
    let (since, path) = (Instant::now(), format!("/api/products?{query}"));
    loop {
        let answer = who.get(&path).await;
        if answer.status == 200 && titles(&answer.body) == expected {
            return;
        }
        let found = titles(&answer.body);
        assert!(
            since.elapsed() < PATIENCE,
            "{path} finds {found:?} and not {expected:?}: {}",
            answer.text
        );
    }
}

fn titles(list: &Value) -> Vec<&str> {
    let products = list["products"].as_array();
    let titles = products.into_iter().flatten();
    titles.filter_map(|product| product["title"].as_str()).collect()
}

fn ids(list: &Value) -> Vec<String> {
    let products = list["products"].as_array();
    products.into_iter().flatten().map(id_of).collect()
}

#[actix_web::test]
async fn a_product_is_found_by_its_words_however_they_are_spelt() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    let lamp = ["Reading lamp"];
    put_up_all(&sam, &["Wireless headphones", "Café chair", "Reading lamp"]).await;
    for (query, expected) in [
        ("q=lamp", &lamp[..]),
        ("q=LAMPS", &lamp),
        ("q=lmap", &lamp),
        ("q=lampp", &lamp),
        ("q=lmaps", &lamp),
        ("q=readng+lapm", &lamp),
        ("q=the+lamp+for+reading", &lamp),
        ("q=lam", &lamp),
        ("q=la", &lamp),
        ("q=rea", &lamp),
        ("q=headphnes", &["Wireless headphones"]),
        ("q=haedphnoes", &["Wireless headphones"]),
        ("q=kafe", &["Café chair"]),
        ("q=cafe+chairs", &["Café chair"]),
        ("q=lamp+chair", &[]),
        ("q=zebra", &[]),
        ("q=l", &[]),
    ] {
        finds(&anna, query, expected).await;
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_filter_that_leaves_nothing_turns_no_word_into_another() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    put_up(&sam, priced("Brass lamp", 500.0, "INR")).await;
    put_up(&sam, priced("Lamb wool", 50.0, "INR")).await;
    for (query, expected) in [
        ("q=lamp", &["Brass lamp"][..]),
        ("q=lamp&maxprice=100", &[]),
        ("q=lamp&currency=USD", &[]),
        ("q=brass+lamp&maxprice=100", &[]),
        ("q=lamp+wool&maxprice=100", &["Lamb wool"]),
        ("q=lampb&maxprice=100", &["Lamb wool"]),
    ] {
        finds(&anna, query, expected).await;
    }
    shop.stop().await;
}

#[actix_web::test]
async fn what_has_a_word_in_its_title_comes_before_what_has_it_elsewhere() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    let with = |title: &str, field: &str, text: &str| {
        let mut product = titled(title);
        product[field] = json!(text);
        product
    };
    put_up(&sam, titled("A tent")).await;
    put_up(&sam, with("Shelter", "category", "Tents")).await;
    put_up(&sam, titled("Tent, green")).await;
    put_up(&sam, with("Rope", "description", "Holds a tent.")).await;
    put_up(&sam, titled("Tentacle")).await;
    finds(&anna, "q=tents", &["Tent, green", "A tent", "Shelter", "Rope"]).await;
    let all = ["Tent, green", "A tent", "Tentacle", "Shelter", "Rope"];
    finds(&anna, "q=tent", &all).await;
    finds(
        &anna,
        "q=tent&sort=newest",
        &["Tentacle", "Rope", "Tent, green", "Shelter", "A tent"],
    )
    .await;
    shop.stop().await;
}

#[actix_web::test]
async fn products_are_filtered_by_price_category_seller_and_stock() {
    let shop = Shop::start().await;
    let (sam, tom) = (shop.seller("sam").await, shop.seller("tom").await);
    let anna = shop.visitor();
    put_up(&sam, priced("cheap", 9.99, "INR")).await;
    put_up(&sam, priced("fair", 100.0, "USD")).await;
    put_up(&tom, priced("dear", 100.01, "INR")).await;
    let mut gone = priced("gone", 50.0, "INR");
    gone["stock"] = json!(0);
    gone["category"] = json!("Lamps");
    let gone = put_up(&tom, gone).await;
    for (query, expected) in [
        ("maxprice=100", &["gone", "fair", "cheap"][..]),
        ("minprice=100", &["dear", "fair"]),
        ("minPrice=100.01", &["dear"]),
        ("minprice=9.99&maxprice=50.00", &["gone", "cheap"]),
        ("minprice=100&currency=USD", &["fair"]),
        ("minprice=100&maxprice=100", &["fair"]),
        ("inStock=true", &["dear", "fair", "cheap"]),
        ("inStock=false", &["gone"]),
        ("category=Lamps&maxprice=100", &["gone"]),
        ("category=lamps&maxprice=100", &[]),
        ("q=dear&maxprice=100", &[]),
        ("sort=price", &["cheap", "gone", "fair", "dear"]),
        ("sort=-price", &["dear", "fair", "gone", "cheap"]),
        ("sort=newest", &["gone", "dear", "fair", "cheap"]),
        ("sort=relevance", &["gone", "dear", "fair", "cheap"]),
        ("sort=price&limit=2&skip=1", &["gone", "fair"]),
    ] {
        finds(&anna, query, expected).await;
    }
    let of_tom = format!("seller={}&inStock=true", tom.id);
    finds(&anna, &of_tom, &["dear"]).await;
    let both = format!("seller={}&category=Lamps", tom.id);
    finds(&anna, &both, &["gone"]).await;
    let inventory = format!("/api/inventory/{gone}");
    tom.patch(&inventory, json!({ "onHand": 1 })).await.expect(200);
    finds(&anna, "inStock=true", &["gone", "dear", "fair", "cheap"]).await;
    shop.stop().await;
}

#[actix_web::test]
async fn what_changes_is_found_as_it_is_and_what_is_deleted_is_not() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    let path = format!("/api/products/{}", put_up(&sam, titled("lamp")).await);
    finds(&anna, "q=lamp", &["lamp"]).await;
    sam.patch(&path, json!({ "title": "lantern" })).await.expect(200);
    finds(&anna, "q=lantern", &["lantern"]).await;
    finds(&anna, "q=lamp", &[]).await;
    sam.delete(&path).await.expect(200);
    let found = anna.get("/api/products?q=lantern").await.expect(200);
    assert_eq!(titles(&found.body), [""; 0], "it was deleted before the question");
    shop.stop().await;
}

#[actix_web::test]
async fn no_product_is_lost_or_doubled_while_others_are_added() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    let names: Vec<_> = (0..10).map(|n| format!("lamp {n}")).collect();
    for (n, name) in names.iter().enumerate() {
        let amount = [5.0, 7.0][n % 2];
        put_up(&sam, priced(name, amount, "INR")).await;
    }
    for sort in ["relevance", "newest", "price", "-price"] {
        for query in [format!("q=lmap&sort={sort}"), format!("minprice=1&sort={sort}")] {
            let all = anna
                .get(&format!("/api/products?{query}&limit=100"))
                .await
                .expect(200);
            let expected = ids(&all.body);
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let part = format!("/api/products?{query}&limit=3{cursor}");
                let part = anna.get(&part).await.expect(200);
                seen.extend(ids(&part.body));
                let Some(next) = part.body["meta"]["nextCursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
                // One that stands before everything, and one that is misspelt as the question is.
                put_up(&sam, priced("lamp", 9.0, "INR")).await;
                put_up(&sam, priced("lmap", 1.0, "INR")).await;
            }
            seen.retain(|id| expected.contains(id));
            assert_eq!(seen, expected, "{query}");
        }
    }
    shop.stop().await;
}

#[actix_web::test]
async fn a_search_that_makes_no_sense_is_400() {
    let shop = Shop::start().await;
    for (query, named) in [
        ("minprice=cheap", "minprice"),
        ("minprice=1e3", "minprice"),
        ("minprice=-1", "minprice"),
        ("minprice=1.005", "minprice"),
        ("minprice=NaN", "minprice"),
        ("minprice=", "minprice"),
        ("maxprice=1e12", "maxprice"),
        ("maxprice=9999999999999", "maxprice"),
        ("minprice=2&maxprice=1.99", "maxprice"),
        ("currency=DOGE", "currency"),
        ("sort=cheapest", "sort"),
        ("sort=", "sort"),
        ("inStock=maybe", "inStock"),
        ("seller=me", "seller"),
        ("q=lamp&limit=0", "limit"),
        ("q=lamp&limit=1e9", "limit"),
        ("q=lamp&skip=100001", "skip"),
        ("q=lamp&cursor=AAAA", "cursor"),
        ("q=lamp&cursor=%00%FF", "cursor"),
    ] {
        let answer = shop.visitor().get(&format!("/api/products?{query}")).await;
        assert_eq!(answer.problem(400, "invalid").bad_fields(), [named], "{query}");
    }
    let long = format!("/api/products?q={}", "lamp+".repeat(2_000));
    let long = shop.visitor().get(&long).await.problem(400, "invalid");
    assert_eq!(long.bad_fields(), ["q"]);
    shop.stop().await;
}

#[actix_web::test]
async fn what_looks_like_an_operator_is_a_sign_between_words() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    put_up_all(&sam, &["Blue lamp", "Red lamp"]).await;
    finds(&anna, "q=lamp", &["Red lamp", "Blue lamp"]).await;
    for query in [
        "q=%2Blamp+-blue",
        "q=%22blue+lamp%22%7E3",
        "q=title%3Ablue",
        "q=(lamp+%5Bblue+TO+",
        "q=blue*%5E9",
    ] {
        let answer = anna.get(&format!("/api/products?{query}")).await.expect(200);
        let found = titles(&answer.body);
        assert!(
            found.is_empty() || found == ["Blue lamp"],
            "{query} finds {found:?}"
        );
    }
    for query in ["q=%22%2B%2A%7E", "q=%7B%24ne%3Anull%7D", "q=x%27%3B+DROP+TABLE"] {
        finds(&anna, query, &[]).await;
    }
    finds(&anna, "q=+", &["Red lamp", "Blue lamp"]).await;
    let words = ["blue lamps for somebody"; 8].join("+").replace(' ', "+");
    anna.get(&format!("/api/products?q={words}")).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_cursor_of_another_list_is_400() {
    let shop = Shop::start().await;
    let (sam, admin) = (shop.seller("sam").await, shop.admin().await);
    put_up_all(&sam, &["one lamp", "two lamps"]).await;
    finds(&sam, "q=lamp", &["two lamps", "one lamp"]).await;
    let lists = [
        "/api/products?limit=1",
        "/api/products?limit=1&q=lamp",
        "/api/products?limit=1&q=lamps",
        "/api/products?limit=1&sort=price",
        "/api/products/seller?limit=1",
        "/api/auth/users?limit=1",
    ];
    let caller = |list: &str| -> Caller {
        if list.contains("users") {
            admin.clone().into()
        } else {
            sam.clone().into()
        }
    };
    for from in lists {
        let answer = caller(from).get(from).await.expect(200);
        let cursor = answer.body["meta"]["nextCursor"].as_str();
        let cursor = cursor.unwrap_or_else(|| panic!("{from} has no next part: {}", answer.text));
        for to in lists {
            let answer = caller(to).get(&format!("{to}&cursor={cursor}")).await;
            if from == to {
                answer.expect(200);
            } else {
                assert_eq!(
                    answer.problem(400, "invalid").bad_fields(),
                    ["cursor"],
                    "{from} {to}"
                );
            }
        }
    }
    shop.stop().await;
}

#[actix_web::test]
async fn every_category_is_told_however_many_there_are() {
    let shop = Shop::start().await;
    let (sam, anna) = (shop.seller("sam").await, shop.visitor());
    let names: Vec<_> = (0..230).map(|n| format!("Category {n:03}")).collect();
    for name in &names {
        let mut product = titled("lamp");
        product["category"] = json!(name);
        put_up(&sam, product).await;
    }
    let last = put_up(&sam, lamp_with("category", json!(names[7]))).await;
    let expected = |seventh: u64| -> Vec<Value> {
        let count = |n: usize| if n == 7 { seventh } else { 1 };
        let all = names.iter().enumerate();
        all.map(|(n, name)| json!({ "name": name, "count": count(n) }))
            .collect()
    };
    let told = anna.get("/api/categories").await.expect(200);
    assert_eq!(told.body["categories"], json!(expected(2)));
    sam.delete(&format!("/api/products/{last}")).await.expect(200);
    let told = anna.get("/api/categories").await.expect(200);
    assert_eq!(told.body["categories"], json!(expected(1)));
    shop.stop().await;
}
