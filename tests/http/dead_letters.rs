//! The messages that nobody could take, from the command line.

use std::path::Path;

use lapin::BasicProperties;
use reqwest::Method;

use crate::binary::Binary;
use crate::power::{Question, Server};
use crate::rabbit_server::RabbitServer;

const QUEUE: &str = "bazaar.notifier";

/// What the command said, and whether it did what it was told.
async fn dead_letters(folder: &Path, more: &[&str]) -> (bool, String) {
    let output = Binary::run(folder, &[&["events", "dead-letters"], more].concat()).await;
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[actix_web::test]
async fn what_nobody_could_take_is_shown_and_put_back_from_the_command_line() {
    let Some(broker) = RabbitServer::start().await else {
        return;
    };
    let settings = format!("[rabbitmq]\nurl = \"{}\"\n", broker.url());
    let (server, binary) = Server::start_with(&settings).await;
    let admin = server.admin().await;
    while broker.waiting(QUEUE).await.is_none() {}
    let foreign = BasicProperties::default().with_delivery_mode(2);
    broker.publish("", QUEUE, b"not of this shop", foreign).await;
    let listed = loop {
        let question = Question::new(Method::GET, "/api/ops/dead-letters?limit=1", &admin);
        let listed = server.expect(question).await;
        if listed["meta"]["total"] == 1 {
            break listed;
        }
    };
    let letter = &listed["deadLetters"][0];
    assert_eq!(letter["queue"], QUEUE, "{listed}");
    binary.terminate().await;

    let folder = server.folder.path();
    let (done, said) = dead_letters(folder, &[]).await;
    assert!(done, "{said}");
    for shown in [
        letter["id"].as_str().expect("it has an id"),
        QUEUE,
        letter["reason"].as_str().expect("it has a reason"),
        "1 messages could not be taken.",
    ] {
        assert!(said.contains(shown), "{shown} is not shown: {said}");
    }
    let (done, said) = dead_letters(folder, &["--retry"]).await;
    assert!(done && said.contains("1 messages are tried again."), "{said}");
    let (done, said) = dead_letters(folder, &[]).await;
    assert!(done && said.contains("0 messages could not be taken."), "{said}");
    assert_eq!(
        broker.waiting(QUEUE).await,
        Some(1),
        "it waits where it came from"
    );
}

#[actix_web::test]
async fn without_a_broker_that_answers_the_command_says_why_it_cannot() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let (done, said) = dead_letters(folder.path(), &[]).await;
    assert!(!done && said.contains("rabbitmq.url is not set"), "{said}");
    let nowhere = "[rabbitmq]\nurl = \"amqp://guest:guest@127.0.0.1:1\"\n";
    std::fs::write(folder.path().join("config.toml"), nowhere).expect("the folder can be written to");
    let (done, said) = dead_letters(folder.path(), &["--retry"]).await;
    assert!(
        !done && said.contains("the broker at rabbitmq.url failed to connect"),
        "{said}"
    );
    assert!(!said.contains("guest"), "the password is shown: {said}");
}
