//! The official client of the Model Context Protocol, for Python, shopping at our server by every
//! revision that it speaks.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cart::put_up;
use crate::shop::Shop;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/mcp_package.py");

/// The folder that the package is in. Without it there is nothing to test, which only the machine
/// that runs every test may not put up with.
fn package() -> Option<String> {
    let folder = std::env::var("BAZAAR_TEST_MCP").ok();
    if folder.is_none() {
        assert!(std::env::var("CI").is_err(), "BAZAAR_TEST_MCP is not set");
        println!("skipped: BAZAAR_TEST_MCP is not set");
    }
    folder
}

async fn shop_around(package: &str, told: &Value) -> Value {
    let mut python = Command::new("python3")
        .arg(SCRIPT)
        .env("PYTHONPATH", package)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("there is a python3");
    let mut input = python.stdin.take().expect("standard input was asked for");
    input
        .write_all(told.to_string().as_bytes())
        .await
        .expect("it listens");
    drop(input);
    let output = python.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "the package failed");
    serde_json::from_slice(&output.stdout).expect("it answers JSON")
}

#[actix_web::test]
async fn the_official_client_shops_by_every_revision() {
    let Some(package) = package() else {
        return;
    };
    let shop = Shop::start().await;
    let anna = shop.shopper("anna").await;
    let product = put_up(&shop.seller("cleo").await, "10", 5).await;
    let told = json!({ "url": format!("{}/mcp", shop.url()), "token": anna.token, "product": product });
    let said = shop_around(&package, &told).await;
    for (mode, version) in [("auto", "2026-07-28"), ("legacy", "2025-11-25")] {
        let (visitor, buyer) = (&said[mode]["visitor"], &said[mode]["buyer"]);
        assert_eq!(visitor["tools"], json!(["searchProduct", "getProduct"]), "{said}");
        assert_eq!(visitor["refused"], "unauthenticated");
        assert_eq!(buyer["version"], version);
        let destructive = json!(["updateCartItem", "removeCartItem", "placeOrder", "cancelOrder"]);
        assert_eq!(buyer["destructive"], destructive);
        assert_eq!(buyer["asked"], 2, "{said}");
        assert_eq!(buyer["declined"], "declined", "{said}");
        assert_eq!(buyer["ordered"], true, "{said}");
    }
    let orders = anna.get("/api/orders/me").await.expect(200);
    assert_eq!(orders.body["meta"]["total"], 2);
    shop.stop().await;
}
