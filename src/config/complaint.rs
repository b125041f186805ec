//! What is wrong with the configuration, in one sentence that names the key and where its value
//! came from, and never repeats the value: it may be a secret.

use std::fmt::{self, Display};

use figment::error::Kind;
use figment::{Error, Figment};

use super::layers::DEFAULTS;

/// Why the runtime does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// A file cannot be read.
    pub(super) fn file(path: &str, why: impl Display) -> Self {
        Self(format!("{path} cannot be read: {why}"))
    }

    /// A folder cannot be made.
    pub(super) fn folder(path: &str, why: impl Display) -> Self {
        Self(format!("the folder {path} cannot be made: {why}"))
    }

    /// What was said sets no key at all.
    pub(super) fn no_key(origin: &str) -> Self {
        Self(format!("{origin} names no setting: a part of its name is empty"))
    }

    /// A value that can be read is not right.
    pub(super) fn value(layers: &Figment, key: &str, why: impl Display) -> Self {
        match layers.find_metadata(key) {
            Some(origin) if origin.name != DEFAULTS => Self(format!("{key} ({}) {why}", origin.name)),
            _ => Self(format!("{key} {why}")),
        }
    }

    /// A value cannot be read at all.
    pub(super) fn reading(error: &Error) -> Self {
        let key = error.path.join(".");
        let origin = error
            .metadata
            .as_ref()
            .map_or("unknown origin", |origin| &origin.name);
        Self(format!("{key} ({origin}) {}", why(&error.kind)))
    }
}

fn why(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(_, known) => {
            format!("is not a setting; there are: {}", known.join(", "))
        }
        Kind::UnknownVariant(_, known) => format!("must be one of: {}", known.join(", ")),
        Kind::MissingField(_) => "is missing".into(),
        Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) => format!("must be {}", plain(wanted)),
        Kind::Message(message) => message.clone(),
        other => other.to_string(),
    }
}

/// A type as a reader of the sentence would call it.
fn plain(wanted: &str) -> &str {
    match wanted {
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a string" | "path string" => "a text",
        other if other.starts_with("struct ") => "a section",
        other => other,
    }
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
