//! The demo's shop, as somebody finds it who starts the binary for the first time.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binary::Binary;

/// So many products stand there when all is done.
const ALL: u64 = 60;
/// No machine draws them for longer than this.
const PATIENCE: Duration = Duration::from_mins(5);

const FILLED: [&str; 2] = ["--set", "demo.seed=true"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("the machine gives a folder")
}

async fn read(shop: &Binary, path: &str) -> Value {
    let answer = Client::new().get(format!("{}{path}", shop.url())).send().await;
    let answer = answer.unwrap_or_else(|error| panic!("GET {path} got no answer: {error}"));
    assert_eq!(answer.status().as_u16(), 200, "GET {path}");
    answer.json().await.expect("in JSON")
}

/// Waits until so many products are found, and gives the first hundred. They are found a moment
/// after they were put up, on another runtime above all.
async fn until(shop: &Binary, many: u64) -> Vec<Value> {
    let listed = async {
        loop {
            let mut listed = read(shop, "/api/products?limit=100").await;
            if listed["meta"]["total"].as_u64() >= Some(many) {
                return listed["products"]
                    .as_array_mut()
                    .map(std::mem::take)
                    .unwrap_or_default();
            }
        }
    };
    let listed = tokio::time::timeout(PATIENCE, listed).await;
    listed.unwrap_or_else(|_| panic!("{many} products never stood there"))
}

async fn seed(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let done = Binary::run(folder, &[&["seed"], arguments].concat()).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (done.status.success(), text(done.stdout), text(done.stderr))
}

fn files(folder: &Path) -> BTreeSet<String> {
    let media = std::fs::read_dir(folder.join("data/media")).expect("the folder of the pictures");
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    media.map(|entry| name(entry.expect("an entry"))).collect()
}

fn shown(products: &[Value]) -> BTreeSet<String> {
    let images = products
        .iter()
        .flat_map(|product| product["images"].as_array().expect("a list"));
    let urls = images.flat_map(|image| [&image["url"], &image["thumbnail"]]);
    let name = |url: &Value| url.as_str()?.strip_prefix("/media/").map(str::to_owned);
    urls.filter_map(name).collect()
}

#[actix_web::test]
async fn a_shop_that_was_killed_while_it_was_filled_goes_on_at_the_next_start() {
    let folder = folder();
    for many in [1, 20] {
        let shop = Binary::start_with(folder.path(), &FILLED).await;
        until(&shop, many).await;
        shop.kill().await;
    }
    let shop = Binary::start_with(folder.path(), &FILLED).await;
    let products = until(&shop, ALL).await;
    assert_eq!(products.len() as u64, ALL);
    let titles: BTreeSet<_> = products
        .iter()
        .map(|product| product["title"].to_string())
        .collect();
    assert_eq!(titles.len() as u64, ALL, "nothing stands there twice");
    assert_eq!(
        files(folder.path()),
        shown(&products),
        "every picture is shown, and no other is kept"
    );
    let stocks = || {
        products
            .iter()
            .filter_map(|product| product["available"].as_u64())
    };
    assert!(stocks().any(|stock| stock == 0), "one is sold out");
    assert!(
        stocks().any(|stock| (1..6).contains(&stock)),
        "there are few of another"
    );
    let categories = read(&shop, "/api/categories").await;
    assert_eq!(categories["categories"].as_array().map(Vec::len), Some(8));
    for (who, role) in [("asha", "seller"), ("priya", "user")] {
        let login = json!({ "email": format!("{who}@demo.example"), "password": "namaste-bazaar" });
        let path = format!("{}/api/auth/login", shop.url());
        let answer = Client::new()
            .post(path)
            .json(&login)
            .send()
            .await
            .expect("it answers");
        let answer: Value = answer.json().await.expect("in JSON");
        assert_eq!(answer["user"]["role"], role, "{answer}");
        let addresses = answer["user"]["addresses"].as_array().map(Vec::len);
        assert_eq!(addresses, Some(usize::from(role == "user")), "{answer}");
    }
    shop.kill().await;
    let shop = Binary::start_with(folder.path(), &FILLED).await;
    assert_eq!(
        read(&shop, "/api/products").await["meta"]["total"],
        ALL,
        "it is done once"
    );
    shop.kill().await;
}

