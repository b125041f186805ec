//! A load that costs little itself: requests that are written beforehand, sent over a few
//! connections one after the other, and answers of which no more is read than must be.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

/// Asks over connections that stay open.
pub(crate) struct Load {
    address: SocketAddr,
    connections: usize,
    runtime: Runtime,
}

/// What came of a request.
pub(crate) struct Asked {
    /// When it was sent,
    pub(crate) at: Instant,
    /// how long it took,
    pub(crate) took: Duration,
    /// and what was answered.
    pub(crate) answer: String,
}

/// A request as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let authorization = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{authorization}\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

impl Load {
    pub(crate) fn on(address: SocketAddr, connections: usize) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self {
            address,
            connections,
            runtime: runtime.expect("the machine gives a thread"),
        }
    }

    /// Asks all of it, and gives what came of it in the same order. Each answer must be a 2xx.
    pub(crate) fn ask_all(&self, asks: Vec<Vec<u8>>) -> Vec<Asked> {
        let many = asks.len();
        let mut lanes: Vec<Vec<(usize, Vec<u8>)>> = vec![Vec::new(); self.connections.min(many)];
        for (n, ask) in asks.into_iter().enumerate() {
            lanes[n % self.connections].push((n, ask));
        }
        let local = LocalSet::new();
        let address = self.address;
        let mut asked: Vec<Option<Asked>> = (0..many).map(|_| None).collect();
        local.block_on(&self.runtime, async {
            let lanes = lanes
                .into_iter()
                .map(|lane| tokio::task::spawn_local(one_after_the_other(address, lane)));
            for lane in futures_util::future::join_all(lanes).await {
                for (n, one) in lane.expect("a connection lasts") {
                    asked[n] = Some(one);
                }
            }
        });
        asked.into_iter().flatten().collect()
    }
}

async fn one_after_the_other(address: SocketAddr, asks: Vec<(usize, Vec<u8>)>) -> Vec<(usize, Asked)> {
    let mut stream = TcpStream::connect(address).await.expect("the shop is open");
    stream.set_nodelay(true).expect("a socket of ours");
    let (mut asked, mut buffer) = (Vec::with_capacity(asks.len()), Vec::new());
    for (n, ask) in asks {
        let at = Instant::now();
        stream.write_all(&ask).await.expect("the shop listens");
        let answer = answer(&mut stream, &mut buffer).await;
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
        let took = at.elapsed();
        asked.push((n, Asked { at, took, answer }));
    }
    asked
}

/// Reads one answer; what is in the buffer behind it stays there.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> String {
    loop {
        if let Some(end) = end_of_answer(buffer) {
            let answer: Vec<_> = buffer.drain(..end).collect();
            return String::from_utf8(answer).expect("an answer is text");
        }
        let read = stream.read_buf(buffer).await.expect("the shop answers");
        assert!(read > 0, "the shop hung up: {}", buffer.escape_ascii());
    }
}

fn end_of_answer(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    })?;
    let end = head + length.parse::<usize>().ok()?;
    (buffer.len() >= end).then_some(end)
}
