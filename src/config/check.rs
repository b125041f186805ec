//! What a setting must be beyond its type.

use std::time::Duration;

use figment::Figment;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

use super::complaint::ConfigError;
use super::{Config, Environment, Thinking};

/// A signing key of fewer bytes can be guessed.
const JWT_SECRET_BYTES_MIN: usize = 32;

const WEB: &str = "must begin with https:// or http://";
const KEY: &str = "has a letter in it that no key has, such as the end of a line";

/// The key that it is about, whether it holds, and what to say if it does not.
type Rule = (&'static str, bool, &'static str);

impl Config {
    /// The first thing that is not as it must be.
    pub(super) fn check(&self, layers: &Figment) -> Result<(), ConfigError> {
        for (key, right, why) in self.rules() {
            if !right {
                return Err(ConfigError::value(layers, key, why));
            }
        }
        Ok(())
    }

    /// All of them, in the order in which they are told.
    fn rules(&self) -> Vec<Rule> {
        let auth = &self.auth;
        let mut rules = vec![
            ("auth.jwt_secret", self.signs_safely(), JWT_SECRET),
            (
                "auth.bcrypt_cost",
                (4..=16).contains(&auth.bcrypt_cost),
                "must be from 4 to 16",
            ),
            (
                "auth.admin_email",
                auth.admin_email.is_some() || auth.admin_password.is_none(),
                "is missing beside auth.admin_password",
            ),
            (
                "auth.admin_password",
                auth.admin_password.is_some() || auth.admin_email.is_none(),
                "is missing beside auth.admin_email",
            ),
            (
                "store.data_dir",
                !self.store.data_dir.as_os_str().is_empty(),
                "must not be empty",
            ),
            (
                "store.mongo_uri",
                begins(self.store.mongo_uri.as_ref(), &["mongodb://", "mongodb+srv://"]),
                "must begin with mongodb:// or mongodb+srv://",
            ),
            (
                "redis.url",
                begins(self.redis.url.as_ref(), &["redis://", "rediss://", "unix://"]),
                "must begin with redis:// or rediss://",
            ),
            (
                "rabbitmq.url",
                begins(self.rabbitmq.url.as_ref(), &["amqp://", "amqps://"]),
                "must begin with amqp:// or amqps://",
            ),
            (
                "imagekit.private_key",
                self.imagekit.is_whole(),
                "is missing beside the rest of the account",
            ),
            (
                "cloudinary.name",
                self.cloudinary.is_whole(),
                "is needed together with cloudinary.api_key and cloudinary.api_secret",
            ),
            (
                "razorpay.key_secret",
                self.razorpay.is_whole(),
                "is missing beside razorpay.key_id",
            ),
            (
                "http.allowed_origins",
                self.http.allowed_origins.iter().all(|one| is_origin(one)),
                "must list origins such as https://shop.example, and never *",
            ),
            (
                "http.public_url",
                self.http.public_url.as_ref().is_none_or(|url| is_web(url)),
                WEB,
            ),
            (
                "orders.tax_percent",
                self.orders.tax_basis_points <= 10_000,
                "must be from 0 to 100",
            ),
            (
                "log.level",
                EnvFilter::try_new(&self.log.level).is_ok(),
                "must be error, warn, info, debug or trace, also by module",
            ),
        ];
        rules.extend(self.rules_of_mail());
        rules.extend(self.rules_of_models());
        rules.extend(self.bounds());
        rules
    }

    /// What must be neither too little nor too much.
    fn bounds(&self) -> Vec<Rule> {
        let (auth, server) = (&self.auth, &self.server);
        let mut rules = Vec::new();
        let positive = [
            ("server.body_limit_bytes", server.body_limit_bytes),
            ("auth.lockout_failures", auth.lockout_failures as usize),
            ("server.in_hand_max", server.in_hand_max),
            ("actors.per_owner", self.actors.per_owner),
            ("actors.per_node", self.actors.per_node),
            ("assistant.steps_max", self.assistant.steps_max),
        ];
        rules.extend(positive.map(|(key, value)| (key, value > 0, "must be 1 or more")));
        let bounded = [
            ("server.workers", server.workers, THREADS_MAX),
            ("server.in_hand_max", server.in_hand_max, IN_HAND_MAX),
            ("actors.per_owner", self.actors.per_owner, IN_HAND_MAX),
            ("actors.per_node", self.actors.per_node, IN_HAND_MAX),
        ];
        rules.extend(bounded.map(|(key, value, (most, why))| (key, value <= most, why)));
        let times = [
            ("server.header_timeout_seconds", server.header_timeout),
            ("server.request_timeout_seconds", server.request_timeout),
            ("auth.token_lifetime_seconds", auth.token_lifetime),
            ("store.deadline_ms", self.store.deadline),
            ("actors.idle_seconds", self.actors.idle),
            ("outside.timeout_ms", self.outside.timeout),
            ("mail.timeout_ms", self.mail.timeout),
            ("webhooks.timeout_ms", self.webhooks.timeout),
            ("orders.hold_seconds", self.orders.hold),
            ("payments.look_every_seconds", self.payments.look_every),
            ("assistant.answer_timeout_seconds", self.assistant.answer_timeout),
            (
                "assistant.confirm_timeout_seconds",
                self.assistant.confirm_timeout,
            ),
            ("assistant.heartbeat_seconds", self.assistant.heartbeat),
            ("assistant.first_event_timeout_ms", self.assistant.first_event),
            ("assistant.next_event_timeout_ms", self.assistant.next_event),
        ];
        rules.extend(times.map(|(key, value)| (key, value > Duration::ZERO, "must be 1 or more")));
        rules
    }

