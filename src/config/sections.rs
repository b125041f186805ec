//! The sections of `config.toml`, one small struct each. A field is a key; a key without a field,
//! or a field without a key in the default file, stops the start.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::given::{self, Network};

/// Where the runtime runs, which decides how careful it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// On a developer's machine.
    Development,
    /// Like production, with the stand-ins allowed.
    Staging,
    /// Before real shoppers.
    Production,
}

impl Environment {
    /// Whether strangers can reach it: everything but development.
    #[must_use]
    pub fn is_public(self) -> bool {
        self != Self::Development
    }
}

/// How the web server listens and what it puts up with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address to listen on, if one was given.
    #[serde(deserialize_with = "given::value")]
    pub host: Option<String>,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// A second port that answers like the first; 0 for none.
    pub socket_port: u16,
    /// How many threads answer; 0 for one per core.
    pub workers: usize,
    /// The largest body that is read, but for uploads.
    pub body_limit_bytes: usize,
    /// How long a client may take to send the head of a request, and then a JSON body.
    #[serde(rename = "header_timeout_seconds", deserialize_with = "given::seconds")]
    pub header_timeout: Duration,
    /// How many requests may be in hand at once.
    pub in_hand_max: usize,
    /// How long a request may take.
    #[serde(rename = "request_timeout_seconds", deserialize_with = "given::seconds")]
    pub request_timeout: Duration,
    /// How long /readyz says that the runtime is stopping before it takes no more connections.
    #[serde(rename = "drain_ms", deserialize_with = "given::millis")]
    pub drain: Duration,
    /// How long a stop may take.
    #[serde(rename = "shutdown_seconds", deserialize_with = "given::seconds")]
    pub shutdown: Duration,
    /// Whose X-Forwarded-For is believed.
    #[serde(deserialize_with = "given::list")]
    pub trusted_proxies: Vec<Network>,
}

/// Who may call from where.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Web origins other than our own.
    #[serde(deserialize_with = "given::list")]
    pub allowed_origins: Vec<String>,
    /// Where the pages of the shop are, if it was said.
    #[serde(deserialize_with = "given::value")]
    pub(super) public_url: Option<String>,
}

/// Passwords, tokens and the first admin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The key that tokens are signed with, if one was given; [`super::Config::signing_secret`]
    /// is the one to use.
    #[serde(deserialize_with = "given::secret")]
    pub(super) jwt_secret: Option<SecretString>,
    /// How long a token is good.
    #[serde(rename = "token_lifetime_seconds", deserialize_with = "given::seconds")]
    pub token_lifetime: Duration,
    /// How much work a password hash is, as a power of two.
    pub bcrypt_cost: u32,
    /// How many wrong passwords are too many.
    pub lockout_failures: u32,
    /// How long an account then rests.
    #[serde(rename = "lockout_seconds", deserialize_with = "given::seconds")]
    pub lockout: Duration,
    /// The email of the admin made at the start.
    #[serde(deserialize_with = "given::value")]
    pub admin_email: Option<String>,
    /// That admin's password.
    #[serde(deserialize_with = "given::secret")]
    pub admin_password: Option<SecretString>,
}

/// Where everything is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// The folder of the embedded store.
    pub data_dir: PathBuf,
    /// MongoDB instead of the embedded store.
    #[serde(deserialize_with = "given::secret")]
    pub mongo_uri: Option<SecretString>,
    /// Whether others write to the same store, if it was said.
    #[serde(deserialize_with = "given::value")]
    pub(super) shared: Option<bool>,
    /// How long the store may take to answer.
    #[serde(rename = "deadline_ms", deserialize_with = "given::millis")]
    pub deadline: Duration,
}

impl Store {
    /// The folder of the pictures that are kept on this machine.
    #[must_use]
    pub fn media_dir(&self) -> PathBuf {
        self.data_dir.join("media")
    }

    /// The folder of this node's index of the products.
    #[must_use]
    pub fn search_dir(&self) -> PathBuf {
        self.data_dir.join("search")
    }

    /// Whether other runtimes write to the same store.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.unwrap_or(self.mongo_uri.is_some())
    }
}

/// A Redis server, as one URL or in parts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    #[serde(deserialize_with = "given::secret")]
    pub(super) url: Option<SecretString>,
    #[serde(deserialize_with = "given::value")]
    host: Option<String>,
    port: u16,
    #[serde(deserialize_with = "given::secret")]
    password: Option<SecretString>,
}