#[actix_web::test]
async fn seeding_twice_makes_nothing_twice_and_tells_the_admins_password_once() {
    let folder = folder();
    let (done, first, log) = seed(folder.path(), &["--products", "300"]).await;
    assert!(done, "{log}");
    let told = |text: &str| {
        text.lines()
            .filter(|line| line.contains("told this once"))
            .count()
    };
    assert_eq!(told(&first), 1, "{first}");
    assert!(log.contains("products besides: 300 of 300"), "{log}");
    let admin = first
        .lines()
        .find(|line| line.starts_with("admin"))
        .expect("an admin");
    let [_, email, password, ..] = admin.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("no login: {admin}");
    };
    let (done, second, log) = seed(folder.path(), &["--products", "300"]).await;
    assert!(done, "{log}");
    assert_eq!(told(&second), 0, "{second}");
    assert!(!second.contains(password), "{second}");
    let shop = Binary::start(folder.path()).await;
    until(&shop, ALL + 300).await;
    assert_eq!(read(&shop, "/api/products").await["meta"]["total"], ALL + 300);
    let login = json!({ "email": email, "password": password });
    let path = format!("{}/api/auth/login", shop.url());
    let answer = Client::new()
        .post(path)
        .json(&login)
        .send()
        .await
        .expect("it answers");
    assert_eq!(
        answer.status().as_u16(),
        200,
        "the admin gets in with what was told"
    );
    let (done, _, why) = seed(folder.path(), &[]).await;
    assert!(!done, "two processes never hold one folder");
    assert!(why.contains("is in use by another process"), "{why}");
    shop.kill().await;
}

#[actix_web::test]
async fn a_shop_that_somebody_has_come_to_stays_as_it_is() {
    let folder = folder();
    let shop = Binary::start(folder.path()).await;
    let anna = json!({ "email": "anna@example.com", "password": "a password" });
    let path = format!("{}/api/auth/register", shop.url());
    let answer = Client::new()
        .post(path)
        .json(&anna)
        .send()
        .await
        .expect("it answers");
    assert_eq!(answer.status().as_u16(), 201);
    shop.kill().await;
    let shop = Binary::start_with(folder.path(), &FILLED).await;
    let answer = read(&shop, "/api/products").await;
    assert_eq!(answer["meta"]["total"], 0, "{answer}");
    assert!(shop.terminate().await.success());
    assert!(files(folder.path()).is_empty(), "nothing was drawn");
}

#[actix_web::test]
async fn what_strangers_reach_is_filled_only_by_hand_and_with_passwords_that_nobody_knows() {
    let folder = folder();
    let secret = "auth.jwt_secret=a secret of more than thirty-two bytes";
    let public = ["--set", "environment=staging", "--set", secret];
    let shop = Binary::start_with(folder.path(), &[&public[..], &FILLED].concat()).await;
    assert_eq!(read(&shop, "/api/products").await["meta"]["total"], 0);
    assert!(shop.terminate().await.success());
    assert!(files(folder.path()).is_empty(), "nothing was drawn");
    let (done, told, log) = seed(folder.path(), &public).await;
    assert!(done, "{log}");
    assert!(!told.contains("namaste-bazaar"), "{told}");
    let made = told.lines().filter(|line| line.contains("told this once"));
    assert_eq!(
        made.count(),
        6,
        "everybody's password is told when he is made: {told}"
    );
}

#[actix_web::test]
async fn the_demo_stands_in_mongodb_as_well() {
    let Ok(uri) = std::env::var("BAZAAR_TEST_MONGO_URI") else {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "BAZAAR_TEST_MONGO_URI is not set"
        );
        println!("skipped: BAZAAR_TEST_MONGO_URI is not set");
        return;
    };
    let folder = folder();
    let name = hex::encode(bazaar::clock::Chance::unforeseeable().bytes::<8>());
    let uri = format!(
        "store.mongo_uri={}",
        uri.replacen("/?", &format!("/demo-{name}?"), 1)
    );
    let (done, told, log) = seed(folder.path(), &["--products", "100", "--set", &uri]).await;
    assert!(done, "{log}");
    assert!(told.contains("160 products"), "{told}");
    let shop = Binary::start_with(folder.path(), &["--set", &uri]).await;
    until(&shop, 160).await;
    // Beside a runtime that shares the database.
    let (done, _, log) = seed(folder.path(), &["--products", "120", "--set", &uri]).await;
    assert!(done, "{log}");
    until(&shop, 180).await;
    assert_eq!(read(&shop, "/api/products").await["meta"]["total"], 180);
    shop.kill().await;
}
