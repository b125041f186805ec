//! Signing in at Gmail by OAuth 2: a token that lasts, and the fresh ones that are asked with it.

use std::time::{Duration, Instant};

use lettre::transport::smtp::authentication::Credentials;
use parking_lot::Mutex;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Unsent;
use crate::config::Config;
use crate::services::outside::{Call, Outside};

/// A token is not used when it is about to end.
const MARGIN: Duration = Duration::from_mins(1);

/// An account at Gmail.
pub(super) struct Gmail {
    user: String,
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
    token_url: String,
    outside: Outside,
    token: Mutex<Option<(SecretString, Instant)>>,
}

/// A fresh token.
#[derive(Deserialize)]
struct Fresh {
    access_token: SecretString,
    expires_in: u64,
}

impl Gmail {
    /// The account that is configured, if one is.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let mail = &config.mail;
        Some(Self {
            user: mail.user.clone()?,
            client_id: mail.client_id.clone()?,
            client_secret: mail.client_secret.clone()?,
            refresh_token: mail.refresh_token.clone()?,
            token_url: mail.token_url.clone(),
            outside: Outside::new("mail tokens", config.outside),
            token: Mutex::default(),
        })
    }

    /// What is said to the mail server.
    pub(super) async fn credentials(&self) -> Result<Credentials, Unsent> {
        let known = self.known();
        let token = match known {
            Some(token) => token,
            None => self.fresh().await?,
        };
        Ok(Credentials::new(
            self.user.clone(),
            token.expose_secret().to_owned(),
        ))
    }

    /// The token that is known was not good.
    pub(super) fn forget(&self) {
        *self.token.lock() = None;
    }

    fn known(&self) -> Option<SecretString> {
        let known = self.token.lock();
        let (token, until) = known.as_ref()?;
        (Instant::now() < *until).then(|| token.clone())
    }

    async fn fresh(&self) -> Result<SecretString, Unsent> {
        let call = Call::new(Method::POST, self.token_url.clone()).fields(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("refresh_token", self.refresh_token.expose_secret()),
        ]);
        let fresh: Fresh = self
            .outside
            .ask(&call)
            .await
            .map_err(|no_reply| Unsent::Again(no_reply.to_string()))?;
        let lasts = Duration::from_secs(fresh.expires_in).saturating_sub(MARGIN);
        *self.token.lock() = Some((fresh.access_token.clone(), Instant::now() + lasts));
        Ok(fresh.access_token)
    }
}
