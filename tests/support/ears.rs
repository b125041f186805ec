//! Somebody who listens on RabbitMQ by the official Python client, as the consumers of earlier
//! systems do.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::rabbit_server::from_environment;

/// The queue that is bound to the exchange of all events.
pub(crate) const ALL: &str = "listener.all";
/// The queue that is bound to the fanout of orders.
pub(crate) const ORDERS: &str = "payment_order_created_queue";
/// The queue that is bound to the fanout of payments.
pub(crate) const PAYMENTS: &str = "payment_order_result_queue";

/// What has not come by then never comes.
const PATIENCE: Duration = Duration::from_mins(3);

/// A listener in a process of its own. Dropped, it is killed.
pub(crate) struct Ears {
    heard: watch::Receiver<Vec<Heard>>,
    _process: Child,
}

/// A message that was heard.
#[derive(Debug, Clone)]
pub(crate) struct Heard(pub(crate) Value);

impl Heard {
    pub(crate) fn queue(&self) -> &str {
        self.0["queue"].as_str().unwrap_or_default()
    }

    pub(crate) fn event(&self) -> String {
        self.0["headers"]["event-id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

impl Ears {
    /// Listens on these queues, and those above, from now on. `None` where there is no client.
    pub(crate) async fn listen(url: &str, queues: &[&str]) -> Option<Self> {
        let pika = from_environment("BAZAAR_TEST_PIKA")?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/listener.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(url)
            .args(queues)
            .env("PYTHONPATH", pika)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python starts");
        let output = process.stdout.take().expect("standard output was asked for");
        let mut lines = BufReader::new(output).lines();
        let (hear, heard) = watch::channel(Vec::new());
        let (ready, mut is_ready) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let line: Value = serde_json::from_str(&line).expect("the listener writes JSON");
                if line["listening"] == true {
                    ready.send_replace(true);
                } else {
                    hear.send_modify(|heard: &mut Vec<Heard>| heard.push(Heard(line)));
                }
            }
        });
        let listening = tokio::time::timeout(PATIENCE, is_ready.wait_for(|ready| *ready)).await;
        assert!(
            listening.is_ok_and(|ready| ready.is_ok()),
            "the listener does not listen"
        );
        Some(Self {
            heard,
            _process: process,
        })
    }

    /// Everything that was heard, in order, repeats included.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// Waits until so many more messages have been heard.
    pub(crate) async fn hear_more(&self, many: usize) {
        let before = self.heard.borrow().len();
        self.until("more messages", |heard| heard.len() >= before + many)
            .await;
    }

    /// Waits until all of these events have been heard on a queue.
    pub(crate) async fn hear_all(&self, queue: &str, events: &BTreeSet<String>) {
        self.until(queue, |heard| events.is_subset(&events_on(heard, queue)))
            .await;
    }

    /// Waits until each of these events has been heard at least twice on a queue.
    pub(crate) async fn hear_again(&self, queue: &str, events: &BTreeSet<String>) {
        let twice = |heard: &[Heard]| {
            let mut once = BTreeSet::new();
            let again = heard.iter().filter(|heard| heard.queue() == queue);
            let again = again
                .map(Heard::event)
                .filter(|event| !once.insert(event.clone()));
            events.is_subset(&again.collect())
        };
        self.until(queue, twice).await;
    }

    /// The events that were heard on a queue.
    pub(crate) fn events(&self, queue: &str) -> BTreeSet<String> {
        events_on(&self.heard.borrow(), queue)
    }

    /// The versions of each thing in the order in which they were first heard of on a queue.
    pub(crate) fn histories(&self, queue: &str) -> BTreeMap<String, Vec<u64>> {
        let mut histories: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for heard in self.heard.borrow().iter().filter(|heard| heard.queue() == queue) {
            let headers = &heard.0["headers"];
            let thing = heard.event().rsplit_once('/').map(|(thing, _)| thing.to_owned());
            let history = histories.entry(thing.unwrap_or_default()).or_default();
            let version = headers["version"]
                .as_u64()
                .expect("every message tells a version");
            if !history.contains(&version) {
                history.push(version);
            }
        }
        histories
    }

    async fn until(&self, what: &str, enough: impl Fn(&[Heard]) -> bool) {
        let mut heard = self.heard.clone();
        let waited = tokio::time::timeout(PATIENCE, heard.wait_for(|heard| enough(heard))).await;
        assert!(
            waited.is_ok_and(|heard| heard.is_ok()),
            "{what}: not heard in time"
        );
    }
}

fn events_on(heard: &[Heard], queue: &str) -> BTreeSet<String> {
    let on_queue = heard.iter().filter(|heard| heard.queue() == queue);
    on_queue.map(Heard::event).collect()
}
