//! Letters that were not sent before kill -9 are sent after it, each once.

use std::collections::BTreeSet;

use serde_json::json;

use crate::binary::Binary;
use crate::smtp::{Mood, SmtpServer};

const KILLS: usize = 3;
const PEOPLE: usize = 5;

#[actix_web::test]
async fn every_letter_goes_out_once_whenever_the_runtime_is_killed() {
    let server = SmtpServer::start().await;
    server.usually(Mood::Says("451 come back later"));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = format!(
        "[mail]\nhost = '127.0.0.1'\nport = {}\nfrom = 'shop@example.com'\ntimeout_ms = 1000\n\
         [demo]\nseed = false\n",
        server.port
    );
    std::fs::write(folder.path().join("config.toml"), settings).expect("a file");
    let client = reqwest::Client::new();
    let mut expected = BTreeSet::new();
    for kill in 0..KILLS {
        let shop = Binary::start(folder.path()).await;
        for n in 0..PEOPLE {
            let email = format!("anna-{kill}-{n}@example.com");
            let body = json!({ "email": email, "password": "a good secret" });
            let call = client
                .post(format!("{}/api/auth/register", shop.url()))
                .json(&body);
            let answer = call.send().await.expect("an answer");
            assert_eq!(answer.status(), 201);
            expected.insert(email);
        }
        server.has_refused(kill + 1).await;
        shop.kill().await;
    }
    server.usually(Mood::Takes);
    let shop = Binary::start(folder.path()).await;
    let taken = server.has_taken(expected.len()).await;
    shop.kill().await;
    let to: BTreeSet<_> = taken.iter().map(|mail| mail.to.clone()).collect();
    let ids: BTreeSet<_> = taken
        .iter()
        .map(|mail| mail.header("Message-ID").to_owned())
        .collect();
    assert_eq!(to, expected);
    assert_eq!(
        (ids.len(), taken.len()),
        (expected.len(), expected.len()),
        "one for each event"
    );
}