    fn rules_of_models(&self) -> [Rule; 6] {
        let (gemini, openai) = (&self.gemini, &self.openai);
        [
            (
                "assistant.model",
                self.thinking() != Thinking::Gemini || gemini.api_key.is_some(),
                "asks for gemini, and gemini.api_key is missing",
            ),
            (
                "assistant.model",
                self.thinking() != Thinking::OpenAi || openai.is_there(),
                "asks for openai, and neither openai.api_key nor openai.base_url is there",
            ),
            ("gemini.api_key", fits_a_header(gemini.api_key.as_ref()), KEY),
            ("openai.api_key", fits_a_header(openai.api_key.as_ref()), KEY),
            ("gemini.base_url", is_web(&gemini.base_url), WEB),
            (
                "openai.base_url",
                openai.base_url.as_deref().is_none_or(is_web),
                WEB,
            ),
        ]
    }

    fn rules_of_mail(&self) -> [Rule; 4] {
        [
            (
                "mail.client_id",
                self.mail.signs_in_wholly(),
                "is needed together with mail.client_secret, mail.refresh_token and mail.user",
            ),
            (
                "mail.from",
                self.mail.server().is_none() || self.mail.sender().is_some(),
                "is missing beside mail.host",
            ),
            ("mail.host", self.mail_is_served(), MAIL_HOST),
            (
                "sms.url",
                self.sms.url.as_ref().is_none_or(|url| is_web(url)),
                WEB,
            ),
        ]
    }

    /// The mailbox is for those who try a shop out, unless somebody wants it by name.
    fn mail_is_served(&self) -> bool {
        let tried_out = self.environment != Environment::Production;
        tried_out || self.mail.server().is_some() || self.mailbox_open()
    }

    fn signs_safely(&self) -> bool {
        let bytes = self
            .auth
            .jwt_secret
            .as_ref()
            .map_or(0, |secret| secret.expose_secret().len());
        self.environment == Environment::Development || bytes >= JWT_SECRET_BYTES_MIN
    }
}

/// More threads than any machine has cores for; some machines refuse to start as many as these.
const THREADS_MAX: (usize, &str) = (1_024, "must be 1024 at the most");
/// What waits takes memory, so a bound that is never reached bounds nothing.
const IN_HAND_MAX: (usize, &str) = (16_777_216, "must be 16777216 at the most");

const JWT_SECRET: &str = "must be given outside development, with 32 bytes or more (JWT_SECRET)";

const MAIL_HOST: &str = "must be given in production (EMAIL_HOST), unless mail.mailbox_open is true";

fn begins(url: Option<&SecretString>, schemes: &[&str]) -> bool {
    url.is_none_or(|url| {
        schemes
            .iter()
            .any(|scheme| url.expose_secret().starts_with(scheme))
    })
}

/// A key that no header can hold was pasted wrongly.
fn fits_a_header(key: Option<&SecretString>) -> bool {
    key.is_none_or(|key| {
        key.expose_secret()
            .bytes()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_control())
    })
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// Scheme, host and port, and nothing after it: that is what a browser sends.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn complaint(key: &str, value: usize) -> Option<String> {
        let sources = Sources::default().flag("--set", key, Some(value));
        Config::load(&sources).err().map(|error| error.to_string())
    }

    #[test]
    fn more_threads_or_places_than_a_machine_can_have_are_refused() {
        for key in [
            "server.workers",
            "server.in_hand_max",
            "actors.per_owner",
            "actors.per_node",
        ] {
            let told = complaint(key, 200_000_000).unwrap_or_default();
            assert!(told.contains("at the most"), "{key}: {told}");
        }
        assert_eq!(complaint("server.workers", 1_024), None);
    }

    #[test]
    fn a_razorpay_key_needs_its_secret() {
        let sources = Sources::default().flag("--set", "razorpay.key_id", Some("rzp_test_key"));
        let told = Config::load(&sources).err().map(|error| error.to_string());
        let told = told.unwrap_or_default();
        assert!(told.contains("razorpay.key_secret"), "{told}");
    }

    #[test]
    fn production_starts_with_a_long_secret_and_somewhere_for_mail_to_go() {
        let start = |more: &[(&str, &str)]| {
            let place = tempfile::tempdir().unwrap();
            let sources = Sources {
                folder: place.path().into(),
                ..Sources::default()
            };
            let production = [("environment", "production")];
            let settings = production.iter().chain(more);
            Config::load(&settings.fold(sources, |all, (key, value)| {
                all.flag("--set", key, Some((*value).to_owned()))
            }))
            .map_err(|error| error.to_string())
        };
        let told = start(&[]).unwrap_err();
        assert!(
            told.starts_with("auth.jwt_secret must be given outside development"),
            "{told}"
        );
        let told = start(&[("auth.jwt_secret", &"s".repeat(31))]).unwrap_err();
        assert!(told.starts_with("auth.jwt_secret (--set)"), "{told}");
        let secret = ("auth.jwt_secret", &*"s".repeat(32));
        let told = start(&[secret]).unwrap_err();
        assert!(
            told.starts_with("mail.host must be given in production"),
            "{told}"
        );
        let config = start(&[secret, ("mail.mailbox_open", "true")]).unwrap();
        assert_eq!(config.host(), "0.0.0.0");
        assert!(!config.metrics_open() && !config.docs_open());
        assert_eq!(config.signing_secret().unwrap().expose_secret(), "s".repeat(32));
    }
}
