//! Calls to services outside over HTTP: each within a time, tried again a few times after a
//! while, and not at all for a while when the service has been failing.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rand::RngExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::Form;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::breaker::Breaker;
use crate::config;

/// So often is a call tried.
const TRIES: u32 = 3;
/// About how long it is before the second try; twice as long before the third.
const PAUSE_MS: u64 = 100;
/// A longer reply is none of theirs.
const REPLY_BYTES_MAX: usize = 1 << 20;

/// A service outside.
#[derive(Clone)]
pub struct Outside {
    client: Client,
    /// How long one try may take.
    patience: Duration,
    breaker: Arc<Breaker>,
}

/// A call that can be made more than once and does the same each time, unless it says otherwise.
pub struct Call {
    method: Method,
    url: String,
    user: Option<(String, String)>,
    headers: Vec<(HeaderName, String)>,
    body: Body,
    once: bool,
}

enum Body {
    Nothing,
    Form(MakeForm),
    Json(Bytes),
    Fields(String),
}

type MakeForm = Box<dyn Fn() -> Option<Form> + Send + Sync>;

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReply {
    /// It has been failing, and is left alone for a while. Nothing was sent.
    #[error("{0} has been failing and is left alone for a while")]
    Resting(&'static str),
    /// It could not be reached, or takes no more calls for now: it has done nothing.
    #[error("{0} did not take the call: {1}")]
    NotTaken(&'static str, String),
    /// It failed, or did not answer in time. What it has done is not known.
    #[error("{0} failed: {1}")]
    Failed(&'static str, String),
    /// It says that the call is wrong.
    #[error("{service} turned the call down: {status}")]
    TurnedDown {
        /// The service.
        service: &'static str,
        /// The status of its reply.
        status: StatusCode,
        /// Its reply.
        reply: Bytes,
    },
}

/// Gives this process the cryptography that every TLS connection of it uses. To be called before
/// any is made.
pub fn use_ring() {
    // Fails when it was done before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Call {
    /// A call without a body.
    #[must_use]
    pub fn new(method: Method, url: String) -> Self {
        Self {
            method,
            url,
            user: None,
            headers: Vec::new(),
            body: Body::Nothing,
            once: false,
        }
    }

    /// Signs in as a user with a password.
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.user = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Sends a form, which is made anew for each try.
    #[must_use]
    pub fn form(mut self, form: impl Fn() -> Option<Form> + Send + Sync + 'static) -> Self {
        self.body = Body::Form(Box::new(form));
        self
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        // What has no JSON is sent as nothing, and the service says so.
        self.json_text(serde_json::to_vec(value).unwrap_or_default().into())
    }

    /// Sends a text that is JSON already, byte for byte.
    #[must_use]
    pub fn json_text(mut self, text: Bytes) -> Self {
        self.body = Body::Json(text);
        self
    }

    /// Sends fields as forms without files send them.
    #[must_use]
    pub fn fields(mut self, fields: &[(&str, &str)]) -> Self {
        // A query is written in the same way, and this URL is one.
        let url = reqwest::Url::parse_with_params("http://localhost/", fields);
        let fields = url.ok().and_then(|url| url.query().map(str::to_owned));
        self.body = Body::Fields(fields.unwrap_or_default());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Done twice it would be two things: it is not sent again unless it was not taken.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    fn request(&self, client: &Client) -> Option<RequestBuilder> {
        let mut request = client.request(self.method.clone(), &self.url);
        if let Some((user, password)) = &self.user {
            request = request.basic_auth(user, Some(password));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match &self.body {
            Body::Nothing => Some(request),
            Body::Form(form) => Some(request.multipart(form()?)),
            Body::Json(text) => Some(
                request
                    .header(CONTENT_TYPE, "application/json")
                    .body(text.clone()),
            ),
            Body::Fields(fields) => Some(
                request
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(fields.clone()),
            ),
        }
    }
}

impl Outside {
    /// The service of this name.
    #[must_use]
    pub fn new(name: &'static str, settings: config::Outside) -> Self {
        use_ring();
        let plain = HeaderMap::from_iter([(
            reqwest::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        )]);
        let client = Client::builder()
            .default_headers(plain)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self {
            client: client.unwrap_or_default(),
            patience: settings.timeout,
            breaker: Arc::new(Breaker::new(name)),
        }
    }

    /// Makes a call and reads the reply.
    ///
    /// # Errors
    /// [`NoReply`], also when the reply cannot be read.
    pub async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, NoReply> {
        let reply = self.reply(call).await?;
        let read = serde_json::from_slice(&reply);
        read.map_err(|error| {
            NoReply::Failed(self.breaker.name(), format!("its reply cannot be read: {error}"))
        })
    }

    /// Makes a call whose reply says nothing.
    ///
    /// # Errors
    /// [`NoReply`].
    pub async fn tell(&self, call: &Call) -> Result<(), NoReply> {
        self.reply(call).await.map(drop)
    }

    async fn reply(&self, call: &Call) -> Result<Bytes, NoReply> {
        let name = self.breaker.name();
        let mut failure = NoReply::Resting(name);
        for n in 0..TRIES {
            if !self.breaker.lets_through() {
                return Err(failure);
            }
            let tried = timeout(self.patience, self.attempt(call)).await;
            match tried.unwrap_or_else(|_| Err(NoReply::Failed(name, "it did not answer in time".into()))) {
                Ok(reply) => {
                    self.breaker.succeeded();
                    return Ok(reply);
                }
                Err(turned_down @ NoReply::TurnedDown { .. }) => {
                    // It is there and can say no.
                    self.breaker.succeeded();
                    return Err(turned_down);
                }
                Err(why) => {
                    debug!(%why, "a call failed");
                    self.breaker.failed();
                    failure = why;
                }
            }
            if call.once && matches!(failure, NoReply::Failed(..)) {
                return Err(failure);
            }
            if n + 1 < TRIES {
                sleep(pause(n)).await;
            }
        }
        Err(failure)
    }

    async fn attempt(&self, call: &Call) -> Result<Bytes, NoReply> {
        let service = self.breaker.name();
        let request = call.request(&self.client);
        let request =
            request.ok_or_else(|| NoReply::NotTaken(service, "it cannot be put together".into()))?;
        let response = request.send().await.map_err(|error| unanswered(service, error))?;
        let status = response.status();
        let reply = gather(response)
            .await
            .map_err(|why| NoReply::Failed(service, why))?;
        match status {
            status if status.is_success() => Ok(reply),
            StatusCode::TOO_MANY_REQUESTS => Err(NoReply::NotTaken(service, status.to_string())),
            status if status.is_client_error() => Err(NoReply::TurnedDown {
                service,
                status,
                reply,
            }),
            status => Err(NoReply::Failed(service, status.to_string())),
        }
    }
}

fn unanswered(service: &'static str, error: reqwest::Error) -> NoReply {
    let never_left = error.is_connect() || error.is_builder();
    let why = error.without_url().to_string();
    if never_left {
        NoReply::NotTaken(service, why)
    } else {
        NoReply::Failed(service, why)
    }
}

/// How long to wait after the n-th try: not as long as everybody else who failed with it.
fn pause(n: u32) -> Duration {
    let most = PAUSE_MS << n;
    Duration::from_millis(rand::rng().random_range(most / 2..=most))
}

/// The body of a response, within a bound.
async fn gather(mut response: Response) -> Result<Bytes, String> {
    let mut reply = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if reply.len() + chunk.len() <= REPLY_BYTES_MAX => {
                reply.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err("its reply has no end".into()),
            Ok(None) => return Ok(reply.freeze()),
            Err(error) => return Err(error.without_url().to_string()),
        }
    }
}
