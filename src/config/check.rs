//! What a setting must be beyond its type.

use std::time::Duration;

use figment::Figment;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

use super::complaint::ConfigError;
use super::{Config, Environment};

/// A signing key of fewer bytes can be guessed.
const JWT_SECRET_BYTES_MIN: usize = 32;

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

    /// Each rule: the key it is about, whether it holds, and what to say if it does not.
    fn rules(&self) -> Vec<(&'static str, bool, &'static str)> {
        let (auth, server) = (&self.auth, &self.server);
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
                "http.allowed_origins",
                self.http.allowed_origins.iter().all(|one| is_origin(one)),
                "must list origins such as https://shop.example, and never *",
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
        let positive = [
            ("server.body_limit_bytes", server.body_limit_bytes),
            ("auth.lockout_failures", auth.lockout_failures as usize),
            ("server.in_hand_max", server.in_hand_max),
            ("actors.per_owner", self.actors.per_owner),
            ("actors.per_node", self.actors.per_node),
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
            ("orders.hold_seconds", self.orders.hold),
        ];
        rules.extend(times.map(|(key, value)| (key, value > Duration::ZERO, "must be 1 or more")));
        rules
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

fn begins(url: Option<&SecretString>, schemes: &[&str]) -> bool {
    url.is_none_or(|url| {
        schemes
            .iter()
            .any(|scheme| url.expose_secret().starts_with(scheme))
    })
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
}
