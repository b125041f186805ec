//! The official client of the Model Context Protocol for Node.js, which speaks the revisions with a
//! handshake, shopping at the binary itself.

use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::power::{Question, Server};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/mcp_client.js");
/// It asks some twenty things; a hang is a fault.
const PATIENCE: Duration = Duration::from_mins(1);

/// The folder that the client is in. Without it there is nothing to test, which only the machine
/// that runs every test may not put up with.
fn package() -> Option<String> {
    let folder = std::env::var("BAZAAR_TEST_MCP_NODE").ok();
    if folder.is_none() {
        assert!(std::env::var("CI").is_err(), "BAZAAR_TEST_MCP_NODE is not set");
        println!("skipped: BAZAAR_TEST_MCP_NODE is not set");
    }
    folder
}

async fn shop_around(package: &str, told: &Value) -> Value {
    let mut node = Command::new("node")
        .arg(SCRIPT)
        .env("NODE_PATH", package)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("there is a node");
    let mut input = node.stdin.take().expect("standard input was asked for");
    let told = told.to_string();
    input.write_all(told.as_bytes()).await.expect("it listens");
    drop(input);
    let output = tokio::time::timeout(PATIENCE, node.wait_with_output()).await;
    let output = output.expect("it ends in time").expect("it ends");
    assert!(output.status.success(), "the client failed");
    serde_json::from_slice(&output.stdout).expect("it says JSON")
}

#[actix_web::test]
async fn the_official_client_for_node_shops_and_is_kept_within_its_limits() {
    let Some(package) = package() else {
        return;
    };
    let (server, binary) = Server::start().await;
    let (anna, bert) = (
        server.register("anna", "user").await,
        server.register("bert", "user").await,
    );
    let cleo = server.register("cleo", "seller").await;
    let tent = server.put_up(&cleo, 5).await;
    server
        .expect(Question::new(Method::POST, "/api/auth/logout", &bert))
        .await;
    let url = format!("{}/mcp", binary.url());
    let told = json!({ "url": url, "token": anna, "dead": bert, "product": tent });
    let said = shop_around(&package, &told).await;
    let (visitor, buyer) = (&said["visitor"], &said["buyer"]);
    assert_eq!(visitor["version"], "2025-11-25", "{said}");
    assert_eq!(visitor["tools"], json!(["searchProduct", "getProduct"]), "{said}");
    assert_eq!(visitor["found"], 1, "{said}");
    let catalogue = json!(["searchProduct", "getProduct", "viewCart", "myOrders"]);
    assert_eq!(buyer["reads"], catalogue, "{said}");
    assert_eq!(
        buyer["destructive"],
        json!(["updateCartItem", "removeCartItem", "placeOrder", "cancelOrder"]),
        "{said}"
    );
    assert_eq!(buyer["added"], 2, "{said}");
    for (who, what, code) in [
        (visitor, "cart", json!("unauthenticated")),
        (visitor, "unknown", json!(-32_602)),
        (visitor, "prompts", json!(-32_601)),
        (buyer, "ofSomebodyElse", json!("invalid_arguments")),
        (buyer, "negative", json!("invalid_arguments")),
        (buyer, "tooMany", json!("refused")),
        (buyer, "sellers", json!("forbidden")),
        (buyer, "ordered", json!("nothing")),
        (buyer, "sure", json!("invalid_arguments")),
        (&said, "dead", json!(401)),
        (&said, "forged", json!(401)),
    ] {
        assert_eq!(who[what], code, "{what}: {said}");
    }
    assert_eq!(
        buyer["asked"],
        json!(["Order 2 × Tent at 99.50 INR, for 199.00 INR in all?"]),
        "{said}"
    );
    let orders = server
        .expect(Question::new(Method::GET, "/api/orders/me", &anna))
        .await;
    assert_eq!(orders["meta"]["total"], 1, "{orders}");
    binary.kill().await;
}
