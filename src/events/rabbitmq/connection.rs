//! A connection to the broker with one channel on it. Nothing here comes back by itself: whoever
//! finds it broken drops it and opens another, because the library's own recovery gives up after
//! a while and sends nothing again.

use std::fmt;
use std::time::Duration;

use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties};
use tokio::time::timeout;

/// The broker has this long to say that it has let go of a connection.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often both sides show that they are alive, in seconds, if the URL says nothing else.
const HEARTBEAT: u16 = 10;

/// Where the broker is, and how long it may take to answer.
#[derive(Clone)]
pub(super) struct Address {
    uri: AMQPUri,
    /// How long anything may take.
    pub(super) patience: Duration,
}

/// A URL that leads to no broker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotABroker(String);

/// The broker did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub(super) String);

/// An open connection and the channel on it.
pub(super) struct Link {
    connection: Connection,
    pub(super) channel: Channel,
}

impl Address {
    pub(super) fn read(url: &str, patience: Duration) -> Result<Self, NotABroker> {
        let mut uri: AMQPUri = url.parse().map_err(NotABroker)?;
        if uri.vhost.is_empty() {
            "/".clone_into(&mut uri.vhost); // a URL that ends with a slash means the usual one
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        uri.query.connection_timeout.get_or_insert(millis);
        Ok(Self { uri, patience })
    }

    /// Waits for the broker no longer than it may take.
    pub(super) async fn within<T>(
        &self,
        what: &str,
        answer: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, Broken> {
        match timeout(self.patience, answer).await {
            Ok(answer) => answer.map_err(|error| Broken(format!("{what}: {error}"))),
            Err(_) => Err(Broken(format!("{what}: no answer within {:?}", self.patience))),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)") // it holds a password
    }
}

impl Link {
    /// Connects, under a name that the broker's own pages show.
    pub(super) async fn open(address: &Address, name: &str) -> Result<Self, Broken> {
        let properties =
            ConnectionProperties::default().with_connection_name(format!("bazaar {name}").into());
        let connect = Connection::connect_uri(address.uri.clone(), properties);
        let connection = address.within("to connect", connect).await?;
        let channel = address
            .within("to open a channel", connection.create_channel())
            .await?;
        Ok(Self { connection, channel })
    }

    /// Whether it was whole when it was last heard of.
    pub(super) fn is_whole(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Whether the broker takes no messages for now. It is out of memory, say.
    pub(super) fn is_blocked(&self) -> bool {
        self.connection.status().connected() && self.connection.status().blocked()
    }

    /// Says goodbye, and does not wait long for an answer.
    pub(super) async fn close(self) {
        // The broker finds out by itself if it does not hear this.
        let _ = timeout(FAREWELL, self.connection.close(200, "done".into())).await;
    }
}
