//! A store in memory that fails on demand: by script, one fate per batch, or by weather, which a
//! seed decides. What it holds outlives the runtimes that write to it, and several may.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bazaar::clock::Chance;
use bazaar::domain::collection::Collection;
use bazaar::domain::entity::Key;
use bazaar::store::{
    Commit, FeedPage, FeedPosition, Loaded, Outcome, Page, Query, Settled, Store, Unavailable, Version,
    document,
};
use bson::RawDocumentBuf;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use super::disk::Disk;

/// What becomes of one batch.
pub(crate) enum Fate {
    /// It is stored.
    Calm,
    /// Nothing was sent.
    Unavailable,
    /// No answer came; it lands or does not land so much later.
    InDoubt { lands: bool, after: Duration },
    /// It lands, but the answer is lost and a second attempt finds the first.
    LandsAsConflict,
    /// Somebody else writes first.
    After(Box<dyn FnOnce(&mut Disk) + Send>),
    /// It waits for a word before it is stored.
    Held(oneshot::Receiver<()>),
    /// It lands or does not, nobody hears of it, and this is told that the end has come.
    Last { lands: bool, come: oneshot::Sender<()> },
    /// The adapter has a fault.
    Panics,
}

/// How often things go wrong by themselves, in thousandths.
#[derive(Clone, Copy, Default)]
pub(crate) struct Weather {
    /// Every way takes up to so long.
    pub(crate) delay_millis_max: u64,
    pub(crate) unavailable: u64,
    pub(crate) in_doubt: u64,
    pub(crate) unreadable: u64,
    /// Batches that land even when the runtime that sent them is gone.
    pub(crate) on_its_way: u64,
}

/// A way to the disk, one for each runtime.
#[derive(Clone)]
pub(crate) struct Faulty {
    disk: Arc<Mutex<Disk>>,
    script: Arc<Mutex<VecDeque<Fate>>>,
    unreadable: Arc<AtomicUsize>,
    faults: Arc<AtomicUsize>,
    events: watch::Sender<usize>,
    weather: Weather,
    chance: Chance,
    /// Every way takes so much longer.
    slow_millis: Arc<AtomicUsize>,
    shared: bool,
}

impl Faulty {
    /// A store that nobody else writes to, in fair weather.
    pub(crate) fn new() -> Self {
        Self {
            disk: Arc::default(),
            script: Arc::default(),
            unreadable: Arc::default(),
            faults: Arc::default(),
            events: watch::Sender::new(0),
            weather: Weather::default(),
            chance: Chance::seeded(0),
            slow_millis: Arc::default(),
            shared: false,
        }
    }

    /// The same, but other runtimes write to it as well.
    pub(crate) fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    pub(crate) fn weather(mut self, weather: Weather, chance: Chance) -> Self {
        (self.weather, self.chance) = (weather, chance);
        self
    }

    /// Checks nothing, or loses a change now and then: faults that a suite has to find.
    pub(crate) fn broken(self, blind: bool, forgetful: bool) -> Self {
        let mut disk = self.disk.lock();
        (disk.blind, disk.forgetful) = (blind, forgetful);
        drop(disk);
        self
    }

    /// Passes over versions, and over nothing else.
    pub(crate) fn unguarded(self, unguarded: bool) -> Self {
        self.disk.lock().unguarded = unguarded;
        self
    }

    /// What becomes of the next batch that has no fate yet.
    pub(crate) fn next(&self, fate: Fate) {
        self.script.lock().push_back(fate);
    }

    /// Nothing more is scripted. Says how many fates had not come up yet.
    pub(crate) fn forget_script(&self) -> usize {
        std::mem::take(&mut *self.script.lock()).len()
    }

    /// The next batch waits until the returned sender speaks or is dropped.
    pub(crate) fn hold(&self) -> oneshot::Sender<()> {
        let (release, held) = oneshot::channel();
        self.next(Fate::Held(held));
        release
    }

