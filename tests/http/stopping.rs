//! A stop loses nobody who was inside: P10 on the binary itself.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::binary::Binary;

const CLIENTS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(30);

/// So often the binary is told to stop; `BAZAAR_TEST_STOPS` asks for more.
fn stops() -> usize {
    let wanted = std::env::var("BAZAAR_TEST_STOPS").ok();
    wanted.and_then(|many| many.parse().ok()).unwrap_or(20)
}

/// Adds one address after the other on a connection of its own, until the server says goodbye.
/// Says how many were taken.
async fn keep_asking(url: &str, token: &str, answered: &watch::Sender<u64>) -> usize {
    let client = Client::builder()
        .pool_max_idle_per_host(1)
        .build()
        .expect("a client");
    let street = json!({
        "street": "1 MG Road", "city": "Pune", "state": "MH", "country": "IN", "zip": "411001",
    });
    let mut added = 0;
    loop {
        let call = client.post(format!("{url}/api/auth/users/me/addresses"));
        let call = call.bearer_auth(token).json(&street).timeout(PATIENCE);
        let answer = match call.send().await {
            Ok(answer) => answer,
            // Whoever comes when the door is shut was not inside.
            Err(error) if error.is_connect() => return added,
            Err(error) => panic!("a request that was let in got no answer: {error:?}"),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.expect("an answer comes whole");
        let told = [StatusCode::CREATED, StatusCode::BAD_REQUEST, StatusCode::CONFLICT];
        assert!(told.contains(&status), "{status}: {body}");
        added += usize::from(status == StatusCode::CREATED);
        answered.send_modify(|count| *count += 1);
        if headers
            .get("connection")
            .is_some_and(|connection| connection == "close")
        {
            return added;
        }
    }
}

async fn register(url: &str, name: &str) -> String {
    let body = json!({ "email": format!("{name}@example.com"), "password": "a good secret" });
    let call = Client::new().post(format!("{url}/api/auth/register")).json(&body);
    let answer: Value = call.send().await.expect("an answer").json().await.expect("JSON");
    answer["token"].as_str().expect("a token").to_owned()
}

#[actix_web::test]
async fn whoever_is_inside_when_the_shop_is_told_to_stop_is_answered() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    for stop in 0..stops() {
        let binary = Binary::start(folder.path()).await;
        let url = binary.url().to_owned();
        let names = (0..CLIENTS).map(|n| format!("buyer{stop}-{n}"));
        let tokens = join_all(names.map(|name| async { register(binary.url(), &{ name }).await })).await;
        let (answered, mut counted) = watch::channel(0);
        let clients = join_all(tokens.iter().map(|token| keep_asking(&url, token, &answered)));
        let ended = async {
            // What is lent for the waiting must be given back before anybody counts on.
            let waited = counted.wait_for(|count| *count >= 40).await.is_ok();
            assert!(waited, "the clients go on until the server says goodbye");
            binary.terminate().await
        };
        let (taken, ended) = futures_util::join!(clients, ended);
        assert!(ended.success(), "stop {stop} ended with {ended}");
        let binary = Binary::start(folder.path()).await;
        for (token, taken) in tokens.iter().zip(taken) {
            let call = Client::new().get(format!("{}/api/auth/users/me/addresses", binary.url()));
            let call = call.bearer_auth(token).send().await.expect("an answer");
            let kept: Value = call.json().await.expect("JSON");
            let kept = kept["addresses"].as_array().map(Vec::len);
            assert_eq!(
                kept,
                Some(taken),
                "stop {stop}: what was answered with 201 is there"
            );
        }
        binary.kill().await;
    }
}

#[actix_web::test]
async fn a_start_that_waits_for_its_database_can_be_stopped() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let (binary, _silent) = Binary::start_in_vain(folder.path()).await;
    let ended = tokio::time::timeout(PATIENCE, binary.terminate()).await;
    let ended = ended.expect("it stops although it has not started");
    assert!(ended.success(), "the stop ended with {ended}");
}
