//! What do 500 people who sign in at once do to somebody who is signed in already? His GET
//! /api/auth/me is timed in quiet and during the storm, with the hashing cost of production.

#[path = "support/binary.rs"]
mod binary;

use std::time::{Duration, Instant};

use binary::Binary;
use criterion::{Criterion, criterion_group, criterion_main};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const EMAIL: &str = "anna@example.com";
const PASSWORD: &str = "correct horse battery";
const STORM: usize = 500;
const LOOKS: usize = 500;

struct Shop {
    client: Client,
    url: String,
    token: String,
    binary: Binary,
}

impl Shop {
    async fn open() -> Self {
        // Everybody here is Anna, from one address, which would look like somebody who guesses.
        let binary = Binary::start(&[("limits.enabled", "false"), ("auth.lockout_failures", "100000")]);
        let url = format!("http://{}", binary.address);
        let client = Client::new();
        let anna = json!({ "email": EMAIL, "password": PASSWORD });
        let registered = client
            .post(format!("{url}/api/auth/register"))
            .json(&anna)
            .send()
            .await;
        let answer: Value = registered.expect("it answers").json().await.expect("in JSON");
        Self {
            client,
            url,
            token: answer["token"].as_str().expect("a token").to_owned(),
            binary,
        }
    }

    /// How long each of some looks at oneself took, shortest first.
    async fn looks(&self, many: usize) -> Vec<Duration> {
        let mut took = Vec::with_capacity(many);
        for _ in 0..many {
            let started = Instant::now();
            let look = self
                .client
                .get(format!("{}/api/auth/me", self.url))
                .bearer_auth(&self.token);
            let status = look.send().await.expect("it answers").status();
            assert_eq!(status, StatusCode::OK, "a look at oneself failed");
            took.push(started.elapsed());
        }
        took.sort_unstable();
        took
    }

    /// Everybody signs in at once. Whoever cannot be served soon is told to come back.
    fn storm(&self, people: usize) -> JoinSet<StatusCode> {
        let mut storm = JoinSet::new();
        for _ in 0..people {
            let anna = json!({ "email": EMAIL, "password": PASSWORD });
            let login = self
                .client
                .post(format!("{}/api/auth/login", self.url))
                .json(&anna);
            storm.spawn(async move { login.send().await.expect("it answers").status() });
        }
        storm
    }
}

fn login_storm(criterion: &mut Criterion) {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let (people, many) = if small { (8, 20) } else { (STORM, LOOKS) };
    let runtime = Runtime::new().expect("the machine gives threads");
    let shop = runtime.block_on(Shop::open());
    let mut group = criterion.benchmark_group("login storm");
    group.sample_size(10);
    group.bench_function("a look at oneself in quiet", |bencher| {
        bencher.to_async(&runtime).iter(|| shop.looks(1));
    });
    group.finish();
    runtime.block_on(async {
        let quiet = shop.looks(many).await;
        let mut storm = shop.storm(people);
        let stormy = shop.looks(many).await;
        let mut signed_in = 0;
        while let Some(status) = storm.join_next().await {
            let status = status.expect("a login ends");
            assert!(
                [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
                "a login ended with {status}"
            );
            signed_in += usize::from(status == StatusCode::OK);
        }
        let (half, most) = (many / 2, many * 99 / 100);
        println!(
            "GET /api/auth/me in quiet: p50 {:?}, p99 {:?}; beside {people} logins ({signed_in} let in, \
             the rest told to come back): p50 {:?}, p99 {:?}",
            quiet[half], quiet[most], stormy[half], stormy[most]
        );
        println!(
            "the server, which answered {:?} after its start, holds {} kB after the storm",
            shop.binary.to_first_answer,
            shop.binary.resident_kb()
        );
    });
}

criterion_group!(benches, login_storm);
criterion_main!(benches);
