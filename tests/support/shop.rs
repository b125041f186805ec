//! A whole marketplace in the process of the test, on a free port and in a folder of its own,
//! and the people who call it: who asks is a type.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bazaar::clock::{Chance, Clock};
use bazaar::config::{Config, Sources};
use bazaar::services::models::Model;
use bazaar::store::embedded::Embedded;
use bazaar::supervisors::runtime::Runtime;
use mongodb::Client;
use mongodb::options::ClientOptions;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::call::{Answer, Call};
use super::patience::Patience;

/// Known to every shop of the tests.
pub(crate) const ADMIN: (&str, &str) = ("admin@example.com", "the password of the admin");

/// So long is waited for whatever has to happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// So begins the name of a database that one shop has for itself.
const ALONE: &str = "alone-";

/// A running marketplace. It is stopped with [`Shop::stop`].
pub(crate) struct Shop {
    /// Its parts.
    pub(crate) runtime: Runtime,
    url: String,
    config: Config,
    folder: TempDir,
    client: reqwest::Client,
    _patience: Patience,
}

/// Whoever calls, with the token of an account or without.
#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    client: reqwest::Client,
    /// The account's token.
    pub(crate) token: Option<String>,
    /// The account's id.
    pub(crate) id: String,
}

/// Nobody in particular.
pub(crate) struct Visitor(Caller);

/// Somebody who buys.
#[derive(Clone)]
pub(crate) struct Shopper(Caller);

/// Somebody who sells.
#[derive(Clone)]
pub(crate) struct Seller(Caller);

/// Somebody who looks after the shop.
#[derive(Clone)]
pub(crate) struct Admin(Caller);

impl Shop {
    /// Opens a shop with the usual settings.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Opens a shop with some settings of its own: `("limits.enabled", "true")`.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let (config, folder) = Self::settings(settings);
        Self::open(config, folder, Clock::system()).await
    }

    /// The same with a model of the test's own for the assistant.
    pub(crate) async fn thinking_with(model: Arc<dyn Model>, settings: &[(&str, &str)]) -> Self {
        let (config, folder) = Self::settings(settings);
        let given = (Clock::system(), Chance::unforeseeable());
        let runtime = Runtime::start_thinking_with(model, &config, given).await;
        Self::opened(runtime.expect("the shop opens"), config, folder)
    }

    fn settings(settings: &[(&str, &str)]) -> (Config, TempDir) {
        let folder = tempfile::tempdir().expect("the machine gives a folder");
        let data = folder.path().join("data").display().to_string();
        // Cheap hashes and no limits: hundreds of people come in from one address.
        let usual = [
            ("server.port", "0"),
            ("server.workers", "2"),
            ("server.drain_ms", "0"),
            ("store.data_dir", data.as_str()),
            ("auth.bcrypt_cost", "4"),
            ("auth.admin_email", ADMIN.0),
            ("auth.admin_password", ADMIN.1),
            ("limits.enabled", "false"),
            ("demo.seed", "false"),
        ];
        let mut sources = Sources {
            folder: folder.path().to_owned(),
            ..Sources::default()
        };
        if let Some(uri) = database_of_its_own() {
            sources = sources.flag("of the test", "store.mongo_uri", Some(uri));
        }
        for (key, value) in usual.iter().chain(settings) {
            sources = sources.flag("of the test", key, Some(value));
        }
        let config = Config::load(&sources).expect("the settings of the test are right");
        (config, folder)
    }

    async fn open(config: Config, folder: TempDir, clock: Clock) -> Self {
        // A start is long; whoever waits for one need not carry it.
        let runtime = Box::pin(Runtime::start(&config, (clock, Chance::unforeseeable()))).await;
        let runtime = runtime.expect("the shop opens");
        Self::opened(runtime, config, folder)
    }

    fn opened(runtime: Runtime, config: Config, folder: TempDir) -> Self {
        Self {
            url: format!("http://{}", runtime.addresses()[0]),
            runtime,
            config,
            folder,
            client: client(),
            _patience: Patience::begins(),
        }
    }

    /// Closes the shop and opens it again after this time, at another port.
    pub(crate) async fn reopen_after(self, while_: Duration) -> Self {
        self.reopen_when(while_, |_| {}).await
    }

    /// Closes the shop, does something to its folder, and opens it again after this time.
    pub(crate) async fn reopen_when(self, while_: Duration, meanwhile: impl FnOnce(&Path)) -> Self {
        in_time("the shop is closed", self.runtime.stop()).await;
        let store = self.config.store.data_dir.join("store");
        let closed = async {
            // Whoever was being answered lets go of the store a moment after the stop.
            while Embedded::open(&store).is_err() {
                tokio::task::yield_now().await;
            }
        };
        in_time("the store is let go of", closed).await;
        meanwhile(&self.config.store.data_dir);
        let clock = Clock::simulated(Clock::system().now().after(while_));
        Self::open(self.config, self.folder, clock).await
    }

    /// Closes the shop in order, with nobody left unanswered and no event left untold.
    pub(crate) async fn stop(self) {
        in_time("every event is told", self.runtime.router().quiet()).await;
        // An answer goes out a moment before its place is free.
        in_time("everybody is answered", self.runtime.engine().quiet()).await;
        self.close().await;
    }

    /// Closes the shop in order, although somebody cannot be told of what happened.
    pub(crate) async fn close(self) {
        in_time("the shop is closed", self.runtime.stop()).await;
        if let Some(uri) = &self.config.store.mongo_uri {
            forget(uri.expose_secret()).await;
        }
    }

    /// Where it keeps what is its own.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.config.store.data_dir
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The folder that all it keeps on this machine lies in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Nobody in particular.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor(self.caller(None, String::new()))
    }

    /// Somebody who has just registered to buy.
    pub(crate) async fn shopper(&self, name: &str) -> Shopper {
        Shopper(self.register(name, "user").await)
    }

    /// Somebody who has just registered to sell.
    pub(crate) async fn seller(&self, name: &str) -> Seller {
        Seller(self.register(name, "seller").await)
    }

    /// Somebody who has registered before, signed in afresh.
    pub(crate) async fn back(&self, name: &str) -> Shopper {
        let body = json!({ "username": name, "password": password_of(name) });
        let answer = self.visitor().post("/api/auth/login", body).await.expect(200);
        Shopper(self.signed_in(&answer))
    }

    /// The admin, signed in afresh.
    pub(crate) async fn admin(&self) -> Admin {
        let (email, password) = ADMIN;
        let body = json!({ "email": email, "password": password });
        let answer = self.visitor().post("/api/auth/login", body).await.expect(200);
        Admin(self.signed_in(&answer))
    }

    async fn register(&self, name: &str, role: &str) -> Caller {
        let body = json!({
            "email": format!("{name}@example.com"),
            "username": name,
            "password": password_of(name),
            "fullName": { "firstName": name, "lastName": "Example" },
            "role": role,
        });
        let answer = self.visitor().post("/api/auth/register", body).await.expect(201);
        self.signed_in(&answer)
    }

    fn signed_in(&self, answer: &Answer) -> Caller {
        let text = |value: &Value| {
            value
                .as_str()
                .expect("an answer that lets somebody in")
                .to_owned()
        };
        self.caller(
            Some(text(&answer.body["token"])),
            text(&answer.body["user"]["id"]),
        )
    }

    fn caller(&self, token: Option<String>, id: String) -> Caller {
        Caller {
            url: self.url.clone(),
            client: self.client.clone(),
            token,
            id,
        }
    }
}

