//! Razorpay's own package, for Python, at our sandbox: it believes our signatures, makes the same
//! ones, and finds the API that it knows.

use std::process::Stdio;

use bazaar::services::payments::razorpay::signature;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::shop::Shop;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/razorpay_package.py");
const WEBHOOK_SECRET: &str = "a webhook's secret";

/// The folder that the package is in. Without it there is nothing to test, which only the machine
/// that runs every test may not put up with.
fn package() -> Option<String> {
    let folder = std::env::var("BAZAAR_TEST_RAZORPAY").ok();
    if folder.is_none() {
        assert!(std::env::var("CI").is_err(), "BAZAAR_TEST_RAZORPAY is not set");
        println!("skipped: BAZAAR_TEST_RAZORPAY is not set");
    }
    folder
}

async fn tell(package: &str, told: &Value) -> Value {
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
async fn razorpays_own_package_believes_us_and_finds_what_it_knows() {
    let Some(package) = package() else {
        return;
    };
    let shop = Shop::start().await;
    let (key, secret) = ("rzp_test_bazaarsandbox", "bazaar-sandbox-secret");
    let checkout = signature::sign(&SecretString::from(secret), b"order_1|pay_1");
    let body = r#"{"event":"payment.captured","note":"₹ 1,299"}"#;
    let webhook = signature::sign(&SecretString::from(WEBHOOK_SECRET), body.as_bytes());
    let told = json!({
        "url": format!("{}/sandbox/razorpay", shop.url()),
        "key": key,
        "secret": secret,
        "checkout": {
            "razorpay_order_id": "order_1",
            "razorpay_payment_id": "pay_1",
            "razorpay_signature": checkout,
        },
        "webhook": { "body": body, "signature": webhook, "secret": WEBHOOK_SECRET },
    });
    let said = tell(&package, &told).await;
    let wanted = json!({
        "checkout": true,
        "checkout_forged": false,
        "checkout_theirs": checkout,
        "webhook": true,
        "webhook_theirs": webhook,
        "found": 1,
        "paid_for": true,
        "status": "captured",
        "attempts": 1,
        "order": "paid",
        "refund": "processed",
        "refused": "The payment has been fully refunded already",
    });
    assert_eq!(said, wanted);
    shop.stop().await;
}
