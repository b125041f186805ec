//! A database that goes away and comes back: 503 while it is gone, 2xx again when it is back, and
//! nothing lost that was acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::mongod::Mongod;
use crate::shop::Shop;

const CLIENTS: usize = 4;

/// What the clients have heard so far.
#[derive(Default, Clone, Copy)]
struct Heard {
    registered: usize,
    unavailable: usize,
}

/// Registers one after the other until it is over, each under a key that is sent again until it is
/// taken. Gives the users as they were told.
async fn keep_registering(
    shop: &Shop,
    who: usize,
    over: &AtomicBool,
    heard: &watch::Sender<Heard>,
) -> Vec<Value> {
    let mut users = Vec::new();
    loop {
        let name = format!("buyer{who}-{}", users.len());
        let body =
            json!({ "email": format!("{name}@example.com"), "username": name, "password": "a good secret" });
        let call = shop.visitor().call(Method::POST, "/api/auth/register");
        let answer = call.header("Idempotency-Key", &name).json(&body).send().await;
        if answer.status == 503 {
            assert!(!answer.header("retry-after").is_empty(), "{}", answer.text);
            heard.send_modify(|heard| heard.unavailable += 1);
            continue;
        }
        users.push(answer.expect(201).body["user"].clone());
        heard.send_modify(|heard| heard.registered += 1);
        if over.load(Ordering::Relaxed) {
            return users;
        }
    }
}

#[actix_web::test]
async fn a_database_that_is_killed_under_load_costs_time_and_nothing_else() {
    let Some(mut mongod) = Mongod::replica_set().await else {
        return;
    };
    let uri = mongod.uri();
    let settings = [("store.mongo_uri", uri.as_str()), ("store.deadline_ms", "1000")];
    let shop = Shop::start_with(&settings).await;
    let over = AtomicBool::new(false);
    let (heard, mut hears) = watch::channel(Heard::default());
    let clients = join_all((0..CLIENTS).map(|who| keep_registering(&shop, who, &over, &heard)));
    let accident = async {
        let mut until = async |enough: &dyn Fn(&Heard) -> bool| {
            let heard = hears.wait_for(|heard| enough(heard)).await;
            *heard.expect("the clients go on until it is over")
        };
        until(&|heard| heard.registered >= CLIENTS).await;
        mongod.kill().await;
        until(&|heard| heard.unavailable > 0).await;
        mongod.start().await;
        mongod.writable().await;
        let before = until(&|_| true).await;
        until(&|heard| heard.registered >= before.registered + CLIENTS).await;
        over.store(true, Ordering::Relaxed);
    };
    let (users, ()) = futures_util::join!(clients, accident);
    let admin = shop.admin().await;
    let kept = admin.get("/api/auth/users?limit=1").await.expect(200);
    for user in users.iter().flatten() {
        let name = user["username"].as_str().unwrap_or_default();
        let login = json!({ "username": name, "password": "a good secret" });
        let found = shop.visitor().post("/api/auth/login", login).await.expect(200);
        assert_eq!(
            found.body["user"]["id"], user["id"],
            "{name} is who he was told he is"
        );
    }
    let known = users.iter().flatten().count() + 1;
    assert_eq!(
        kept.body["meta"]["total"], known,
        "one account for each key, and the admin's"
    );
    shop.stop().await;
}