/// A client that does not wait for ever for an answer.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    client.expect("the machine lets somebody call")
}

/// Waits for something that has to happen.
async fn in_time<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(PATIENCE, happens).await;
    happened.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
}

/// With `BAZAAR_TEST_STORE=mongo` every shop keeps its things in the MongoDB that the tests share, in
/// a database of its own.
pub(crate) fn database_of_its_own() -> Option<String> {
    if std::env::var("BAZAAR_TEST_STORE").as_deref() != Ok("mongo") {
        return None;
    }
    let uri = std::env::var("BAZAAR_TEST_MONGO_URI").expect("BAZAAR_TEST_MONGO_URI is set");
    let (servers, options) = uri
        .split_once("/?")
        .expect("the URI of a replica set has options");
    let name = hex::encode(Chance::unforeseeable().bytes::<8>());
    Some(format!("{servers}/{ALONE}{name}?{options}"))
}

/// Takes down the database of a shop that is closed, if it had one of its own: hundreds of them
/// weigh on the server that the tests share. If that is gone, so is the database.
async fn forget(uri: &str) {
    let options = ClientOptions::parse(uri).await;
    let mut options = options.expect("the shop was opened with it");
    options.server_selection_timeout = Some(Duration::from_secs(1));
    let client = Client::with_options(options).expect("the shop was opened with it");
    let database = client.default_database();
    if let Some(database) = database.filter(|database| database.name().starts_with(ALONE)) {
        let _ = database.drop().await;
    }
}

/// The password of somebody who was registered by the shop of the tests.
pub(crate) fn password_of(name: &str) -> String {
    format!("the password of {name}")
}

impl Caller {
    /// The same with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// A call, to which headers and a body can be added.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        let asked = format!("{method} {path}");
        let call = self.client.request(method, format!("{}{path}", self.url));
        let call = match &self.token {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        Call::new(asked, call)
    }

    /// Begins a call with a body of nine bytes and keeps it back. By then the shop has let the
    /// call in.
    pub(crate) async fn hesitate(&self, path: &str, headers: &str) -> TcpStream {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.expect("the shop is open");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("the shop listens");
        let mut word = *b"HTTP/1.1 100 Continue\r\n\r\n";
        stream
            .read_exact(&mut word)
            .await
            .expect("the shop wants the body");
        assert!(word.starts_with(b"HTTP/1.1 100"), "{}", word.escape_ascii());
        stream
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    /// Asks for something to be done.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }

    /// Asks for something to be changed.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path).json(&body).send().await
    }

    /// Asks for something to be taken away.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }
}

macro_rules! is_a_caller {
    ($($who:ident)*) => {
        $(impl Deref for $who {
            type Target = Caller;

            fn deref(&self) -> &Caller {
                &self.0
            }
        }

        impl From<$who> for Caller {
            fn from(who: $who) -> Self {
                who.0
            }
        })*
    };
}

is_a_caller!(Visitor Shopper Seller Admin);
