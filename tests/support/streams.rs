//! Whoever listens to a stream of Server-Sent Events.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::Method;

use crate::shop::{Caller, Shop};

const PATIENCE: Duration = Duration::from_secs(20);

/// A stream of events as it comes in.
pub(crate) struct Ears {
    response: reqwest::Response,
    /// Everything so far.
    pub(crate) heard: String,
}

impl Ears {
    /// Begins to listen at a path, after what was heard last.
    pub(crate) async fn open(shop: &Shop, who: &Caller, path: &str, last: Option<&str>) -> Self {
        let url = format!("{}{path}", shop.url());
        let mut call = reqwest::Client::new().request(Method::GET, url);
        call = call.bearer_auth(who.token.as_ref().expect("a token"));
        if let Some(last) = last {
            call = call.header("last-event-id", last);
        }
        let response = call.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let heard = String::new();
        Self { response, heard }
    }

    /// Waits until this was heard.
    pub(crate) async fn hear(&mut self, wanted: &str) {
        while !self.heard.contains(wanted) {
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("only this was heard: {}", self.heard));
            let chunk = chunk.expect("the stream goes on").expect("the stream goes on");
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// Waits for the end of the stream. Says how long it took.
    pub(crate) async fn end(self) -> Duration {
        let since = Instant::now();
        let rest = self.response.bytes_stream().for_each(async |_| {});
        tokio::time::timeout(PATIENCE, rest)
            .await
            .expect("the stream ends");
        since.elapsed()
    }
}
