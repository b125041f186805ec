//! A new password by a link in a mail.

use std::time::{Duration, Instant};

use bazaar::domain::account::ACCOUNTS;
use bazaar::domain::entity::Key;
use serde_json::{Value, json};

use crate::accounts::{login, me, token};
use crate::mailbox::mails_to;
use crate::shop::{Shop, password_of};

const FORGOT: &str = "/api/auth/password/forgot";
const RESET: &str = "/api/auth/password/reset";

async fn forget(shop: &Shop, email: &str) {
    let body = json!({ "email": email });
    let answer = shop.visitor().post(FORGOT, body).await.expect(202);
    let told = answer.body["message"].as_str().expect("a sentence");
    assert!(told.starts_with("If there is an account"), "{told}");
}

/// The secrets of all links that were mailed, the newest first.
async fn links(shop: &Shop, email: &str) -> Vec<String> {
    let mails = mails_to(shop, email).await;
    let text = |mail: &Value| mail["text"].as_str().expect("a text").to_owned();
    let secret = |text: String| Some(text.split_once("token=")?.1.split_whitespace().next()?.to_owned());
    mails.iter().map(text).filter_map(secret).collect()
}

/// The secret of the link that is mailed as the so-manieth, as soon as it is there.
async fn link(shop: &Shop, email: &str, nth: usize) -> String {
    let there = async {
        loop {
            let mut links = links(shop, email).await;
            if links.len() >= nth {
                return links.remove(0);
            }
        }
    };
    let patience = Duration::from_secs(30);
    let link = tokio::time::timeout(patience, there).await;
    link.unwrap_or_else(|_| panic!("link {nth} was not mailed to {email}"))
}

fn with(token: &str) -> Value {
    json!({ "token": token, "new": "a new secret" })
}

#[actix_web::test]
async fn a_link_is_good_once_and_ends_every_session() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    forget(&shop, "Anna@example.com").await;
    let secret = link(&shop, "anna@example.com", 1).await;
    let short = json!({ "token": secret, "new": "12345" });
    shop.visitor().post(RESET, short).await.problem(400, "invalid");
    anna.get("/api/auth/me").await.expect(200);
    shop.visitor().post(RESET, with(&secret)).await.expect(200);
    anna.get("/api/auth/me").await.problem(401, "unauthenticated");
    let old = json!({ "username": "anna", "password": password_of("anna") });
    login(&shop, old).await.expect(401);
    let new = json!({ "username": "anna", "password": "a new secret" });
    me(&shop, token(&login(&shop, new).await.expect(200)))
        .await
        .expect(200);
    let again = json!({ "token": secret, "new": "another secret" });
    let answer = shop.visitor().post(RESET, again).await;
    assert_eq!(answer.problem(400, "bad_token").bad_fields(), ["token"]);
    shop.stop().await;
}

#[actix_web::test]
async fn nobody_can_tell_whether_there_is_such_an_account() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    let mut times = Vec::new();
    for email in ["anna@example.com", "nobody@example.com"] {
        let since = Instant::now();
        forget(&shop, email).await;
        times.push(since.elapsed());
    }
    let least = Duration::from_millis(250);
    assert!(times.iter().all(|time| *time >= least), "{times:?}");
    assert!(mails_to(&shop, "nobody@example.com").await.is_empty());
    let bad = shop.visitor().post(FORGOT, json!({ "email": "nobody" })).await;
    assert_eq!(bad.problem(400, "invalid").bad_fields(), ["email"]);
    shop.stop().await;
}

#[actix_web::test]
async fn whoever_asks_again_at_once_gets_no_second_mail() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    for _ in 0..3 {
        forget(&shop, "anna@example.com").await;
    }
    assert_eq!(links(&shop, "anna@example.com").await.len(), 1);
    shop.stop().await;
}

#[actix_web::test]
async fn a_link_ends_with_a_new_password_or_after_an_hour() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    shop.shopper("bert").await;
    forget(&shop, "anna@example.com").await;
    let secret = link(&shop, "anna@example.com", 1).await;
    let change = json!({ "old": password_of("anna"), "new": "her own secret" });
    anna.post("/api/auth/password/change", change).await.expect(200);
    let answer = shop.visitor().post(RESET, with(&secret)).await;
    answer.problem(400, "bad_token");

    forget(&shop, "bert@example.com").await;
    let secret = link(&shop, "bert@example.com", 1).await;
    let shop = shop.reopen_after(Duration::from_mins(61)).await;
    let answer = shop.visitor().post(RESET, with(&secret)).await;
    answer.problem(400, "bad_token");
    forget(&shop, "bert@example.com").await;
    let secret = link(&shop, "bert@example.com", 2).await;
    shop.visitor().post(RESET, with(&secret)).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_secret_that_was_made_up_opens_nothing() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    forget(&shop, "anna@example.com").await;
    let secret = link(&shop, "anna@example.com", 1).await;
    let flipped = if secret.ends_with('0') { "1" } else { "0" };
    let nearly = format!("{}{flipped}", &secret[..secret.len() - 1]);
    let other = format!("0123456789abcdef01234567{}", &secret[24..]);
    for made_up in ["x", "é".repeat(12).as_str(), &anna.id, &nearly] {
        let answer = shop.visitor().post(RESET, with(made_up)).await;
        answer.problem(400, "bad_token");
    }
    shop.visitor()
        .post(RESET, with(&other))
        .await
        .problem(400, "bad_token");
    shop.stop().await;
}

#[actix_web::test]
async fn the_store_never_holds_the_secret_of_a_link() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    forget(&shop, "anna@example.com").await;
    let secret = link(&shop, "anna@example.com", 1).await;
    let store = &shop.runtime.engine().store;
    let key = Key::Id(anna.id.parse().expect("an id"));
    let account = store.get(&ACCOUNTS, vec![key]).await.expect("an answer");
    let letters = bazaar::store::Query::by_index(&bazaar::domain::letter::LETTERS, "created", Vec::new());
    let letters = store.find(letters).await.expect("an answer").documents;
    let events = store.feed(None, 100).await.expect("an answer").events;
    let rows = account.into_iter().flatten().chain(letters).chain(events);
    for row in rows {
        let row = format!("{row:?}");
        let hidden = secret[24..].to_owned();
        let bytes = String::from_utf8_lossy(hidden.as_bytes()).into_owned();
        assert!(!row.contains(&bytes), "{row}");
        assert!(!row.contains(&hex::encode(&hidden)), "{row}");
    }
    shop.stop().await;
}
