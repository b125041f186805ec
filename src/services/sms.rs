//! Text messages, through any gateway that takes them as JSON.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::mail::Unsent;
use super::outside::{Call, NoReply, Outside};
use crate::config::Config;
use crate::domain::id::Id;

/// These say that something is wrong with the message itself; others, that it is with us.
const BAD_MESSAGE: [u16; 2] = [400, 422];

/// A gateway.
pub struct Gateway {
    outside: Outside,
    url: String,
    account: Option<(String, SecretString)>,
    sender: Option<String>,
}

impl Gateway {
    /// The gateway that is configured, if one is.
    #[must_use]
    pub fn open(config: &Config) -> Option<Self> {
        let sms = &config.sms;
        Some(Self {
            outside: Outside::new("text messages", config.outside),
            url: sms.url.clone()?,
            account: sms.user.clone().zip(sms.password.clone()),
            sender: sms.sender.clone(),
        })
    }

    /// Sends a text to a number. Whoever is sent the same letter again has its id to tell.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn send(&self, id: Id, number: &str, text: &str) -> Result<(), Unsent> {
        let message = json!({ "id": id, "to": number, "from": self.sender, "text": text });
        let mut call = Call::new(Method::POST, self.url.clone()).json(&message);
        if let Some((user, password)) = &self.account {
            call = call.basic_auth(user, password.expose_secret());
        }
        self.outside.tell(&call).await.map_err(|no_reply| match no_reply {
            NoReply::TurnedDown { status, .. } if BAD_MESSAGE.contains(&status.as_u16()) => {
                Unsent::Never(no_reply.to_string())
            }
            NoReply::Resting(_) => Unsent::Resting(no_reply.to_string()),
            no_reply => Unsent::Again(no_reply.to_string()),
        })
    }
}