impl Redis {
    /// Where the server is, password included; `None` when none was given.
    #[must_use]
    pub fn location(&self) -> Option<SecretString> {
        if self.url.is_some() {
            return self.url.clone();
        }
        let host = self.host.as_deref()?;
        let password = self.password.as_ref().map(in_url).unwrap_or_default();
        Some(format!("redis://{password}{host}:{}", self.port).into())
    }
}

/// A password as it stands in a URL before the host, every byte that could mean something there
/// written as its number.
fn in_url(password: &SecretString) -> String {
    use secrecy::ExposeSecret;
    use std::fmt::Write;
    let mut text = String::from(":");
    for byte in password.expose_secret().bytes() {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.push('@');
    text
}

/// A RabbitMQ broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RabbitMq {
    /// Where it is.
    #[serde(deserialize_with = "given::secret")]
    pub url: Option<SecretString>,
    /// Whether the queues of earlier systems are filled too.
    pub seed_queues: bool,
    /// How long it may take to confirm a message.
    #[serde(rename = "timeout_ms", deserialize_with = "given::millis")]
    pub timeout: Duration,
}

/// How often a caller may ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether there is a limit at all.
    pub enabled: bool,
    /// Sign-ins and the like, per address or user and minute.
    pub auth_per_minute: NonZeroU32,
}

/// How much may wait at the owners, and for how long an idle one stays awake.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actors {
    /// How long an owner that nobody asks stays awake.
    #[serde(rename = "idle_seconds", deserialize_with = "given::seconds")]
    pub idle: Duration,
    /// Asks in hand at one owner.
    pub per_owner: usize,
    /// Asks in hand on the node.
    pub per_node: usize,
}

/// What orders cost beside their lines, and how long they hold their stock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// How long an order that is not paid holds its stock.
    #[serde(rename = "hold_seconds", deserialize_with = "given::seconds")]
    pub hold: Duration,
    /// The tax, in hundredths of a per cent.
    #[serde(rename = "tax_percent", deserialize_with = "given::hundredths")]
    pub tax_basis_points: u32,
    /// What shipping costs, in minor units of an order's currency.
    #[serde(rename = "shipping", deserialize_with = "given::hundredths")]
    pub shipping_minor: u32,
}

/// What a developer finds in an empty shop.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// Whether the first start fills it.
    pub seed: bool,
}

/// How much of the assistant there is, and what it thinks with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assistant {
    /// What it thinks with.
    pub model: Thinking,
    /// How often the model may be asked for one answer to the user.
    pub steps_max: usize,
    /// How long one answer to the user may take.
    #[serde(rename = "answer_timeout_seconds", deserialize_with = "given::seconds")]
    pub answer_timeout: Duration,
    /// How long a question to the user stands.
    #[serde(rename = "confirm_timeout_seconds", deserialize_with = "given::seconds")]
    pub confirm_timeout: Duration,
    /// How long the model may think before anything comes of it,
    #[serde(rename = "first_event_timeout_ms", deserialize_with = "given::millis")]
    pub first_event: Duration,
    /// and how long between two things.
    #[serde(rename = "next_event_timeout_ms", deserialize_with = "given::millis")]
    pub next_event: Duration,
    /// How many tokens one answer of the model may have.
    pub answer_tokens_max: u32,
    /// How many tokens a user may use on a day.
    pub tokens_per_day: u32,
    /// How many connections a user may have at once.
    pub sessions_per_user: usize,
    /// How many connections there may be on this node.
    pub sessions_per_node: usize,
    /// How many frames a connection may send within a minute.
    pub frames_per_minute: u32,
    /// How often a silent connection is asked for a sign of life.
    #[serde(rename = "heartbeat_seconds", deserialize_with = "given::seconds")]
    pub heartbeat: Duration,
}

/// What the assistant thinks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thinking {
    /// The model that a key is given for, or no model at all.
    Auto,
    /// A Gemini model.
    Gemini,
    /// A model that speaks OpenAI's API.
    OpenAi,
    /// No model at all.
    Rules,
}

/// How payments are looked after.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// How long to wait before a provider is asked what it has heard of a buyer.
    #[serde(rename = "look_every_seconds", deserialize_with = "given::seconds")]
    pub look_every: Duration,
    /// Whether a service outside says on the broker how payments went.
    pub external: bool,
}

/// What is logged, and how it looks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A level, also by module.
    pub level: String,
    /// How it looks.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// What of the runtime's own affairs is open to everybody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ops {
    #[serde(deserialize_with = "given::value")]
    pub(super) metrics_open: Option<bool>,
    #[serde(deserialize_with = "given::value")]
    pub(super) docs_open: Option<bool>,
}
