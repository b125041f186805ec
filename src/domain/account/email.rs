//! An email address, written one way: nobody has two accounts by writing it in capitals.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longer than this no mail server takes one.
const BYTES_MAX: usize = 254;
const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// An email address in small letters. Whether anybody reads mail there is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is no email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an email address")]
pub struct MalformedEmail;

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the at sign.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = MalformedEmail;

    fn from_str(text: &str) -> Result<Self, MalformedEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@').ok_or(MalformedEmail)?;
        if text.len() > BYTES_MAX || !is_local(local) || !is_domain(domain) {
            return Err(MalformedEmail);
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter);
    (1..=LOCAL_BYTES_MAX).contains(&local.len())
        && local.chars().all(allowed)
        && !local.split('.').any(str::is_empty)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_is_told_from_other_texts_and_written_one_way() {
        for (text, expected) in [
            ("anna@example.com", Some("anna@example.com")),
            (" Anna.B+Shop@Example.COM ", Some("anna.b+shop@example.com")),
            ("jürgen@müller.de", Some("jürgen@müller.de")),
            ("", None),
            ("anna", None),
            ("anna@", None),
            ("@example.com", None),
            ("anna@example", None),
            ("anna@@example.com", None),
            ("anna@exa mple.com", None),
            ("an na@example.com", None),
            ("anna..b@example.com", None),
            ("anna@-example.com", None),
            ("anna@example..com", None),
            ("anna\n@example.com", None),
            ("<anna@example.com>", None),
            ("anna@example.com,bert@example.com", None),
        ] {
            let email = text.parse::<Email>();
            assert_eq!(email.as_ref().ok().map(Email::as_str), expected, "{text:?}");
        }
        let long = format!("anna@{}.com", "a.".repeat(130));
        assert_eq!(long.parse::<Email>(), Err(MalformedEmail));
    }
}
