//! One call over HTTP and what it was answered. What is not as expected reads like a bug report.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// No answer of a test takes longer; a hang is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// A call that is being put together.
pub(crate) struct Call {
    asked: String,
    request: RequestBuilder,
}

/// What a call was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    asked: String,
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

impl Call {
    pub(crate) fn new(asked: String, request: RequestBuilder) -> Self {
        let request = request.timeout(PATIENCE);
        Self { asked, request }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sends JSON.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Sends these bytes.
    pub(crate) fn bytes(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.body(body);
        self
    }

    /// Makes the call and insists on bytes.
    pub(crate) async fn bytes_of(self) -> Vec<u8> {
        let asked = self.asked;
        let response = self.request.send().await;
        let response = response.unwrap_or_else(|error| panic!("{asked} got no answer: {error:?}"));
        assert_eq!(response.status().as_u16(), 200, "{asked}");
        let bytes = response.bytes().await;
        bytes
            .unwrap_or_else(|error| panic!("{asked} broke off: {error:?}"))
            .into()
    }

    /// Makes the call and looks at the head of the answer alone: its body may have no end.
    pub(crate) async fn head(self) -> Answer {
        let asked = self.asked;
        let response = self.request.send().await;
        let response = response.unwrap_or_else(|error| panic!("{asked} got no answer: {error:?}"));
        Answer {
            asked,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: Value::Null,
            text: String::new(),
        }
    }

    /// Makes the call.
    pub(crate) async fn send(self) -> Answer {
        let asked = self.asked;
        let response = match self.request.send().await {
            Ok(response) => response,
            Err(error) => panic!("{asked} got no answer: {error:?}"),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response
            .text()
            .await
            .unwrap_or_else(|error| panic!("{asked} broke off: {error:?}"));
        Answer {
            asked,
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

impl Answer {
    /// Insists on a status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} was answered {}", self.asked, self.text);
        self
    }

    /// Insists on a problem document of this status and code, whole in every part.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        let (asked, body) = (&answer.asked, &answer.body);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{asked}"
        );
        assert_eq!(body["code"], code, "{asked}: {body}");
        assert_eq!(body["status"], status, "{asked}: {body}");
        assert_eq!(
            body["type"],
            format!("urn:bazaar:problem:{code}"),
            "{asked}: {body}"
        );
        assert_eq!(body["message"], body["detail"], "{asked}: {body}");
        assert_eq!(
            body["requestId"],
            answer.header("x-request-id"),
            "{asked}: {body}"
        );
        for part in ["title", "detail"] {
            let told = body[part].as_str().is_some_and(|text| !text.is_empty());
            assert!(told, "{asked}: no {part} in {body}");
        }
        answer
    }

    /// Which fields are bad, in the order in which they are named.
    #[track_caller]
    pub(crate) fn bad_fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.unwrap_or_else(|| panic!("{}: no errors in {}", self.asked, self.body));
        errors.iter().filter_map(|error| error["path"].as_str()).collect()
    }

    /// A header; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let name = HeaderName::try_from(name).expect("the name of a header");
        self.headers
            .get(name)
            .map_or("", |value: &HeaderValue| value.to_str().unwrap_or_default())
    }
}
