//! A client's end of a socket of the assistant.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A silent client needs little to read with.
const BUFFER: usize = 4 * 1024;

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one with this token, and reads that the assistant is ready.
    pub(crate) async fn open(address: &str, token: &str) -> Self {
        let request = format!("ws://{address}/api/assistant/ws").into_client_request();
        let mut request = request.expect("a handshake");
        let bearer = format!("Bearer {token}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0);
        let opened = connect_async_with_config(request, Some(config), true).await;
        let (stream, _) = opened.expect("the shop lets it in");
        let mut socket = Self(stream);
        let ready = socket.next().await.expect("a first frame");
        assert_eq!(ready["status"], "ready", "{ready}");
        socket
    }

    /// Says something.
    pub(crate) async fn say(&mut self, text: &str) {
        let frame = json!({ "type": "message", "text": text }).to_string();
        self.0
            .send(Message::text(frame))
            .await
            .expect("the socket is open");
    }

    /// The next frame, after signs of life were given to whoever asked for them; nothing when the
    /// socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return serde_json::from_str(&text).ok(),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}
