//! What operators see and do.

use serde_json::{Value, json};

use crate::shop::Shop;

#[actix_web::test]
async fn a_node_that_lives_and_has_its_store_is_ready() {
    let shop = Shop::start().await;
    shop.visitor().get("/healthz").await.expect(200);
    let ready = shop.visitor().get("/readyz").await.expect(200);
    assert_eq!(ready.body["status"], "ready");
    assert_eq!(
        ready.body["dependencies"]["store"],
        json!({ "state": "up", "needed": true })
    );
    shop.stop().await;
}

#[actix_web::test]
async fn the_metrics_count_requests_owners_and_commits() {
    let shop = Shop::start().await;
    shop.shopper("anna").await;
    shop.visitor().get("/nothing/at/all").await.expect(404);
    let metrics = shop.visitor().get("/metrics").await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let counted = [
        r#"bazaar_http_request_seconds_count{method="POST",route="/api/auth/register",status="201"} 1"#,
        r#"bazaar_http_request_seconds_count{method="GET",route="unknown",status="404"} 1"#,
        r#"bazaar_owners_awake{kind="account"}"#,
        r#"bazaar_owners_restarts_total{kind="account"} 0"#,
        "bazaar_store_commits_total",
        "process_resident_memory_bytes",
    ];
    for line in counted {
        assert!(metrics.text.contains(line), "no {line} in\n{}", metrics.text);
    }
    shop.stop().await;
}

#[actix_web::test]
async fn an_admin_sees_the_owners_and_a_killed_one_starts_anew_from_the_store() {
    let shop = Shop::start().await;
    let (anna, admin) = (shop.shopper("anna").await, shop.admin().await);
    let accounts = |answer: &Value| {
        let actors = answer["actors"].as_array().cloned().unwrap_or_default();
        actors
            .into_iter()
            .find(|kind| kind["kind"] == "account")
            .unwrap_or_default()
    };
    let before = admin.get("/api/ops/actors").await.expect(200);
    assert!(
        accounts(&before.body)["awake"].as_u64() >= Some(1),
        "{}",
        before.body
    );
    assert!(
        before.body["committer"]["commits"].as_u64() >= Some(1),
        "{}",
        before.body
    );

    let kill = format!("/api/ops/actors/account/{}/kill", anna.id);
    admin.post(&kill, json!({})).await.expect(200);
    let me = anna.get("/api/auth/me").await.expect(200);
    assert_eq!(me.body["user"]["username"], "anna", "what was stored is there");
    let after = admin.get("/api/ops/actors").await.expect(200);
    assert_eq!(accounts(&after.body)["restarts"], 1, "{}", after.body);
    shop.stop().await;
}

#[actix_web::test]
async fn only_what_is_awake_can_be_killed() {
    let shop = Shop::start().await;
    let admin = shop.admin().await;
    let nobody = "ffffffffffffffffffffffff";
    let path = format!("/api/ops/actors/account/{nobody}/kill");
    admin.post(&path, json!({})).await.problem(404, "not_found");
    let path = format!("/api/ops/actors/teapot/{nobody}/kill");
    admin.post(&path, json!({})).await.problem(404, "not_found");
    shop.stop().await;
}
