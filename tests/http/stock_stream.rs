//! The number that is told live: to thousands at once, and by every runtime of a shop.
//!
//! `BAZAAR_LISTENERS=10000` has so many listen, where a process may have so many files.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cart::{add, put_up};
use crate::orders::order;
use crate::power::{Question, Server};
use crate::shop::Shop;
use crate::two_runtimes::two_shops;

/// Nothing that is told takes longer.
const PATIENCE: Duration = Duration::from_secs(30);
const LISTENERS: usize = 2_000;

/// Somebody who listens to a product.
pub(crate) struct Live(Response);

impl Live {
    pub(crate) async fn listen(shop: &Shop, product: &str) -> Self {
        let url = format!("{}/api/products/{product}/stock/stream", shop.url());
        let answer = reqwest::get(url).await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self(answer)
    }

    /// What is told next.
    pub(crate) async fn next(&mut self) -> String {
        let piece = tokio::time::timeout(PATIENCE, self.0.chunk()).await;
        let piece = piece
            .expect("something is told")
            .expect("the stream goes on")
            .expect("a piece");
        String::from_utf8(piece.to_vec()).expect("text")
    }

    /// Waits until so many are available.
    pub(crate) async fn until(&mut self, available: u64) {
        let wanted = json!({ "available": available });
        let told = |text: &str| text.lines().any(|line| line == format!("data: {wanted}"));
        while !told(&self.next().await) {}
    }
}

#[actix_web::test]
async fn whoever_looks_at_a_product_is_told_how_many_are_left() {
    let shop = Shop::start().await;
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    let mut live = Live::listen(&shop, &tent).await;
    assert_eq!(live.next().await, "data: {\"available\":5}\n\n");
    add(&anna, &tent, 2).await.expect(200);
    order(&anna).await.expect(201);
    assert_eq!(live.next().await, "data: {\"available\":3}\n\n");
    shop.visitor()
        .get("/api/products/0123456789abcdef01234567/stock/stream")
        .await
        .problem(404, "not_found");
    shop.stop().await; // which does not wait for listeners
}

/// Listens over a connection of its own until so many are left; says how often it was told.
async fn listen_until(host: &str, product: &str, left: u64) -> usize {
    let mut stream = TcpStream::connect(host).await.expect("the shop is open");
    let request = format!("GET /api/products/{product}/stock/stream HTTP/1.1\r\nhost: {host}\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the shop listens");
    let (mut heard, last) = (Vec::new(), format!("data: {{\"available\":{left}}}\n"));
    while !String::from_utf8_lossy(&heard).contains(&last) {
        let read = stream.read_buf(&mut heard).await.expect("the shop talks");
        assert!(read > 0, "the shop hung up: {}", heard.escape_ascii());
    }
    String::from_utf8_lossy(&heard).matches("data: ").count()
}

/// How many listen: each costs a file on either side.
fn listeners() -> usize {
    let wanted = std::env::var("BAZAAR_LISTENERS").ok();
    wanted.and_then(|many| many.parse().ok()).unwrap_or(LISTENERS)
}

#[actix_web::test]
async fn thousands_hear_of_many_changes_in_a_few_words() {
    const CHANGES: u64 = 100;
    let (server, binary) = Server::start().await;
    let cleo = server.register("cleo", "seller").await;
    let tent = server.put_up(&cleo, CHANGES).await;
    let host = binary.url().trim_start_matches("http://").to_owned();
    let listening = join_all((0..listeners()).map(|_| listen_until(&host, &tent, 0)));
    let changing = async {
        let path = format!("/api/inventory/{tent}");
        for left in (0..CHANGES).rev() {
            let change = Question::new(Method::PATCH, &path, &cleo);
            server.expect(change.body(json!({ "onHand": left }))).await;
        }
    };
    let start = Instant::now();
    let heard = tokio::time::timeout(4 * PATIENCE, async { futures_util::join!(listening, changing).0 });
    let heard = heard.await.expect("everybody hears the last number");
    let most = heard.iter().max().copied().unwrap_or_default();
    println!(
        "{} heard of it after {:?} in {most} words at the most",
        heard.len(),
        start.elapsed()
    );
    // A few words a second, however many changes there were.
    let room = start.elapsed().as_millis() / 100 + 2;
    assert!(
        most as u128 <= room,
        "{most} words where there was room for {room}"
    );
    binary.kill().await;
}

#[actix_web::test]
async fn what_is_bought_on_one_runtime_is_told_by_the_other() {
    let Some((shop, other)) = two_shops().await else {
        return;
    };
    let (cleo, anna) = (shop.seller("cleo").await, shop.shopper("anna").await);
    let tent = put_up(&cleo, "10", 5).await;
    let mut live = Live::listen(&other, &tent).await;
    live.until(5).await;
    add(&anna, &tent, 2).await.expect(200);
    let placed = order(&anna).await.expect(201);
    live.until(3).await;
    // What is given back is told by no event of the stock.
    let id = placed.body["order"]["id"].as_str().expect("an id");
    anna.post(&format!("/api/orders/{id}/cancel"), json!({}))
        .await
        .expect(200);
    live.until(5).await;
    drop(live);
    other.stop().await;
    shop.stop().await;
}
