//! A client of Socket.IO by hand, over polling or a WebSocket, packet by packet.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::call::Answer;
use crate::shop::{Caller, Shop};

/// The path that most clients know.
pub(crate) const PATH: &str = "/socket.io/";
/// No packet of a test takes longer; a hang is a fault.
const PATIENCE: Duration = Duration::from_secs(30);

/// A session of a client.
pub(crate) struct Line {
    /// By which the shop knows it.
    pub(crate) sid: String,
    caller: Caller,
    socket: Option<Socket>,
    arrived: VecDeque<String>,
}

/// Its WebSocket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Line {
    /// Begins a session that polls, at either path.
    pub(crate) async fn polling(caller: &Caller, path: &str) -> Self {
        let opened = caller
            .get(&format!("{path}?EIO=4&transport=polling"))
            .await
            .expect(200);
        Self::opened(caller, None, &opened.text)
    }

    /// Begins a session over a WebSocket; the caller's token goes into the cookie.
    pub(crate) async fn socket(shop: &Shop, caller: &Caller) -> Self {
        let mut socket = Socket::open(shop, caller, "").await.expect("a socket");
        let opened = socket.next().await.expect("a packet");
        Self::opened(caller, Some(socket), &opened)
    }

    fn opened(caller: &Caller, socket: Option<Socket>, packet: &str) -> Self {
        let told = packet.strip_prefix('0').expect("an open packet");
        let told: Value = serde_json::from_str(told).expect("JSON");
        assert_eq!(told["maxPayload"], 65_536, "{told}");
        let upgrades = if socket.is_some() {
            json!([])
        } else {
            json!(["websocket"])
        };
        assert_eq!(told["upgrades"], upgrades);
        Self {
            sid: told["sid"].as_str().expect("an id").to_owned(),
            caller: caller.clone(),
            socket,
            arrived: VecDeque::new(),
        }
    }

    /// The path and query of a session that polls.
    pub(crate) fn address(&self) -> String {
        format!("{PATH}?EIO=4&transport=polling&sid={}", self.sid)
    }

    /// Sends a packet.
    pub(crate) async fn send(&mut self, packet: &str) {
        match &mut self.socket {
            Some(socket) => socket.send(packet).await,
            None => assert_eq!(self.post(packet).await.expect(200).text, "ok"),
        }
    }

    /// Sends a body and whatever comes of it.
    pub(crate) async fn post(&self, body: &str) -> Answer {
        let call = self.caller.call(Method::POST, &self.address());
        call.bytes(body.to_owned()).send().await
    }

    /// The next packet that asks for no sign of life, after giving one for those that do.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            let packet = self.next_of_any_kind().await?;
            if packet == "2" {
                self.send("3").await;
            } else {
                return Some(packet);
            }
        }
    }

    async fn next_of_any_kind(&mut self) -> Option<String> {
        if let Some(socket) = &mut self.socket {
            return socket.next().await;
        }
        while self.arrived.is_empty() {
            let polled = self.caller.get(&self.address()).await;
            if polled.status != 200 {
                return None;
            }
            self.arrived.extend(polled.text.split('\x1e').map(str::to_owned));
        }
        self.arrived.pop_front()
    }

    /// Connects to the namespace, and insists on it.
    pub(crate) async fn connect(&mut self, auth: &Value) {
        let answer = self.knock(auth).await;
        assert!(answer.starts_with(r#"40{"sid":"#), "{answer}");
        let ready = self.event().await;
        assert_eq!(
            (&ready[0], &ready[2]),
            (&json!("status"), &json!("ready")),
            "{ready}"
        );
    }

    /// What comes of wanting to connect.
    pub(crate) async fn knock(&mut self, auth: &Value) -> String {
        let auth = if auth.is_null() {
            String::new()
        } else {
            auth.to_string()
        };
        self.send(&format!("40{auth}")).await;
        self.next().await.expect("an answer")
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        let packet = self.next().await.expect("an event");
        let event = packet.strip_prefix("42");
        let event = event.unwrap_or_else(|| panic!("an event was expected: {packet}"));
        serde_json::from_str(event).expect("JSON")
    }

    /// Says something, and takes every event until the assistant is ready again.
    pub(crate) async fn say(&mut self, text: &str) -> Vec<Value> {
        self.send(&format!("42{}", json!(["message", text]))).await;
        let mut events = Vec::new();
        loop {
            let event = self.event().await;
            if event[2] == "ready" {
                return events;
            }
            events.push(event);
        }
    }

    /// The same, but gives no sign of life from here on: so does a client that is gone, and nobody has
    /// told the shop.
    pub(crate) async fn say_and_fall_silent(&mut self, text: &str) {
        self.send(&format!("42{}", json!(["message", text]))).await;
        while !self
            .next_of_any_kind()
            .await
            .expect("a packet")
            .contains("\"ready\"")
        {}
    }

    /// The words of the answer to something.
    pub(crate) async fn words(&mut self, text: &str) -> String {
        let events = self.say(text).await;
        let words = events.iter().filter(|event| event[0] == "message");
        let words = words.filter_map(|event| event[1].as_str()).next_back();
        words.unwrap_or_else(|| panic!("no words: {events:?}")).to_owned()
    }

    /// Everything until the session is at its end.
    pub(crate) async fn until_the_end(&mut self) -> Vec<String> {
        let mut packets = Vec::new();
        while let Some(packet) = self.next().await {
            packets.push(packet);
        }
        packets
    }

    /// The socket that carries the session.
    pub(crate) fn into_socket(self) -> Socket {
        self.socket.expect("a session over a socket")
    }

    /// Goes over from polling to this socket.
    pub(crate) async fn upgrade(&mut self, mut socket: Socket) {
        socket.send("2probe").await;
        assert_eq!(socket.next().await.as_deref(), Some("3probe"));
        let polled = self.caller.get(&self.address()).await.expect(200);
        assert_eq!(polled.text, "6", "a poll ends, so that the client can go over");
        socket.send("5").await;
        self.socket = Some(socket);
    }
}

impl Socket {
    /// Opens a socket, at a session's or a new one's; or says with what status not.
    pub(crate) async fn open(shop: &Shop, caller: &Caller, more: &str) -> Result<Self, u16> {
        let url = shop.url().replace("http://", "ws://");
        let request = format!("{url}{PATH}?EIO=4&transport=websocket{more}");
        let mut request = request.into_client_request().expect("a handshake");
        if let Some(token) = &caller.token {
            crate::chat::put(&mut request, "cookie", &format!("token={token}"));
        }
        let opened = tokio::time::timeout(PATIENCE, connect_async(request)).await;
        match opened.expect("an answer to the handshake") {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("the handshake broke off: {error}"),
        }
    }

    /// Sends a packet.
    pub(crate) async fn send(&mut self, packet: &str) {
        self.send_raw(Message::text(packet)).await;
    }

    /// Sends anything.
    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("the socket is open");
    }

    /// The next packet; `None` when the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match next.expect("a packet in time")? {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}
