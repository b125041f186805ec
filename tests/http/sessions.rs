//! What ends a session: signing out, another password, another role.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::accounts::{login, me, token};
use crate::shop::{Shop, password_of};

#[actix_web::test]
async fn a_logout_is_always_answered_and_ends_the_session_everywhere() {
    let shop = Shop::start().await;
    let out = "/api/auth/logout";
    for method in [Method::GET, Method::POST] {
        shop.visitor().call(method.clone(), out).send().await.expect(200);
        let name = format!("anna-{}", method.as_str().to_lowercase());
        let anna = shop.shopper(&name).await;
        let body = json!({ "username": name, "password": password_of(&name) });
        let elsewhere = login(&shop, body).await.expect(200);
        anna.call(method.clone(), out).send().await.expect(200);
        for (method, path) in [
            (Method::GET, "/api/auth/me"),
            (Method::GET, "/api/auth/users/me/addresses"),
            (Method::PATCH, "/api/auth/users/me"),
            (Method::POST, "/api/auth/password/change"),
            (Method::GET, "/api/auth/users"),
        ] {
            let answer = anna.call(method, path).send().await;
            answer.problem(401, "unauthenticated");
        }
        anna.call(method, out).send().await.expect(200);
        me(&shop, token(&elsewhere)).await.expect(200);
    }
    shop.stop().await;
}

/// Ends sessions while they are used: whoever asks after the answer to the logout is refused.
#[actix_web::test]
async fn no_token_outlives_the_answer_to_its_logout() {
    let shop = Shop::start().await;
    let names: Vec<_> = (0..20).map(|n| format!("buyer{n}")).collect();
    let people = join_all(names.iter().map(|name| shop.shopper(name))).await;
    join_all(people.iter().map(async |who| {
        let used = || join_all((0..5).map(|_| who.get("/api/auth/me")));
        let (out, during) = futures_util::join!(who.post("/api/auth/logout", json!({})), used());
        out.expect(200);
        assert!(
            during.iter().all(|answer| matches!(answer.status, 200 | 401)),
            "{during:?}"
        );
        for answer in used().await {
            answer.problem(401, "unauthenticated");
        }
    }))
    .await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_new_password_ends_every_session_but_the_one_that_asked() {
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let old = json!({ "username": "anna", "password": password_of("anna") });
    let elsewhere = login(&shop, old.clone()).await.expect(200);
    let path = "/api/auth/password/change";
    let wrong = json!({ "old": "not the password", "new": "a new secret" });
    anna.post(path, wrong).await.problem(400, "wrong_password");
    let short = json!({ "oldPassword": password_of("anna"), "newPassword": "12345" });
    anna.post(path, short).await.problem(400, "invalid");
    me(&shop, token(&elsewhere)).await.expect(200);
    let change = json!({ "old": password_of("anna"), "new": "a new secret" });
    anna.post(path, change).await.expect(200);
    me(&shop, token(&elsewhere)).await.problem(401, "unauthenticated");
    anna.get("/api/auth/me").await.expect(200);
    login(&shop, old).await.expect(401);
    let new = json!({ "username": "anna", "password": "a new secret" });
    let new = login(&shop, new).await.expect(200);
    anna.post("/api/auth/logout", json!({})).await.expect(200);
    anna.get("/api/auth/me").await.expect(401);
    me(&shop, token(&new)).await.expect(200);
    shop.stop().await;
}

#[actix_web::test]
async fn a_new_role_counts_from_the_next_login_on_and_no_token_has_the_old_one() {
    let shop = Shop::start().await;
    let (admin, anna, bert) = (
        shop.admin().await,
        shop.shopper("anna").await,
        shop.shopper("bert").await,
    );
    let path = format!("/api/auth/users/{}/role", anna.id);
    bert.patch(&path, json!({ "role": "seller" }))
        .await
        .problem(403, "forbidden");
    let answer = admin.patch(&path, json!({ "role": "seller" })).await.expect(200);
    assert_eq!(answer.body["user"]["role"], "seller");
    anna.get("/api/auth/me").await.problem(401, "unauthenticated");
    bert.get("/api/auth/me").await.expect(200);
    let again = json!({ "username": "anna", "password": password_of("anna") });
    assert_eq!(
        login(&shop, again).await.expect(200).body["user"]["role"],
        "seller"
    );
    admin
        .patch(&path, json!({ "role": "root" }))
        .await
        .problem(400, "invalid");
    let unknown = "/api/auth/users/0123456789abcdef01234567/role";
    admin
        .patch(unknown, json!({ "role": "user" }))
        .await
        .problem(404, "not_found");
    admin
        .patch("/api/auth/users/1/role", json!({ "role": "user" }))
        .await
        .expect(400);
    shop.stop().await;
}

#[actix_web::test]
async fn an_admin_sees_all_users_the_newest_first_and_in_parts() {
    let shop = Shop::start().await;
    let admin = shop.admin().await;
    for name in ["anna", "bert", "cleo", "dora"] {
        shop.shopper(name).await;
    }
    let list = async |query: &str| {
        let answer = admin.get(&format!("/api/auth/users?{query}")).await.expect(200);
        assert!(!answer.text.contains("$2b$"), "{}", answer.text);
        let users = answer.body["users"].as_array().expect("users").iter();
        let names = users.map(|user| user["username"].as_str().expect("a name").to_owned());
        (names.collect::<Vec<_>>(), answer.body["meta"].clone())
    };
    assert_eq!(list("").await.0, ["dora", "cleo", "bert", "anna", "admin"]);
    let (names, meta) = list("limit=2&skip=1").await;
    assert_eq!(names, ["cleo", "bert"]);
    let cursor = meta["nextCursor"].as_str().expect("there is more");
    let told = json!({ "total": 5, "limit": 2, "skip": 1, "nextCursor": cursor });
    assert_eq!(meta, told);
    assert_eq!(list(&format!("cursor={cursor}")).await.0, ["anna", "admin"]);
    assert_eq!(list("role=admin").await.0, ["admin"]);
    let bad = admin
        .get("/api/auth/users?limit=101&skip=-1&role=root&cursor=*")
        .await;
    assert_eq!(
        bad.problem(400, "invalid").bad_fields(),
        ["role", "limit", "skip", "cursor"]
    );
    shop.stop().await;
}