    /// Every way takes so long from now on.
    pub(crate) fn slow_down(&self, by: Duration) {
        let millis = usize::try_from(by.as_millis()).expect("a short time");
        self.slow_millis.store(millis, Ordering::SeqCst);
    }

    /// The next read finds a fault of the adapter.
    pub(crate) fn panic_at_a_read(&self) {
        self.faults.store(1, Ordering::SeqCst);
    }

    /// So many reads from now on fail.
    pub(crate) fn unreadable(&self, times: usize) {
        self.unreadable.store(times, Ordering::SeqCst);
    }

    pub(crate) fn with_disk<T>(&self, act: impl FnOnce(&mut Disk) -> T) -> T {
        act(&mut self.disk.lock())
    }

    fn happens(&self, thousandths: u64) -> bool {
        thousandths > 0 && self.chance.below(1_000) < thousandths
    }

    fn delay(&self) -> Duration {
        let slow = self.slow_millis.load(Ordering::SeqCst) as u64;
        Duration::from_millis(slow + self.below(self.weather.delay_millis_max + 1))
    }

    fn below(&self, bound: u64) -> u64 {
        if bound > 1 { self.chance.below(bound) } else { 0 }
    }

    fn fate(&self) -> Fate {
        if let Some(fate) = self.script.lock().pop_front() {
            return fate;
        }
        if self.happens(self.weather.unavailable) {
            return Fate::Unavailable;
        }
        if self.happens(self.weather.in_doubt) {
            let (lands, after) = (self.chance.below(2) == 0, self.delay() * 4);
            return Fate::InDoubt { lands, after };
        }
        Fate::Calm
    }

    fn store(&self, batch: Vec<Commit>) -> Vec<Outcome> {
        let mut disk = self.disk.lock();
        let outcomes = batch.into_iter().map(|commit| disk.store(commit)).collect();
        self.events.send_replace(disk.feed.len());
        outcomes
    }

    async fn send(&self, batch: Vec<Commit>) -> Vec<Outcome> {
        let (there, back) = (self.delay(), self.delay());
        pause(there).await;
        let outcomes = self.store(batch);
        pause(back).await;
        outcomes
    }

    fn doubt(&self, batch: Vec<Commit>, lands: bool, after: Duration) -> Vec<Outcome> {
        let (settling, settled) = Settled::pending();
        let outcomes = batch.iter().map(|_| Outcome::InDoubt(settled.clone())).collect();
        let me = self.clone();
        tokio::spawn(async move {
            pause(after).await;
            if lands {
                me.store(batch);
            }
            settling.settled();
        });
        outcomes
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Disk) -> T + Send + 'static,
    ) -> BoxFuture<'_, Result<T, Unavailable>> {
        let (there, back) = (self.delay(), self.delay());
        let panics = self.faults.swap(0, Ordering::SeqCst) > 0;
        let told = self
            .unreadable
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let fails = told.is_ok() || self.happens(self.weather.unreadable);
        async move {
            pause(there).await;
            assert!(!panics, "the adapter of the test has a fault");
            if fails {
                return Err(Unavailable("the test says so".into()));
            }
            let found = read(&self.disk.lock());
            pause(back).await;
            Ok(found)
        }
        .boxed()
    }
}

