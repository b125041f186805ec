//! Tells receivers of webhooks what happened. Where a receiver is decides its owner, a stranger:
//! so its addresses are looked at when they are connected to, redirects are not followed, and
//! nothing it does or leaves takes longer or holds more than it may.

pub mod address;
pub mod signature;
pub mod target;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use tokio::time::{Instant, timeout_at};

pub use target::Rules;

use super::outside::use_ring;
use crate::domain::webhook::{ANSWER_BYTES_MAX, Secret};

const USER_AGENT: &str = concat!("Bazaar/", env!("CARGO_PKG_VERSION"));
/// A connection that nobody uses is kept open for so long.
const IDLE: Duration = Duration::from_secs(15);

/// The way to receivers.
#[derive(Clone)]
pub struct Receivers {
    client: Client,
    rules: Rules,
    patience: Duration,
}

/// Something that is told.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// Where to.
    pub url: &'a str,
    /// What it is signed with.
    pub secret: &'a Secret,
    /// The id by which its receiver knows it again.
    pub id: &'a str,
    /// The second in which it is told.
    pub second: i64,
    /// What is told.
    pub body: &'a str,
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// How the answer began.
    pub beginning: String,
}

/// Why there is no answer, in a sentence for the owner of the webhook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoReply(String);

/// Finds the addresses of names, and gives away only those that may be connected to. It is asked
/// at each connection, so it does not help a name to have had another address before.
struct Guarded(Rules);

/// A name has no address that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the host has no public address")]
struct NoPublicAddress;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| rules.allow(found.ip())).collect();
            if allowed.is_empty() {
                return Err(NoPublicAddress.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

impl Receivers {
    /// The way to receivers that are as the rules have it, each of whom has so long to answer.
    #[must_use]
    pub fn new(rules: Rules, patience: Duration) -> Self {
        Self {
            client: client(rules),
            rules,
            patience,
        }
    }

    /// What receivers may be.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules
    }

    /// How long one of them has to answer.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Tells a receiver something.
    ///
    /// # Errors
    /// [`NoReply`].
    pub async fn tell(&self, telling: Telling<'_>) -> Result<Reply, NoReply> {
        // Also for those that were registered under other rules. An address in a URL is connected
        // to as it stands, and no resolver is asked.
        let url = self.rules.read(telling.url);
        let url = url.map_err(|why| NoReply(format!("the URL {why}")))?;
        let deadline = Instant::now() + self.patience;
        let told = timeout_at(deadline, self.call(url, telling).send()).await;
        let told = told.map_err(|_| NoReply("no answer came in time".into()))?;
        let answer = told.map_err(|error| no_reply(&error))?;
        let status = answer.status().as_u16();
        // The status has said all that counts, so nobody fails for an answer without an end.
        let beginning = timeout_at(deadline, beginning(answer)).await.unwrap_or_default();
        Ok(Reply { status, beginning })
    }

    fn call(&self, url: Url, telling: Telling<'_>) -> RequestBuilder {
        let Telling {
            secret,
            id,
            second,
            body,
            ..
        } = telling;
        self.client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", second)
            .header("webhook-signature", signature::sign(secret, id, second, body))
            .body(body.to_owned())
    }
}

impl Reply {
    /// Whether what was told was taken.
    #[must_use]
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the receiver says that it is gone for good.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.status == 410
    }
}

/// A client that goes where the rules allow and nowhere else.
fn client(rules: Rules) -> Client {
    use_ring();
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        // A proxy would find the addresses by itself, and nobody would look at them.
        .no_proxy()
        .dns_resolver(Arc::new(Guarded(rules)))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(2)
        .build();
    // Any other client in its place would go where this one must not.
    client.expect("a client without certificates of its own can be made")
}

/// The innermost reason, which is the one that helps.
fn no_reply(error: &reqwest::Error) -> NoReply {
    let mut why: &dyn std::error::Error = error;
    while let Some(source) = why.source() {
        why = source;
    }
    NoReply(format!("it could not be reached: {why}"))
}

/// So much of an answer as is kept. What comes after it is not read.
async fn beginning(mut answer: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_is_connected_to_at_its_public_addresses_alone() {
        let resolve = |private| {
            let rules = Rules { private, plain: true };
            Guarded(rules).resolve("localhost".parse().expect("a name"))
        };
        let refused = resolve(false)
            .await
            .err()
            .expect("it has a private address alone");
        assert_eq!(refused.to_string(), "the host has no public address");
        assert!(resolve(true).await.is_ok());
    }
}
