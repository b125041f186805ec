//! Stands in for a service outside: answers as a test tells it to, or not at all, and writes down
//! what it was asked.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A server of the test's own. It ends with the test.
pub(crate) struct StandIn {
    /// Where it listens.
    pub(crate) url: String,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    usual: Arc<Mutex<Mood>>,
    asked: watch::Sender<Vec<Asked>>,
    left: watch::Sender<usize>,
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// It is answered with this status and body.
    Answers(u16, Value),
    /// It is answered 200 with what this makes of it.
    Replies(fn(&Asked) -> Value),
    /// It is sent somewhere else.
    Redirects(String),
    /// It is never answered.
    Hangs,
    /// The answer breaks off in the middle.
    Cuts,
    /// These bytes are the answer, head and all, one piece after the other.
    Says(Vec<Vec<u8>>),
    /// The same, and then nothing more comes, until the client goes away.
    SaysAndHangs(Vec<Vec<u8>>),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `POST /path HTTP/1.1` and the headers.
    pub(crate) head: String,
    /// The body, as far as it is text.
    pub(crate) body: String,
}

impl StandIn {
    pub(crate) async fn start(usual: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stand_in = Self {
            url: format!("http://{address}"),
            moods: Arc::default(),
            usual: Arc::new(Mutex::new(usual)),
            asked: watch::Sender::default(),
            left: watch::Sender::default(),
        };
        let left = stand_in.left.clone();
        let (moods, usual) = (Arc::clone(&stand_in.moods), Arc::clone(&stand_in.usual));
        let asked = stand_in.asked.clone();
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (moods, usual, asked) = (Arc::clone(&moods), Arc::clone(&usual), asked.clone());
                let left = left.clone();
                actix_web::rt::spawn(async move {
                    let mut stream = stream;
                    let Some(request) = read(&mut stream).await else {
                        return;
                    };
                    asked.send_modify(|asked| asked.push(request.clone()));
                    let next = moods.lock().pop_front();
                    let mood = next.unwrap_or_else(|| usual.lock().clone());
                    answer(stream, &request, mood).await;
                    left.send_modify(|left| *left += 1);
                });
            }
        });
        stand_in
    }

    /// What becomes of the next request that has no mood yet.
    pub(crate) fn next(&self, mood: Mood) {
        self.moods.lock().push_back(mood);
    }

    /// Waits until so many answers are over, be it that the client went away.
    pub(crate) async fn was_left(&self, many: usize) {
        let mut left = self.left.subscribe();
        let left = left.wait_for(|left| *left >= many).await;
        left.expect("the sender is borrowed");
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    /// How often it was asked so far.
    pub(crate) fn asked_so_far(&self) -> usize {
        self.asked.borrow().len()
    }

    /// Waits until it was asked so often.
    pub(crate) async fn was_asked(&self, many: usize) -> Vec<Asked> {
        let mut asked = self.asked.subscribe();
        let asked = asked.wait_for(|asked| asked.len() >= many).await;
        asked.expect("the sender is borrowed").clone()
    }
}

impl Asked {
    /// Whether the head begins so: `POST /path`.
    pub(crate) fn is(&self, beginning: &str) -> bool {
        self.head.starts_with(beginning)
    }

    /// A header; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// A field of the form in the body; empty when it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        let rest = self.body.split_once(&format!("name=\"{name}\""));
        let content = rest.and_then(|(_, rest)| rest.split_once("\r\n\r\n"));
        content.map_or("", |(_, rest)| rest.split("\r\n").next().unwrap_or_default())
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = vec![0; 16_384];
        let many = stream.read(&mut chunk).await.ok().filter(|many| *many > 0)?;
        bytes.extend_from_slice(&chunk[..many]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let (head, body) = (head.to_owned(), body.to_owned());
        let asked = Asked { head, body };
        let arrived = bytes.len() - bytes.windows(4).position(|four| four == b"\r\n\r\n")? - 4;
        let whole = match asked.header("content-length").parse::<usize>() {
            Ok(length) => arrived >= length,
            Err(_) if asked.header("transfer-encoding").is_empty() => true,
            Err(_) => bytes.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return Some(asked);
        }
    }
}

async fn answer(mut stream: TcpStream, request: &Asked, mood: Mood) {
    let mut whither = String::new();
    let (status, body) = match mood {
        Mood::Answers(status, body) => (status, body.to_string()),
        Mood::Replies(reply) => (200, reply(request).to_string()),
        Mood::Redirects(url) => {
            whither = format!("Location: {url}\r\n");
            (302, "elsewhere".to_owned())
        }
        Mood::Hangs => return std::future::pending().await,
        Mood::Cuts => (200, String::new()),
        Mood::Says(pieces) => return say(&mut stream, pieces).await,
        Mood::SaysAndHangs(pieces) => {
            say(&mut stream, pieces).await;
            let _ = stream.read(&mut [0]).await;
            return;
        }
    };
    let length = body.len().max(1_000 * usize::from(body.is_empty()));
    let head =
        format!("HTTP/1.1 {status} So\r\nContent-Length: {length}\r\n{whither}Connection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
}

async fn say(stream: &mut TcpStream, pieces: Vec<Vec<u8>>) {
    for piece in pieces {
        let _ = stream.write_all(&piece).await;
        let _ = stream.flush().await;
    }
}
