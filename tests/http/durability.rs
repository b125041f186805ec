//! What was answered with a 2xx is there after kill -9.

use std::time::Duration;

use bazaar::clock::Chance;
use futures_util::future::join_all;
use parking_lot::Mutex;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::binary::Binary;

const KILLS: usize = 20;
const CLIENTS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody whose registration was answered with 201.
struct Registered {
    name: String,
    token: String,
}

/// Registers one after the other, until the server is gone.
async fn keep_registering(
    url: &str,
    who: String,
    heard: &Mutex<Vec<Registered>>,
    count: &watch::Sender<u64>,
) {
    let client = Client::new();
    for n in 0.. {
        let name = format!("{who}-{n}");
        let body =
            json!({ "email": format!("{name}@example.com"), "username": name, "password": "a good secret" });
        let call = client.post(format!("{url}/api/auth/register")).json(&body);
        let Ok(response) = call.timeout(PATIENCE).send().await else {
            return;
        };
        let status = response.status();
        let Ok(body) = response.json::<Value>().await else {
            return;
        };
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let token = body["token"].as_str().expect("a token").to_owned();
        heard.lock().push(Registered { name, token });
        count.send_modify(|count| *count += 1);
    }
}

#[actix_web::test]
async fn whoever_was_told_that_he_is_registered_still_is_after_kill_9() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let heard = Mutex::new(Vec::new());
    let chance = Chance::unforeseeable();
    for kill in 0..KILLS {
        let binary = Binary::start(folder.path()).await;
        let url = binary.url().to_owned();
        let (count, mut counted) = watch::channel(0);
        let clients =
            (0..CLIENTS).map(|n| keep_registering(&url, format!("buyer{kill}-{n}"), &heard, &count));
        let enough = chance.below(40) + 1;
        let killer = async {
            let waited = counted.wait_for(|count| *count >= enough).await;
            assert!(
                waited.is_ok(),
                "the registrations go on until somebody kills the server"
            );
            binary.kill().await;
        };
        futures_util::join!(join_all(clients), killer);
    }
    let binary = Binary::start(folder.path()).await;
    let client = Client::new();
    let heard = heard.into_inner();
    println!("{} registrations were answered with 201", heard.len());
    for Registered { name, token } in &heard {
        let call = client
            .get(format!("{}/api/auth/me", binary.url()))
            .bearer_auth(token);
        let answer: Value = call.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(
            answer["user"]["username"], **name,
            "{name} was told 201: {answer}"
        );
    }
    binary.kill().await;
}

#[actix_web::test]
async fn an_admin_is_made_on_the_command_line() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let create = async |email: &str, password: &str| {
        let arguments = ["admin", "create", "--email", email, "--password", password];
        Binary::run(folder.path(), &arguments).await
    };
    let refused = create("root", "a good secret").await;
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("not an email address"), "{said}");
    for (password, expected) in [("a good secret", "new"), ("another secret", "gone")] {
        let created = create("root@example.com", password).await;
        let said = String::from_utf8_lossy(&created.stdout).into_owned();
        assert!(created.status.success() && said.contains(expected), "{created:?}");
        assert!(!said.contains(password), "{said}");
    }
    let binary = Binary::start(folder.path()).await;
    let login = async |password: &str| {
        let body = json!({ "email": "root@example.com", "password": password });
        let call = Client::new()
            .post(format!("{}/api/auth/login", binary.url()))
            .json(&body);
        call.send().await.expect("an answer")
    };
    let old = login("a good secret").await;
    assert_eq!(
        old.status(),
        StatusCode::UNAUTHORIZED,
        "the password was replaced"
    );
    let answer: Value = login("another secret").await.json().await.expect("JSON");
    assert_eq!(answer["user"]["role"], "admin");
    binary.kill().await;
}
