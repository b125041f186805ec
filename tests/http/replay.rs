//! What happened, told once more from the command line.

use std::path::Path;
use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use crate::binary::Binary;
use crate::power::{PATIENCE, Question, Server};

const SINCE_EVER: [&str; 2] = ["--from", "1970-01-01T00:00:00Z"];

/// Whether it was done, and what was said.
async fn replay(folder: &Path, from: [&str; 2], consumer: &str) -> (bool, String) {
    let command = [&["events", "replay"], &from[..], &["--consumer", consumer]].concat();
    let output = Binary::run(folder, &command).await;
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Waits until so many letters were written.
async fn letters_come_to(server: &Server, many: usize) {
    let (admin, since) = (server.admin().await, Instant::now());
    loop {
        let question = Question::new(Method::GET, "/api/ops/mails", &admin);
        let listed = server.expect(question).await;
        if listed["meta"]["total"] == json!(many) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "there are still {listed}");
    }
}

#[actix_web::test]
async fn a_replay_says_what_stands_in_its_way_and_writes_no_letter_twice() {
    let (server, binary) = Server::start_with("").await;
    server.register("anna", "user").await;
    letters_come_to(&server, 2).await; // hers and the admin's
    let folder = server.folder.path();
    let (done, said) = replay(folder, SINCE_EVER, "notifier").await;
    assert!(
        !done && said.contains("is in use by another process; stop it first"),
        "{said}"
    );
    binary.terminate().await;

    let (done, said) = replay(folder, SINCE_EVER, "nobody").await;
    assert!(
        !done && said.contains("there is no consumer nobody; there are notifier, projections"),
        "{said}"
    );
    let stranger = "order/0123456789abcdef01234567/0000000001.0000";
    let (done, said) = replay(folder, ["--from", stranger], "notifier").await;
    assert!(!done && said.contains("there is no event order/"), "{said}");
    let (done, said) = replay(folder, ["--from", "yesterday"], "notifier").await;
    assert!(!done && said.contains("neither a time"), "{said}");

    let (done, said) = replay(folder, SINCE_EVER, "notifier").await;
    assert!(done && said.contains("notifier was told"), "{said}");
    let binary = server.start_again().await;
    letters_come_to(&server, 2).await;
    binary.kill().await;
}