async fn pause(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

impl Store for Faulty {
    fn prepare(&self, _: &[&'static Collection]) -> BoxFuture<'_, Result<(), Unavailable>> {
        async { Ok(()) }.boxed()
    }

    fn commit(&self, batch: Vec<Commit>) -> BoxFuture<'_, Vec<Outcome>> {
        let fate = self.fate();
        async move {
            match fate {
                Fate::Calm if self.happens(self.weather.on_its_way) => {
                    let (me, sent) = (self.clone(), batch.len());
                    let gone = |_| vec![Outcome::Unavailable("the world ends".into()); sent];
                    tokio::spawn(async move { me.send(batch).await })
                        .await
                        .unwrap_or_else(gone)
                }
                Fate::Calm => self.send(batch).await,
                Fate::Unavailable => vec![Outcome::Unavailable("the test says so".into()); batch.len()],
                Fate::InDoubt { lands, after } => self.doubt(batch, lands, after),
                Fate::LandsAsConflict => {
                    let sent = self.send(batch).await.len();
                    vec![Outcome::Conflict; sent]
                }
                Fate::After(other) => {
                    other(&mut self.disk.lock());
                    self.send(batch).await
                }
                Fate::Held(word) => {
                    let _ = word.await;
                    self.send(batch).await
                }
                Fate::Last { lands, come } => {
                    if lands {
                        self.store(batch);
                    }
                    let _ = come.send(());
                    std::future::pending().await
                }
                Fate::Panics => panic!("the adapter of the test has a fault"),
            }
        }
        .boxed()
    }

    fn load(
        &self,
        collection: &'static Collection,
        key: Key,
        sides: &'static [&'static Collection],
    ) -> BoxFuture<'_, Result<Loaded, Unavailable>> {
        self.read(move |disk| Loaded {
            document: disk.get(collection, &key).cloned(),
            rows: sides.iter().flat_map(|side| disk.parts(side, &key)).collect(),
        })
    }

    fn get(
        &self,
        collection: &'static Collection,
        keys: Vec<Key>,
    ) -> BoxFuture<'_, Result<Vec<Option<RawDocumentBuf>>, Unavailable>> {
        self.read(move |disk| {
            let one = |key| disk.get(collection, key).cloned();
            keys.iter().map(one).collect()
        })
    }

    fn versions(
        &self,
        documents: Vec<(&'static Collection, Key)>,
    ) -> BoxFuture<'_, Result<Vec<Version>, Unavailable>> {
        self.read(move |disk| {
            let found = documents
                .iter()
                .map(|(collection, key)| disk.get(collection, key));
            found.map(|found| found.map_or(0, document::version)).collect()
        })
    }

    fn find(&self, query: Query) -> BoxFuture<'_, Result<Page, Unavailable>> {
        self.read(move |disk| disk.find(&query))
    }

    fn count(&self, query: Query) -> BoxFuture<'_, Result<u64, Unavailable>> {
        let everything = Query {
            skip: 0,
            limit: usize::MAX,
            after: None,
            ..query
        };
        self.read(move |disk| disk.find(&everything).documents.len() as u64)
    }

    fn feed(
        &self,
        after: Option<FeedPosition>,
        limit: usize,
    ) -> BoxFuture<'_, Result<FeedPage, Unavailable>> {
        self.read(move |disk| {
            let from = after.as_ref().map_or(0, place);
            let events: Vec<_> = disk.feed.iter().skip(from).take(limit).cloned().collect();
            let next = position(from + events.len());
            FeedPage { events, next }
        })
    }

    fn feed_end(&self) -> BoxFuture<'_, Result<FeedPosition, Unavailable>> {
        self.read(|disk| position(disk.feed.len()))
    }

    fn feed_length(&self, after: Option<FeedPosition>) -> BoxFuture<'_, Result<u64, Unavailable>> {
        self.read(move |disk| (disk.feed.len() - after.as_ref().map_or(0, place)) as u64)
    }

    fn news(&self, after: FeedPosition) -> BoxFuture<'_, ()> {
        let (mut events, seen) = (self.events.subscribe(), place(&after));
        async move {
            let _ = events.wait_for(|events| *events > seen).await;
        }
        .boxed()
    }

    fn by_wire(&self) -> bool {
        true
    }

    fn shared(&self) -> bool {
        self.shared
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        async { Ok(()) }.boxed()
    }
}

fn position(events: usize) -> FeedPosition {
    FeedPosition(events.to_be_bytes().to_vec())
}

fn place(position: &FeedPosition) -> usize {
    let bytes = position.0.as_slice().try_into();
    usize::from_be_bytes(bytes.expect("a position of this store"))
}
