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
}

/// How services outside are called.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
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
}

/// A Gemini model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gemini {
    /// The key of its API.
    #[serde(deserialize_with = "given::secret")]
    pub api_key: Option<SecretString>,
}

/// A model that speaks OpenAI's API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAi {
    /// The key of its API.
    #[serde(deserialize_with = "given::secret")]
    pub api_key: Option<SecretString>,
    /// Where the API is.
    #[serde(deserialize_with = "given::value")]
    pub base_url: Option<String>,
}
