//! The ways out of the house for letters: the mail server and the gateway for text messages.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::letter::{Letter, Recipient};
use crate::services::mail::{Line, Mail, Server, Unsent};
use crate::services::sms::Gateway;
use crate::services::stationery::Stationery;

/// A gateway is asked a few times; all of it ends within this.
const GATEWAY_PATIENCE: Duration = Duration::from_secs(30);

/// The ways out.
pub struct Post {
    /// The mail server.
    pub server: Option<Arc<Server>>,
    /// The gateway for text messages.
    pub gateway: Option<Gateway>,
    /// What letters are written on.
    pub stationery: Stationery,
}

impl Post {
    /// Whether there is any way out.
    #[must_use]
    pub fn goes_out(&self) -> bool {
        self.server.is_some() || self.gateway.is_some()
    }

    /// How long whoever sends a letter has it to himself: twice as long as sending takes at most.
    #[must_use]
    pub fn claim(&self) -> Duration {
        let server = self.server.as_ref().map(Arc::as_ref).map(Server::patience);
        let gateway = self.gateway.as_ref().map(|_| GATEWAY_PATIENCE);
        server.max(gateway).unwrap_or_default() * 2
    }

    /// Sends a letter by its way.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn send(&self, line: &mut Line, letter: &Letter) -> Result<(), Unsent> {
        match (&letter.to, &self.server, &self.gateway) {
            (Recipient::Mail { address, name }, Some(server), _) => {
                let written = self.stationery.write(&letter.content, name);
                let mail = Mail {
                    id: letter.id,
                    to: address,
                    name,
                    written: &written.map_err(|error| Unsent::Again(error.to_string()))?,
                };
                line.send(server, &mail).await
            }
            (Recipient::Sms { number }, _, Some(gateway)) => {
                let text = self.stationery.line(&letter.content);
                gateway.send(letter.id, number, &text).await
            }
            (Recipient::Mail { .. }, None, _) => Err(Unsent::Again("there is no mail server".into())),
            (Recipient::Sms { .. }, _, None) => Err(Unsent::Again("there is no gateway".into())),
        }
    }
}
