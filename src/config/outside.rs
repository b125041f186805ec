//! The sections of the services outside that a shop may have accounts with.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::given;

/// How mail goes out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The SMTP server.
    #[serde(deserialize_with = "given::value")]
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// The account on it.
    #[serde(deserialize_with = "given::value")]
    pub user: Option<String>,
    /// That account's password.
    #[serde(deserialize_with = "given::secret")]
    pub password: Option<SecretString>,
    /// The sender.
    #[serde(deserialize_with = "given::value")]
    pub from: Option<String>,
    /// Gmail's OAuth 2 client.
    #[serde(deserialize_with = "given::value")]
    pub client_id: Option<String>,
    /// Its secret.
    #[serde(deserialize_with = "given::secret")]
    pub client_secret: Option<SecretString>,
    /// What fresh tokens are asked with.
    #[serde(deserialize_with = "given::secret")]
    pub refresh_token: Option<SecretString>,
    /// Where they are asked for.
    pub token_url: String,
    /// How what is said to the server is kept from others.
    pub encryption: Encryption,
    /// Whom to trust beside everybody else.
    #[serde(deserialize_with = "given::value")]
    pub ca_file: Option<String>,
    /// How long the server may take for one mail.
    #[serde(rename = "timeout_ms", deserialize_with = "given::millis")]
    pub timeout: Duration,
    /// Whether mail that is not sent is shown, if it was said.
    #[serde(deserialize_with = "given::value")]
    pub(super) mailbox_open: Option<bool>,
}

/// How what is said to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// As port and host suggest.
    Auto,
    /// From the first byte on.
    Tls,
    /// From the greeting on.
    StartTls,
    /// Not at all.
    None,
}

impl Mail {
    /// The server, if mail goes out at all: the one that was given, or Gmail's where there is an
    /// OAuth 2 client.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        let gmail = self.client_id.as_ref().map(|_| "smtp.gmail.com");
        self.host.as_deref().or(gmail)
    }

    /// Whether all parts of the OAuth 2 client are known, or none.
    pub(super) fn signs_in_wholly(&self) -> bool {
        let parts = [
            self.client_id.is_some(),
            self.client_secret.is_some(),
            self.refresh_token.is_some(),
        ];
        let all_alike = parts.windows(2).all(|pair| pair[0] == pair[1]);
        all_alike && (self.user.is_some() || !parts[0])
    }

    /// The sender that mails name.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.from.as_deref().or(self.user.as_deref())
    }
}

/// A gateway for text messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Where it takes them.
    #[serde(deserialize_with = "given::value")]
    pub url: Option<String>,
    /// The account there.
    #[serde(deserialize_with = "given::value")]
    pub user: Option<String>,
    /// Its password.
    #[serde(deserialize_with = "given::secret")]
    pub password: Option<SecretString>,
    /// The sender.
    #[serde(deserialize_with = "given::value")]
    pub sender: Option<String>,
}

/// How services outside are called.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// How long one may take to answer.
    #[serde(rename = "timeout_ms", deserialize_with = "given::millis")]
    pub timeout: Duration,
}

/// How those are told of what happens who want to be.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Whether they may have private addresses.
    pub allow_private: bool,
    /// How long one may take to answer.
    #[serde(rename = "timeout_ms", deserialize_with = "given::millis")]
    pub timeout: Duration,
}

/// An ImageKit account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageKit {
    /// Its public key.
    #[serde(deserialize_with = "given::value")]
    pub public_key: Option<String>,
    /// Its private key.
    #[serde(deserialize_with = "given::secret")]
    pub private_key: Option<SecretString>,
    /// Where it serves pictures.
    #[serde(deserialize_with = "given::value")]
    pub url_endpoint: Option<String>,
    /// Where its files are managed.
    pub base_url: String,
    /// Where files are sent to.
    pub upload_url: String,
}

impl ImageKit {
    /// Whether an account of which something is known can be used: nothing can be sent to it
    /// without the private key.
    pub(super) fn is_whole(&self) -> bool {
        let known = self.public_key.is_some() || self.url_endpoint.is_some();
        self.private_key.is_some() || !known
    }
}

/// A Cloudinary account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloudinary {
    /// The name of the cloud.
    #[serde(deserialize_with = "given::value")]
    pub name: Option<String>,
    /// The key of its API.
    #[serde(deserialize_with = "given::value")]
    pub api_key: Option<String>,
    /// The secret of its API.
    #[serde(deserialize_with = "given::secret")]
    pub api_secret: Option<SecretString>,
    /// Where the API is.
    pub base_url: String,
}

impl Cloudinary {
    /// Whether all three are known, or none.
    pub(super) fn is_whole(&self) -> bool {
        let parts = [
            self.name.is_some(),
            self.api_key.is_some(),
            self.api_secret.is_some(),
        ];
        parts.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// A Razorpay account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Razorpay {
    /// The id of the key.
    #[serde(deserialize_with = "given::value")]
    pub key_id: Option<String>,
    /// The secret of the key.
    #[serde(deserialize_with = "given::secret")]
    pub key_secret: Option<SecretString>,
    /// What webhooks are signed with.
    #[serde(deserialize_with = "given::secret")]
    pub webhook_secret: Option<SecretString>,
    /// Where the API is, if not at Razorpay's.
    #[serde(deserialize_with = "given::value")]
    pub base_url: Option<String>,
}

impl Razorpay {
    /// Whether a key has its secret.
    pub(super) fn is_whole(&self) -> bool {
        self.key_id.is_none() || self.key_secret.is_some()
    }
}

/// What stands in for Razorpay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    #[serde(deserialize_with = "given::value")]
    pub(super) enabled: Option<bool>,
}

/// A Gemini model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gemini {
    /// The key of its API.
    #[serde(deserialize_with = "given::secret")]
    pub api_key: Option<SecretString>,
    /// Which of them.
    pub model: String,
    /// Where the API is.
    pub base_url: String,
}

/// A model that speaks OpenAI's API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAi {
    /// The key of its API.
    #[serde(deserialize_with = "given::secret")]
    pub api_key: Option<SecretString>,
    /// Where the API is, if not at OpenAI's.
    #[serde(deserialize_with = "given::value")]
    pub base_url: Option<String>,
    /// Which of the models there.
    pub model: String,
}

impl OpenAi {
    /// Whether there is somebody to ask: a server of one's own may want no key.
    pub(super) fn is_there(&self) -> bool {
        self.api_key.is_some() || self.base_url.is_some()
    }
}
