//! What does it cost to read a product that is asked for all the time? GET /api/products/:id against
//! a page of the same server that never changes and has as many bytes.

#[expect(dead_code, reason = "how much memory it holds is asked elsewhere")]
#[path = "support/binary.rs"]
mod binary;
mod figures;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use binary::Binary;
use criterion::Criterion;
use figures::Figures;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// A page that stands in the binary as it is.
const CONSTANT: &str = "/docs/index.html";
/// So many ask at once, each on so many connections: the server is what is waited for.
const ASKING: usize = 2;
const CONNECTIONS: usize = 32;
/// So often each asks on all of them.
const ROUNDS: usize = 16;
const ASKED: u64 = (ASKING * CONNECTIONS * ROUNDS) as u64;

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let figures = Figures::default();
    let binary = Binary::start(&[("limits.enabled", "false")]);
    let runtime = Runtime::new().expect("a runtime starts");
    let product = runtime.block_on(Shop::at(binary.address).product_of_the_size_of(CONSTANT));
    let asking = |path: &str| -> Vec<_> { (0..ASKING).map(|_| Asker::new(binary.address, path)).collect() };
    let (mut of_constant, mut of_product) = (asking(CONSTANT), asking(&product));
    criterion.bench_function("a product beside a page that never changes", |bencher| {
        bencher.iter_custom(|times| {
            // In turns, so that whatever else the machine does is borne by both.
            (0..times)
                .map(|_| {
                    figures.time("constant", ASKED, || ask(&mut of_constant));
                    figures.time("product", ASKED, || ask(&mut of_product))
                })
                .sum()
        });
    });
    criterion.final_summary();
    figures.compare("product", "constant", Some(0.8));
}

fn ask(asking: &mut [Asker]) {
    thread::scope(|threads| {
        for asker in asking {
            threads.spawn(|| asker.ask());
        }
    });
}

/// The shop, as a seller sees it.
struct Shop {
    client: Client,
    url: String,
}

impl Shop {
    fn at(address: SocketAddr) -> Self {
        Self {
            client: Client::new(),
            url: format!("http://{address}"),
        }
    }

    /// Puts up a product that is told in as many bytes as a page, but for a few.
    async fn product_of_the_size_of(&self, page: &str) -> String {
        let sam = json!({ "email": "sam@example.com", "password": "a password", "role": "seller" });
        let registered = self.post("/api/auth/register", "", &sam).await;
        let token = registered["token"].as_str().expect("a token");
        let (wanted, bare) = (self.size(page).await, self.put_up(token, 0).await);
        let words = wanted.checked_sub(self.size(&bare).await);
        let product = self
            .put_up(token, words.expect("a bare product is smaller"))
            .await;
        // A time that ends in zeros is told in fewer digits.
        let off = self.size(&product).await.abs_diff(wanted);
        assert!(off < 8, "one is {off} bytes larger than the other");
        product
    }

    async fn put_up(&self, token: &str, words: usize) -> String {
        let product = json!({
            "title": "A blue lamp", "description": "x".repeat(words), "category": "Lamps", "stock": 10,
            "price": { "amount": 199.99, "currency": "INR" },
        });
        let made = self.post("/api/products", token, &product).await;
        format!("/api/products/{}", made["product"]["id"].as_str().expect("an id"))
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let call = self.client.post(format!("{}{path}", self.url)).json(body);
        let call = if token.is_empty() {
            call
        } else {
            call.bearer_auth(token)
        };
        let answer = call.send().await.expect("it answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("in JSON")
    }

    async fn size(&self, path: &str) -> usize {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.expect("it answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("it answers to the end").len()
    }
}

/// Somebody who asks for the same thing again and again.
struct Asker {
    connections: Vec<TcpStream>,
    asked: String,
    answer: Vec<u8>,
}

impl Asker {
    fn new(address: SocketAddr, path: &str) -> Self {
        let connect = |_| TcpStream::connect(address).expect("it listens");
        let mut connections: Vec<_> = (0..CONNECTIONS).map(connect).collect();
        let asked = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let answer = answer(&mut connections[0], asked.as_bytes());
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
        Self {
            connections,
            asked,
            // Every answer to it has the same length: so have its date and the request's id.
            answer,
        }
    }

    fn ask(&mut self) {
        for _ in 0..ROUNDS {
            for connection in &mut self.connections {
                connection.write_all(self.asked.as_bytes()).expect("it listens");
            }
            for connection in &mut self.connections {
                connection.read_exact(&mut self.answer).expect("it answers");
                assert!(
                    self.answer.starts_with(b"HTTP/1.1 200"),
                    "all of it was really done"
                );
            }
        }
    }
}

fn answer(stream: &mut TcpStream, asked: &[u8]) -> Vec<u8> {
    stream.write_all(asked).expect("it listens");
    let (mut answer, mut part) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut part).expect("it answers");
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .to_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| {
                let digits = rest.split("\r\n").next()?;
                digits.parse::<usize>().ok()
            });
        if length == Some(body.len()) {
            return answer;
        }
    }
}
