//! The official client of Socket.IO, for Node.js, at the binary itself: over both transports, at
//! both paths, and refused with the words that it knows.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::power::Server;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/socketio_client.js");
/// It greets four times; a hang is a fault.
const PATIENCE: Duration = Duration::from_mins(1);

/// The folder that the client is in. Without it there is nothing to test, which only the machine
/// that runs every test may not put up with.
fn package() -> Option<String> {
    let folder = std::env::var("BAZAAR_TEST_SOCKETIO").ok();
    if folder.is_none() {
        assert!(std::env::var("CI").is_err(), "BAZAAR_TEST_SOCKETIO is not set");
        println!("skipped: BAZAAR_TEST_SOCKETIO is not set");
    }
    folder
}

async fn tell(package: &str, told: &Value) -> Value {
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
async fn the_official_client_is_let_in_answered_and_refused() {
    let Some(package) = package() else {
        return;
    };
    let (server, binary) = Server::start().await;
    let anna = server.register("anna", "user").await;
    let said = tell(&package, &json!({ "url": binary.url(), "token": anna })).await;
    for (how, transport) in [
        ("usual", "websocket"),
        ("polling", "polling"),
        ("socket", "websocket"),
        ("other", "websocket"),
    ] {
        let heard = &said[how];
        assert_eq!(heard["transport"], transport, "{how}: {said}");
        assert_eq!(heard["acknowledged"], true, "{how}: {said}");
        let message = heard["message"].as_str().unwrap_or_default();
        assert!(message.contains("Hello"), "{how}: {said}");
    }
    for by in ["", "_by_socket"] {
        assert_eq!(said[format!("nobody{by}")], "Token not provided", "{said}");
        assert_eq!(said[format!("forged{by}")], "Invalid token", "{said}");
    }
    binary.kill().await;
}
