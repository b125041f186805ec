//! A consumer of tests: writes down what it is told, and fails when it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bazaar::domain::id::Id;
use bazaar::events::consumer::{Consumer, Reach, Retry};
use bazaar::events::event::Event;
use bazaar::store::{Unavailable, Version};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

pub(crate) struct Listener {
    name: &'static str,
    reach: Reach,
    topics: &'static [&'static str],
    /// What it cannot take any event of.
    poison: Mutex<Option<Id>>,
    moods: Mutex<VecDeque<Mood>>,
    heard: watch::Sender<Vec<Event>>,
}

/// What comes of the next events.
pub(crate) enum Mood {
    Fails,
    /// The store does not answer it.
    Outage,
    Panics,
    /// It takes so many of them before it fails.
    Takes(usize),
    /// It waits for a word before it takes them.
    Waits(oneshot::Receiver<()>),
}

impl Listener {
    pub(crate) fn shared(name: &'static str) -> Arc<Self> {
        Self::new(name, Reach::Shared, &[])
    }

    /// One that is told of these topics by a queue.
    pub(crate) fn by_queue(name: &'static str, topics: &'static [&'static str]) -> Arc<Self> {
        Self::new(name, Reach::Shared, topics)
    }

    pub(crate) fn per_node(name: &'static str) -> Arc<Self> {
        Self::new(name, Reach::PerNode, &[])
    }

    fn new(name: &'static str, reach: Reach, topics: &'static [&'static str]) -> Arc<Self> {
        Arc::new(Self {
            name,
            reach,
            topics,
            poison: Mutex::default(),
            moods: Mutex::default(),
            heard: watch::Sender::default(),
        })
    }

    /// What comes of the next events that have no mood yet.
    pub(crate) fn next(&self, mood: Mood) {
        self.moods.lock().push_back(mood);
    }

    /// From now on it can take no event of this thing, or of every thing again.
    pub(crate) fn cannot_take(&self, poison: Option<Id>) {
        *self.poison.lock() = poison;
    }

    /// Waits until it has been told so much, repeats counted.
    pub(crate) async fn has_heard(&self, many: usize) {
        let mut heard = self.heard.subscribe();
        heard
            .wait_for(|heard| heard.len() >= many)
            .await
            .expect("the sender is borrowed");
    }

    /// The ids of what it was told, in the order in which it was told, repeats included.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.heard.borrow().iter().map(|event| event.id.clone()).collect()
    }

    /// Which versions of each thing it was told of, in the order in which it heard of them first.
    pub(crate) fn histories(&self) -> BTreeMap<Id, Vec<Version>> {
        let mut histories: BTreeMap<Id, Vec<Version>> = BTreeMap::new();
        for event in self.heard.borrow().iter() {
            let history = histories.entry(event.entity).or_default();
            if !history.contains(&event.version) {
                history.push(event.version);
            }
        }
        histories
    }

    fn take(&self, events: &[Event]) {
        self.heard.send_modify(|heard| heard.extend_from_slice(events));
    }
}

impl Consumer for Listener {
    fn name(&self) -> &'static str {
        self.name
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn topics(&self) -> &'static [&'static str] {
        self.topics
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        let mood = self.moods.lock().pop_front();
        let poison = *self.poison.lock();
        async move {
            if events.iter().any(|event| Some(event.entity) == poison) {
                return Err(Retry::because("there is poison among them"));
            }
            match mood {
                None => {}
                Some(Mood::Fails) => return Err(Retry::because("the test says so")),
                Some(Mood::Outage) => return Err(Unavailable("the test says so".into()).into()),
                Some(Mood::Panics) => panic!("the consumer of the test has a fault"),
                Some(Mood::Takes(many)) => {
                    self.take(&events[..many]);
                    return Err(Retry::because("the test says so").after(many));
                }
                Some(Mood::Waits(word)) => {
                    let _ = word.await;
                }
            }
            self.take(events);
            Ok(())
        }
        .boxed()
    }
}
