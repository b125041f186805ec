//! Whose webhooks are, how many there may be, and what is none.

use serde_json::json;

use crate::shop::Shop;
use crate::webhooks::{register, shop};

#[actix_web::test]
async fn nobody_sees_or_touches_the_webhook_of_another() {
    let shop = shop().await;
    let (cleo, dora, admin) = (
        shop.seller("cleo").await,
        shop.seller("dora").await,
        shop.admin().await,
    );
    let (webhook, secret) = register(&cleo, "https://example.com/hook", &["order.*"]).await;
    let path = format!("/api/webhooks/{webhook}");
    for stranger in [&*dora, &*admin] {
        stranger
            .patch(&path, json!({ "enabled": false }))
            .await
            .problem(404, "not_found");
        stranger.delete(&path).await.problem(404, "not_found");
        let log = stranger.get(&format!("{path}/deliveries")).await;
        log.problem(404, "not_found");
        let listed = stranger.get("/api/webhooks").await.expect(200);
        assert_eq!(listed.body["webhooks"], json!([]));
    }
    let listed = cleo.get("/api/webhooks").await.expect(200);
    assert_eq!(listed.body["webhooks"][0]["enabled"], true);
    assert_eq!(listed.body["meta"]["total"], 1);
    assert!(
        !listed.text.contains(&secret),
        "the secret is told once: {}",
        listed.text
    );
    cleo.delete(&path).await.expect(204);
    cleo.delete(&path).await.problem(404, "not_found");
    shop.stop().await;
}

#[actix_web::test]
async fn there_are_twenty_webhooks_for_each_owner_at_the_most() {
    let shop = shop().await;
    let cleo = shop.seller("cleo").await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(
            register(&cleo, &format!("https://example.com/{n}"), &["#"])
                .await
                .0,
        );
    }
    let body = json!({ "url": "https://example.com/", "events": ["#"] });
    let full = cleo.post("/api/webhooks", body).await;
    full.problem(409, "too_many_webhooks");
    let dora = shop.seller("dora").await;
    register(&dora, "https://example.com/", &["#"]).await;
    cleo.delete(&format!("/api/webhooks/{}", ids[7]))
        .await
        .expect(204);
    register(&cleo, "https://example.com/", &["#"]).await;
    shop.stop().await;
}

#[actix_web::test]
async fn what_leads_into_the_house_or_means_nothing_is_not_registered() {
    let shop = Shop::start().await;
    let cleo = shop.seller("cleo").await;
    for url in [
        "",
        "shop",
        "ftp://example.com/",
        "http://localhost/",
        "http://127.0.0.1:8080/",
        "http://2130706433/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://anna:secret@example.com/",
        "http://example.com:22/",
    ] {
        let answer = cleo
            .post("/api/webhooks", json!({ "url": url, "events": ["#"] }))
            .await;
        let answer = answer.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), ["url"], "{url}");
    }
    let many: Vec<_> = ('a'..='z').map(String::from).collect();
    for events in [
        json!([]),
        json!("order.*"),
        json!([""]),
        json!(["order."]),
        json!(["Order.*"]),
        json!(["ord*"]),
        json!([1]),
        json!(many),
        json!(["a".repeat(101)]),
        json!(null),
    ] {
        let body = json!({ "url": "https://example.com/", "events": events });
        let answer = cleo.post("/api/webhooks", body).await.problem(400, "invalid");
        assert_eq!(answer.bad_fields(), ["events"], "{events}");
    }
    shop.stop().await;
}
