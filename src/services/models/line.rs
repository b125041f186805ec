//! The line to a model's API: a call is tried again for as long as nothing of an answer has come,
//! within times and bounds, and not at all for a while when the API has been failing.

use std::time::Duration;

use rand::RngExt;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{debug, warn};

use super::ModelError;
use crate::config;
use crate::services::breaker::Breaker;
use crate::services::outside::use_ring;

/// So often is a call tried.
const TRIES: u32 = 3;
/// About how long it is before the second try; twice as long before the third.
const PAUSE_MS: u64 = 200;
/// Nobody waits longer than this before a try, whatever the API asks for.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// What an API says of a failure is read so far, and shown to the operator so far.
const FAULT_BYTES_MAX: usize = 4 * 1024;
const FAULT_CHARS_SHOWN: usize = 200;

/// The line to one API.
pub(super) struct Line {
    name: &'static str,
    url: String,
    client: Client,
    key: Option<SecretString>,
    pub(super) breaker: Breaker,
    pub(super) patience: Patience,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Until its first event comes,
    pub(super) first: Duration,
    /// until the next one comes,
    pub(super) next: Duration,
    /// and all of it.
    pub(super) whole: Duration,
}

/// A try that came to nothing.
#[derive(Debug)]
pub(super) struct Failed {
    /// Why.
    pub(super) error: ModelError,
    /// Whether another try could do better, and if so after how long at least.
    pub(super) again: Option<Duration>,
}

impl From<&config::Assistant> for Patience {
    fn from(settings: &config::Assistant) -> Self {
        Self {
            first: settings.first_event,
            next: settings.next_event,
            whole: settings.answer_timeout,
        }
    }
}

impl Failed {
    /// Another try could do better.
    pub(super) fn for_now(why: impl Into<String>) -> Self {
        Self::after(Duration::ZERO, why)
    }

    fn after(pause: Duration, why: impl Into<String>) -> Self {
        Self {
            error: ModelError::Unavailable(why.into()),
            again: Some(pause),
        }
    }

    /// Another try would do no better.
    pub(super) fn for_good(error: ModelError) -> Self {
        Self { error, again: None }
    }
}

impl Line {
    /// The line to the API at this address, which takes this key in this header.
    pub(super) fn new(
        name: &'static str,
        url: String,
        (header, scheme): (HeaderName, &str),
        key: Option<&SecretString>,
        patience: Patience,
    ) -> Self {
        use_ring();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let value = key.map(|key| format!("{scheme}{}", key.expose_secret()));
        // The settings are checked for keys that no header can hold.
        if let Some(mut value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        let client = Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT)
            .redirect(Policy::none())
            .build();
        Self {
            name,
            url,
            client: client.unwrap_or_default(),
            key: key.cloned(),
            breaker: Breaker::new(name),
            patience,
        }
    }

    /// Sends a call, and gives the answer once it begins.
    pub(super) async fn send(&self, body: &Value, until: Instant) -> Result<Response, Failed> {
        if !self.breaker.lets_through() {
            let why = "it has been failing and is left alone for a while";
            return Err(Failed::for_good(ModelError::Unavailable(why.into())));
        }
        let sending = self.client.post(&self.url).json(body).send();
        let response = match timeout_at(until, sending).await {
            Err(_) => return Err(self.too_slow()),
            Ok(Err(error)) => return Err(self.failing(error.without_url().to_string())),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.turned_down(response, until).await)
        }
    }

    /// Nothing came in time. Waiting as long once more helps nobody who waits.
    pub(super) fn too_slow(&self) -> Failed {
        self.breaker.failed();
        Failed::for_good(ModelError::Unavailable("it does not answer in time".into()))
    }

    /// It failed, and might not the next time.
    pub(super) fn failing(&self, why: impl Into<String>) -> Failed {
        self.breaker.failed();
        Failed::for_now(why)
    }

    async fn turned_down(&self, response: Response, until: Instant) -> Failed {
        let (status, after) = (response.status(), retry_after(&response));
        let said = timeout_at(until, self.fault(response)).await;
        let why = format!("{status}: {}", said.unwrap_or_default());
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            self.breaker.failed();
            let pause = after.unwrap_or_default();
            if pause <= PAUSE_MAX {
                return Failed::after(pause, why);
            }
            return Failed::for_good(ModelError::Unavailable(why));
        }
        // It is there and can say no.
        self.breaker.succeeded();
        Failed::for_good(match status {
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
                ModelError::Refused(why)
            }
            // A wrong key, an account without money, a model that is not there: an outage to users.
            _ => ModelError::Unavailable(why),
        })
    }

    /// What the API says of a failure, for the operator. About a key it may say too much.
    async fn fault(&self, mut response: Response) -> String {
        if matches!(
            response.status(),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ) {
            return "the key does not let us in".into();
        }
        let mut said = Vec::new();
        while said.len() < FAULT_BYTES_MAX
            && let Ok(Some(chunk)) = response.chunk().await
        {
            said.extend_from_slice(&chunk);
        }
        let said = String::from_utf8_lossy(&said).into_owned();
        let said = match &self.key {
            Some(key) => said.replace(key.expose_secret(), "(the key)"),
            None => said,
        };
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(FAULT_CHARS_SHOWN).collect()
    }

    /// Waits before the next try, unless there is none or no time for it.
    pub(super) async fn pause(&self, failed: Failed, tried: u32, until: Instant) -> Result<(), ModelError> {
        let Failed { error, again } = failed;
        let pause = again.map(|at_least| at_least.max(jitter(tried)));
        let Some(pause) = pause.filter(|pause| tried < TRIES && Instant::now() + *pause < until) else {
            warn!(model = self.name, %error, "no answer");
            return Err(error);
        };
        debug!(model = self.name, %error, "trying again");
        sleep(pause).await;
        Ok(())
    }

    /// An answer of which something was told already went wrong.
    pub(super) fn cut(&self, error: ModelError) -> ModelError {
        warn!(model = self.name, %error, "an answer broke off");
        match error {
            ModelError::Unavailable(why) => ModelError::Cut(why),
            error => error,
        }
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Not as long as everybody else who failed with it.
fn jitter(tried: u32) -> Duration {
    let most = PAUSE_MS << tried.saturating_sub(1).min(4);
    Duration::from_millis(rand::rng().random_range(most / 2..=most))
}
