//! A real WebSocket client of the assistant.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::shop::{Caller, Shop};

/// No frame of a test takes longer; a hang is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open connection.
pub(crate) struct Chat(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Everything that came for one thing that was said.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The frames, in order.
    pub(crate) frames: Vec<Value>,
}

/// What a socket does: it opens, or is refused with a status.
pub(crate) async fn knock(request: Request<()>) -> Result<Chat, u16> {
    let opened = tokio::time::timeout(PATIENCE, connect_async(request)).await;
    match opened.expect("an answer to the handshake") {
        Ok((stream, _)) => Ok(Chat(stream)),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("the handshake broke off: {error}"),
    }
}

/// The handshake of somebody.
pub(crate) fn handshake(shop: &Shop, who: &Caller, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = bare_handshake(shop, "");
    if let Some(token) = &who.token {
        put(&mut request, "authorization", &format!("Bearer {token}"));
    }
    for (name, value) in headers {
        put(&mut request, name, value);
    }
    request
}

/// A handshake without a token.
pub(crate) fn bare_handshake(shop: &Shop, query: &str) -> Request<()> {
    handshake_at(shop.url(), query)
}

fn handshake_at(url: &str, query: &str) -> Request<()> {
    let url = url.replace("http://", "ws://");
    let request = format!("{url}/api/assistant/ws{query}").into_client_request();
    request.expect("a handshake")
}

/// Sets a header.
pub(crate) fn put(request: &mut Request<()>, name: &str, value: &str) {
    let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().expect("a name");
    request
        .headers_mut()
        .insert(name, value.parse().expect("a header"));
}

impl Chat {
    /// Opens a connection for somebody, and reads `ready`.
    pub(crate) async fn open(shop: &Shop, who: &Caller) -> Self {
        let (chat, _) = Self::open_and_see(shop, who).await;
        chat
    }

    /// The same, and what `ready` said.
    pub(crate) async fn open_and_see(shop: &Shop, who: &Caller) -> (Self, Value) {
        Self::ready(handshake(shop, who, &[])).await
    }

    /// Opens a connection to a shop of which no more than its address is known.
    pub(crate) async fn open_at(url: &str, token: &str) -> Self {
        let mut request = handshake_at(url, "");
        put(&mut request, "authorization", &format!("Bearer {token}"));
        let (chat, _) = Self::ready(request).await;
        chat
    }

    async fn ready(request: Request<()>) -> (Self, Value) {
        let opened = knock(request).await;
        let mut chat = opened.unwrap_or_else(|status| panic!("the handshake was answered {status}"));
        let ready = chat.next().await;
        assert_eq!(
            (&ready["type"], &ready["status"]),
            (&json!("status"), &json!("ready"))
        );
        (chat, ready)
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    /// Sends anything.
    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("the socket is open");
    }

    /// Sends a frame, if the socket is open. Says whether it went out.
    pub(crate) async fn try_to_send(&mut self, frame: &Value) -> bool {
        self.0.send(Message::text(frame.to_string())).await.is_ok()
    }

    /// The next frame.
    pub(crate) async fn next(&mut self) -> Value {
        match self.next_raw().await {
            Message::Text(text) => serde_json::from_str(&text).expect("frames are JSON"),
            other => panic!("a frame was expected: {other:?}"),
        }
    }

    /// The next thing that is no ping.
    pub(crate) async fn next_raw(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match next.expect("a frame in time").expect("the socket is open") {
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(message) => return message,
                Err(error) => panic!("the socket broke off: {error}"),
            }
        }
    }

    /// The code that the socket is closed with; frames before it are passed over.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(reason) = self.next_raw().await {
                return reason.map_or(1005, |reason| reason.code.into());
            }
        }
    }

    /// The next frame, or nothing when the socket has come to its end.
    pub(crate) async fn next_or_end(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match next.expect("a frame or the end in time")? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }

    /// How many frames come until the socket is at its end, whichever end that is.
    pub(crate) async fn frames_to_the_end(mut self) -> usize {
        let mut frames = 0;
        while let Some(Ok(message)) = tokio::time::timeout(PATIENCE, self.0.next())
            .await
            .expect("an end in time")
        {
            frames += usize::from(message.is_text());
        }
        frames
    }

    /// Says something and waits for the whole answer.
    pub(crate) async fn say(&mut self, text: &str) -> Exchange {
        self.send(&json!({ "type": "message", "text": text })).await;
        self.answer().await
    }

    /// Answers a question.
    pub(crate) async fn decide(&mut self, call: &Value, accept: bool) -> Exchange {
        self.send(&json!({ "type": "confirm", "callId": call, "accept": accept }))
            .await;
        self.answer().await
    }

    /// Everything until the assistant is ready again.
    pub(crate) async fn answer(&mut self) -> Exchange {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["status"] == "ready" {
                return Exchange { frames };
            }
            frames.push(frame);
        }
    }
}

impl Exchange {
    /// The words of the answer.
    pub(crate) fn text(&self) -> &str {
        let message = self.of("message").last();
        message
            .and_then(|frame| frame["text"].as_str())
            .unwrap_or_default()
    }

    /// The code of the error that it ended with.
    pub(crate) fn error(&self) -> &str {
        let error = self.of("error").last();
        error.and_then(|frame| frame["code"].as_str()).unwrap_or_default()
    }

    /// The names of the tools that were called, in order.
    pub(crate) fn tools(&self) -> Vec<&str> {
        let tools = self.of("tool").filter(|frame| frame["state"] != "running");
        tools.filter_map(|frame| frame["name"].as_str()).collect()
    }

    /// The frames of a type.
    pub(crate) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.frames.iter().filter(move |frame| frame["type"] == kind)
    }

    /// The question that was asked.
    pub(crate) fn question(&self) -> &Value {
        let asked = self.of("confirm").next();
        asked.unwrap_or_else(|| panic!("nothing was asked: {:#?}", self.frames))
    }
}
