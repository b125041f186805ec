//! Mail that goes out by a server: a good one, and servers that are silent, slow, busy or strict.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Mailboxes;
use serde_json::{Value, json};

use crate::shop::{Admin, Shop};
use crate::smtp::{Mood, SmtpServer};
use crate::stand_in::{self, StandIn};

const PATIENCE: Duration = Duration::from_secs(20);
/// Nothing that a mail server does or leaves may show here.
const QUICKLY: Duration = Duration::from_secs(5);

async fn shop_with(server: &SmtpServer, more: &[(&str, &str)]) -> Shop {
    let settings = server.settings();
    let mut settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    settings.extend_from_slice(more);
    Shop::start_with(&settings).await
}

/// Waits until the log shows a letter to this address as expected.
async fn log_shows(admin: &Admin, to: &str, expected: impl Fn(&Value) -> bool) -> Value {
    let since = Instant::now();
    loop {
        let answer = admin.get("/api/ops/mails?limit=100").await.expect(200);
        let mails = answer.body["mails"].as_array().expect("a list");
        let found = mails.iter().find(|mail| mail["to"] == to && expected(mail));
        if let Some(found) = found {
            return found.clone();
        }
        assert!(since.elapsed() < PATIENCE, "the log still shows {}", answer.text);
    }
}

#[actix_web::test]
async fn a_mail_goes_out_as_text_and_as_a_page_under_a_name_of_its_own() {
    let server = SmtpServer::start().await;
    let shop = shop_with(&server, &[]).await;
    shop.shopper("anna").await;
    let mail = server.has_taken_for("anna@example.com").await;
    assert_eq!(mail.header("Subject"), "Welcome to Our Service");
    assert_eq!(mail.header("From"), "Bazaar <shop@example.com>");
    assert!(mail.header("To").contains("anna Example"), "{}", mail.data);
    for part in ["text/plain", "text/html", "Dear anna Example,"] {
        assert!(mail.data.contains(part), "{part} is missing in {}", mail.data);
    }
    let admin = shop.admin().await;
    let logged = log_shows(&admin, "anna@example.com", |mail| mail["state"] == "SENT").await;
    let id = logged["id"].as_str().expect("an id");
    assert_eq!(mail.header("Message-ID"), format!("<{id}@example.com>"));
    assert_eq!(
        (&logged["letter"], &logged["tries"]),
        (&json!("welcome"), &json!(1))
    );
    let kept = shop.visitor().get("/dev/mailbox.json").await.expect(200);
    assert_eq!(kept.body, json!([]), "what goes out is not kept");
    shop.stop().await;
}

#[actix_web::test]
async fn an_address_that_does_not_exist_costs_its_own_mail_alone_until_somebody_asks_again() {
    let server = SmtpServer::start().await;
    server.next("anna@example.com", Mood::Says("550 no such user"));
    let shop = shop_with(&server, &[]).await;
    shop.shopper("anna").await;
    shop.shopper("bert").await;
    server.has_taken_for("bert@example.com").await;
    let admin = shop.admin().await;
    let failed = log_shows(&admin, "anna@example.com", |mail| mail["state"] == "FAILED").await;
    let error = failed["error"].as_str().expect("a reason");
    assert!(error.contains("no such user"), "{error}");
    let listed = admin.get("/api/ops/mails?state=FAILED").await.expect(200);
    assert_eq!(listed.body["meta"]["total"], 1);
    let path = format!("/api/ops/mails/{}/resend", failed["id"].as_str().expect("an id"));
    let answer = admin.post(&path, json!({})).await.expect(202);
    assert_eq!(answer.body["mail"]["state"], "WAITING");
    server.has_taken_for("anna@example.com").await;
    log_shows(&admin, "anna@example.com", |mail| mail["state"] == "SENT").await;
    let log = admin.get("/api/ops/audit-log").await.expect(200);
    assert_eq!(log.body["entries"][0]["type"], "MAIL_RESENT", "{}", log.text);
    assert_eq!(log.body["entries"][0]["actor"], admin.id, "{}", log.text);
    shop.stop().await;
}

#[actix_web::test]
async fn a_server_that_is_busy_is_asked_again_later() {
    let server = SmtpServer::start().await;
    server.next("anna@example.com", Mood::Says("451 come back later"));
    server.next("anna@example.com", Mood::Says("452 still no room"));
    let shop = shop_with(&server, &[]).await;
    shop.shopper("anna").await;
    server.has_taken_for("anna@example.com").await;
    let admin = shop.admin().await;
    let logged = log_shows(&admin, "anna@example.com", |mail| mail["state"] == "SENT").await;
    assert_eq!(logged["tries"], 3);
    shop.stop().await;
}

