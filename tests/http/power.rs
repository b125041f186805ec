//! A marketplace in a process of its own whose plug is pulled while people go on asking it.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::binary::Binary;
use crate::shop::database_of_its_own;

/// Longer than anything takes, a new start included.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const ADMIN: (&str, &str) = ("root@example.com", "a good secret");

/// The server, wherever it is at the moment.
pub(crate) struct Server {
    pub(crate) folder: TempDir,
    database: Option<String>,
    url: watch::Sender<String>,
    client: Client,
}

/// What is asked of it.
#[derive(Clone)]
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) token: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Value,
}

/// What it answers.
pub(crate) struct Told {
    pub(crate) status: u16,
    /// The version in its `ETag`.
    pub(crate) version: Option<u64>,
    pub(crate) body: Value,
}

impl<'a> Question<'a> {
    pub(crate) fn new(method: Method, path: &'a str, token: &'a str) -> Self {
        Self {
            method,
            path,
            token,
            key: None,
            body: Value::Null,
        }
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = body;
        self
    }

    /// To take effect once under this key.
    pub(crate) fn once(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }
}

impl Server {
    /// Starts it on the store that the tests are about, with an admin.
    pub(crate) async fn start() -> (Self, Binary) {
        Self::start_on(database_of_its_own(), "").await
    }

    /// Starts it on a store in its folder, with these settings in its file.
    pub(crate) async fn start_with(settings: &str) -> (Self, Binary) {
        Self::start_on(None, settings).await
    }

    async fn start_on(database: Option<String>, settings: &str) -> (Self, Binary) {
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        std::fs::write(folder.path().join("config.toml"), settings).expect("the folder can be written to");
        let (email, password) = ADMIN;
        let create = ["admin", "create", "--email", email, "--password", password];
        let created = Binary::run_on(folder.path(), database.as_deref(), &create).await;
        assert!(created.status.success(), "{created:?}");
        let binary = Binary::start_on(folder.path(), database.as_deref()).await;
        let server = Self {
            url: watch::Sender::new(binary.url().to_owned()),
            folder,
            database,
            client: Client::new(),
        };
        (server, binary)
    }

    /// Ends it as a power cut does, and starts it again.
    pub(crate) async fn pull_the_plug(&self, binary: Binary) -> Binary {
        binary.kill().await;
        self.start_again().await
    }

    /// Starts it once more on what it has kept.
    pub(crate) async fn start_again(&self) -> Binary {
        let binary = Binary::start_on(self.folder.path(), self.database.as_deref()).await;
        self.url.send_replace(binary.url().to_owned());
        binary
    }

    /// Asks once.
    ///
    /// # Errors
    /// Where the server was when no answer came.
    pub(crate) async fn try_once(&self, what: &Question<'_>) -> Result<Told, String> {
        let at = self.url.borrow().clone();
        let call = self
            .client
            .request(what.method.clone(), format!("{at}{}", what.path))
            .bearer_auth(what.token);
        let call = if what.body.is_null() {
            call
        } else {
            call.json(&what.body)
        };
        let call = match what.key {
            Some(key) => call.header("idempotency-key", key),
            None => call,
        };
        let Ok(response) = call.send().await else {
            return Err(at);
        };
        let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let version = etag.and_then(|etag| etag.trim_matches('"').parse().ok());
        let status = response.status().as_u16();
        let body = response.json().await.map_err(|_| at)?;
        Ok(Told {
            status,
            version,
            body,
        })
    }

    /// Waits until the server is somewhere else than there.
    pub(crate) async fn is_back(&self, from: &str) {
        let mut url = self.url.subscribe();
        let back = tokio::time::timeout(PATIENCE, url.wait_for(|url| url != from)).await;
        back.expect("the server is gone for good")
            .expect("the sender is borrowed");
    }

    /// Asks until there is an answer that is one: whoever is told to come back does, and so does
    /// whoever hears nothing.
    pub(crate) async fn ask(&self, what: Question<'_>) -> (u16, Value) {
        let asking = async {
            loop {
                match self.try_once(&what).await {
                    Ok(told) if told.status == 503 || told.body["code"] == "in_flight" => {}
                    Ok(told) => return (told.status, told.body),
                    Err(from) => self.is_back(&from).await,
                }
            }
        };
        let answered = tokio::time::timeout(PATIENCE, asking).await;
        answered.unwrap_or_else(|_| panic!("{} {} is not answered", what.method, what.path))
    }

    /// Insists on a 2xx.
    pub(crate) async fn expect(&self, what: Question<'_>) -> Value {
        let asked = format!("{} {}", what.method, what.path);
        let (status, answer) = self.ask(what).await;
        assert!(
            (200..300).contains(&status),
            "{asked} was answered {status} {answer}"
        );
        answer
    }

    /// Somebody new; gives the token.
    pub(crate) async fn register(&self, name: &str, role: &str) -> String {
        let body = json!({
            "email": format!("{name}@example.com"), "username": name, "password": "a good secret", "role": role,
        });
        let register = Question::new(Method::POST, "/api/auth/register", "").body(body);
        let answer = self.expect(register.once(name)).await;
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// The token of its admin.
    pub(crate) async fn admin(&self) -> String {
        let body = json!({ "email": ADMIN.0, "password": ADMIN.1 });
        let login = Question::new(Method::POST, "/api/auth/login", "").body(body);
        let answer = self.expect(login).await;
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// Puts up so many of something; gives its id.
    pub(crate) async fn put_up(&self, seller: &str, stock: u64) -> String {
        let product = json!({
            "title": "Tent", "price": { "amount": 99.5, "currency": "INR" }, "stock": stock,
        });
        let put_up = Question::new(Method::POST, "/api/products", seller).body(product);
        let answer = self.expect(put_up).await;
        answer["product"]["id"].as_str().expect("an id").to_owned()
    }
}
