//! Every setting, read once at the start: the compiled default, then `config.toml`, `.env`, the
//! environment and the command line over it. What cannot be understood stops the start.

mod check;
mod complaint;
mod given;
mod layers;
mod names;
mod outside;
mod secret;
mod sections;

use std::fmt;

use serde::Deserialize;

pub use complaint::ConfigError;
pub use given::Network;
pub use layers::{DEFAULT, Sources};
pub use outside::{
    Cloudinary, Encryption, Gemini, ImageKit, Mail, OpenAi, Outside, Razorpay, Sandbox, Sms, Webhooks,
};
pub use sections::{
    Actors, Assistant, Auth, Demo, Environment, Http, Limits, Log, LogFormat, Ops, Orders, Payments,
    RabbitMq, Redis, Server, Store, Thinking,
};

/// Every setting.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where this runs.
    pub environment: Environment,
    /// How the web server listens.
    pub server: Server,
    /// Who may call from where.
    pub http: Http,
    /// Passwords and tokens.
    pub auth: Auth,
    /// Where everything is kept.
    pub store: Store,
    /// A Redis server.
    pub redis: Redis,
    /// A RabbitMQ broker.
    pub rabbitmq: RabbitMq,
    /// How often a caller may ask.
    pub limits: Limits,
    /// How much may wait at the owners.
    pub actors: Actors,
    /// What orders cost, and how long they hold their stock.
    pub orders: Orders,
    /// What a developer finds in an empty shop.
    pub demo: Demo,
    /// How much of the assistant there is.
    pub assistant: Assistant,
    /// How payments are looked after.
    pub payments: Payments,
    /// What is logged.
    pub log: Log,
    /// What is open to everybody.
    pub ops: Ops,
    /// How mail goes out.
    pub mail: Mail,
    /// How text messages go out.
    pub sms: Sms,
    /// How services outside are called.
    pub outside: Outside,
    /// How those are told of what happens who want to be.
    pub webhooks: Webhooks,
    /// Pictures at ImageKit.
    pub imagekit: ImageKit,
    /// Pictures at Cloudinary.
    pub cloudinary: Cloudinary,
    /// Payments through Razorpay.
    pub razorpay: Razorpay,
    /// What stands in for Razorpay.
    pub sandbox: Sandbox,
    /// A Gemini model.
    pub gemini: Gemini,
    /// A model that speaks OpenAI's API.
    pub openai: OpenAi,
}

impl Config {
    /// Reads all layers and checks every value.
    ///
    /// # Errors
    /// If a layer cannot be read, a key is unknown or a value is not right: one sentence that
    /// names the key and where it came from.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let layers = sources.layered()?;
        let config: Self = layers
            .extract_lossy()
            .map_err(|error| ConfigError::reading(&error))?;
        config.check(&layers)?;
        Ok(config)
    }

    /// The address to listen on: this machine alone in development, all of them elsewhere.
    #[must_use]
    pub fn host(&self) -> &str {
        let usual = if self.environment.is_public() {
            "0.0.0.0"
        } else {
            "127.0.0.1"
        };
        self.server.host.as_deref().unwrap_or(usual)
    }

    /// Where the pages of the shop are, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.http.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://localhost:{}", self.server.port),
        }
    }

    /// Whether mail that is not sent is shown.
    #[must_use]
    pub fn mailbox_open(&self) -> bool {
        self.mail.mailbox_open.unwrap_or(!self.environment.is_public())
    }

    /// Whether /metrics is open to everybody.
    #[must_use]
    pub fn metrics_open(&self) -> bool {
        self.ops.metrics_open.unwrap_or(!self.environment.is_public())
    }

    /// Whether this runtime stands in for Razorpay. Before real shoppers it does so only when told.
    #[must_use]
    pub fn sandbox_open(&self) -> bool {
        let wanted = self.environment != Environment::Production && self.razorpay.key_id.is_none();
        self.sandbox.enabled.unwrap_or(wanted)
    }

    /// What the assistant thinks with: what was asked for, or what there is.
    #[must_use]
    pub fn thinking(&self) -> Thinking {
        match self.assistant.model {
            Thinking::Auto if self.gemini.api_key.is_some() => Thinking::Gemini,
            Thinking::Auto if self.openai.is_there() => Thinking::OpenAi,
            Thinking::Auto => Thinking::Rules,
            asked_for => asked_for,
        }
    }

    /// Whether /docs and /openapi.json are open to everybody.
    #[must_use]
    pub fn docs_open(&self) -> bool {
        self.ops.docs_open.unwrap_or(!self.environment.is_public())
    }
}

/// What somebody who starts it wants to see at a glance.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = format!("{:?}", self.environment).to_lowercase();
        write!(f, "{environment} on {}:{}, ", self.host(), self.server.port)?;
        match self.store.mongo_uri {
            Some(_) => write!(f, "kept in MongoDB"),
            None => write!(f, "kept in {}", self.store.data_dir.display()),
        }
    }
}

#[cfg(test)]
mod tests;