#[actix_web::test]
async fn a_server_that_hangs_over_one_mail_holds_up_no_other_and_no_request() {
    let server = SmtpServer::start().await;
    server.next("anna@example.com", Mood::Hangs);
    let shop = shop_with(&server, &[]).await;
    shop.shopper("anna").await;
    server.has_refused(1).await;
    let since = Instant::now();
    shop.shopper("bert").await;
    assert!(since.elapsed() < QUICKLY, "{:?}", since.elapsed());
    server.has_taken_for("bert@example.com").await;
    server.has_taken_for("anna@example.com").await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_server_that_says_nothing_at_all_makes_nobody_wait_but_the_mail() {
    let server = SmtpServer::start().await;
    server.greets(Mood::Hangs);
    let shop = shop_with(&server, &[]).await;
    let since = Instant::now();
    shop.shopper("anna").await;
    assert!(since.elapsed() < QUICKLY, "{:?}", since.elapsed());
    let admin = shop.admin().await;
    let waits = log_shows(&admin, "anna@example.com", |mail| mail["error"] != json!(null)).await;
    assert!(waits["due"] != json!(null), "it is tried again: {waits}");
    server.greets(Mood::Takes);
    server.has_taken_for("anna@example.com").await;
    shop.stop().await;
}

#[actix_web::test]
async fn a_mail_that_was_taken_without_a_word_comes_again_under_the_same_name() {
    let server = SmtpServer::start().await;
    server.next("anna@example.com", Mood::TakesInSilence);
    let shop = shop_with(&server, &[]).await;
    shop.shopper("anna").await;
    let admin = shop.admin().await;
    log_shows(&admin, "anna@example.com", |mail| mail["state"] == "SENT").await;
    let taken = server.has_taken(2).await;
    let to_anna = taken.iter().filter(|mail| mail.to == "anna@example.com");
    let names: Vec<_> = to_anna.map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(names.len(), 2, "nobody can know that it was taken");
    assert_eq!(names[0], names[1], "whoever gets both sees one");
    shop.stop().await;
}

#[actix_web::test]
async fn a_shop_that_stops_over_a_hanging_server_stops_in_time_and_goes_on_later() {
    let server = SmtpServer::start().await;
    server.next("anna@example.com", Mood::Hangs);
    let shop = shop_with(&server, &[("mail.timeout_ms", "20000")]).await;
    shop.shopper("anna").await;
    server.has_refused(1).await;
    let since = Instant::now();
    let shop = shop.reopen_after(Duration::from_mins(1)).await;
    assert!(since.elapsed() < PATIENCE, "{:?}", since.elapsed());
    server.has_taken_for("anna@example.com").await;
    shop.stop().await;
}

#[actix_web::test]
async fn mail_goes_out_in_secret_or_not_at_all() {
    let server = SmtpServer::with_tls().await;
    let folder = tempfile::tempdir().expect("a folder");
    let trusted = folder.path().join("ca.pem");
    std::fs::write(&trusted, &server.certificate).expect("a file");
    let trusted = trusted.display().to_string();
    let user = ("mail.user", "shop");
    let secret = [
        ("mail.encryption", "starttls"),
        user,
        ("mail.password", "a secret"),
    ];
    let shop = shop_with(&server, &secret).await;
    shop.shopper("anna").await;
    let admin = shop.admin().await;
    let waits = log_shows(&admin, "anna@example.com", |mail| mail["error"] != json!(null)).await;
    assert!(!waits["due"].is_null(), "nobody knows this certificate: {waits}");
    shop.stop().await;

    let secret = [secret.as_slice(), &[("mail.ca_file", trusted.as_str())]].concat();
    let shop = shop_with(&server, &secret).await;
    shop.shopper("bert").await;
    let mail = server.has_taken_for("bert@example.com").await;
    assert!(mail.in_secret);
    let said = STANDARD.decode(mail.auth.expect("it signed in")).expect("base64");
    assert_eq!(said, b"\0shop\0a secret");
    shop.stop().await;
}

#[actix_web::test]
async fn a_name_makes_no_header_and_no_second_recipient() {
    let server = SmtpServer::start().await;
    let shop = shop_with(&server, &[]).await;
    let named = |first: &str, username: &str| {
        json!({
            "email": "anna@example.com", "password": "a good secret", "username": username,
            "fullName": { "firstName": first, "lastName": "" },
        })
    };
    let visitor = shop.visitor();
    for body in [
        named("Anna\r\nBcc: all@example.com", "anna"),
        named("Anna", "anna\r\nBcc: all@example.com"),
    ] {
        let refused = visitor.post("/api/auth/register", body).await;
        refused.problem(400, "invalid");
    }
    let sly = "Bert\" <all@example.com>, <more@example.com> =?utf-8?q?=0D=0ABcc:all@example.com?=";
    let body = named(sly, "anna");
    visitor.post("/api/auth/register", body).await.expect(201);
    let mail = server.has_taken_for("anna@example.com").await;
    let head = mail.data.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let names = unfolded.lines().filter_map(|line| Some(line.split_once(':')?.0));
    for name in names {
        assert!(!name.eq_ignore_ascii_case("bcc"), "{head}");
    }
    let to = unfolded.lines().find_map(|line| line.strip_prefix("To: "));
    let to: Mailboxes = to.expect("it has a recipient").parse().expect("addresses");
    let to: Vec<_> = to.iter().map(|one| one.email.to_string()).collect();
    assert_eq!(to, ["anna@example.com"], "{head}");
    shop.stop().await;
}

#[actix_web::test]
async fn gmail_is_signed_in_to_with_a_fresh_token() {
    let server = SmtpServer::start().await;
    let token = json!({ "access_token": "fresh", "expires_in": 3600, "token_type": "Bearer" });
    let tokens = StandIn::start(stand_in::Mood::Answers(200, token)).await;
    let settings = [
        ("mail.user", "shop@gmail.com"),
        ("mail.client_id", "the client"),
        ("mail.client_secret", "its secret"),
        ("mail.refresh_token", "lasts & lasts"),
        ("mail.token_url", tokens.url.as_str()),
    ];
    let shop = shop_with(&server, &settings).await;
    shop.shopper("anna").await;
    let mail = server.has_taken_for("anna@example.com").await;
    let said = STANDARD.decode(mail.auth.expect("it signed in")).expect("base64");
    let said = String::from_utf8(said).expect("text");
    assert_eq!(said, "user=shop@gmail.com\u{1}auth=Bearer fresh\u{1}\u{1}");
    let asked = tokens.was_asked(1).await;
    let expected = "grant_type=refresh_token&client_id=the+client&client_secret=its+secret\
                    &refresh_token=lasts+%26+lasts";
    assert_eq!(asked[0].body, expected);
    shop.stop().await;
}
