//! A store in memory that fails on demand: by script, one fate per batch, or by weather, which a
//! seed decides. What it holds outlives the runtimes that write to it, and several may.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bazaar::clock::Chance;
use bazaar::domain::collection::{Collection, Index};
use bazaar::domain::entity::{Key, RowWrite};
use bazaar::domain::id::Id;
use bazaar::store::query::{By, Cursor};
use bazaar::store::{
    Commit, EVENTS, FeedPage, FeedPosition, Loaded, Outcome, Page, Query, Settled, Store, Unavailable,
    Version, document, order,
};
use bson::RawDocumentBuf;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

/// A document larger than this is rejected.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1 << 16;

/// What is stored.
#[derive(Default)]
pub(crate) struct Disk {
    documents: BTreeMap<(&'static str, Key), RawDocumentBuf>,
    /// Who has which place in a unique index.
    places: BTreeMap<Place, Key>,
    feed: Vec<RawDocumentBuf>,
    blind: bool,
    forgetful: bool,
    commits: usize,
}

type Place = (&'static str, &'static str, Vec<u8>);

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
        let told = self
            .unreadable
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let fails = told.is_ok() || self.happens(self.weather.unreadable);
        async move {
            pause(there).await;
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

impl Disk {
    pub(crate) fn get(&self, collection: &Collection, key: &Key) -> Option<&RawDocumentBuf> {
        self.documents.get(&(collection.name, key.clone()))
    }

    /// Everything in a collection, by key.
    pub(crate) fn all(&self, collection: &'static Collection) -> impl Iterator<Item = &RawDocumentBuf> {
        self.rows(collection).map(|(_, document)| document)
    }

    /// Writes as another runtime would, past every check.
    pub(crate) fn overwrite(&mut self, collection: &'static Collection, key: Key, document: RawDocumentBuf) {
        self.set(collection, key, Some(document));
    }

    /// Writes a document again as another runtime would: the same, one version on.
    pub(crate) fn touch(&mut self, collection: &'static Collection, of: Id) {
        let key = Key::Id(of);
        let found = self.get(collection, &key).expect("a document to touch");
        let mut content: bson::Document = document::decode(found).expect("a document");
        let version = document::version(found) + 1;
        for field in ["_id", "version", "commit"] {
            content.remove(field);
        }
        let commit = bson::oid::ObjectId::from_bytes([0; 12]);
        let touched = document::of_entity(&key, version, commit, &content);
        self.set(collection, key, Some(touched));
    }

    fn rows(&self, collection: &'static Collection) -> impl Iterator<Item = (&Key, &RawDocumentBuf)> {
        let rows = self.documents.iter();
        rows.filter(|((name, _), _)| *name == collection.name)
            .map(|((_, key), document)| (key, document))
    }

    fn parts(&self, side: &'static Collection, of: &Key) -> Vec<(&'static str, RawDocumentBuf)> {
        let belongs = |key: &Key| matches!((key, of), (Key::Part(whole, _), Key::Id(id)) if whole == id);
        let rows = self.rows(side).filter(|(key, _)| belongs(key));
        rows.map(|(_, row)| (side.name, row.clone())).collect()
    }

    fn store(&mut self, commit: Commit) -> Outcome {
        if let Some(outcome) = self.objection(&commit) {
            return outcome;
        }
        self.commits += 1;
        if self.forgetful && self.commits.is_multiple_of(10) {
            return Outcome::Stored;
        }
        if let Some(guard) = commit.guard
            && guard.put.is_some()
        {
            self.set(guard.collection, guard.key, guard.put);
        }
        for write in commit.writes {
            let document = match write.row {
                RowWrite::Put(row) | RowWrite::Insert(row) => Some(row),
                RowWrite::Delete => None,
            };
            if write.collection == &EVENTS {
                self.feed.extend(document.clone());
            }
            self.set(write.collection, write.key, document);
        }
        Outcome::Stored
    }

    /// Why a commit does not stand.
    fn objection(&self, commit: &Commit) -> Option<Outcome> {
        if let Some(guard) = &commit.guard {
            let version = self
                .get(guard.collection, &guard.key)
                .map_or(0, document::version);
            if version != guard.expect && !self.blind {
                return Some(Outcome::Conflict);
            }
            if let Some(new) = &guard.put
                && let Some(outcome) = self.misfit(guard.collection, &guard.key, new)
            {
                return Some(outcome);
            }
        }
        commit.writes.iter().find_map(|write| {
            let (new, must_be_absent) = match &write.row {
                RowWrite::Insert(row) => (row, true),
                RowWrite::Put(row) => (row, false),
                RowWrite::Delete => return None,
            };
            if must_be_absent
                && !self.blind
                && let Some(row) = self.get(write.collection, &write.key)
            {
                let (collection, key, row) = (write.collection.name, write.key.clone(), row.clone());
                return Some(Outcome::Exists { collection, key, row });
            }
            self.misfit(write.collection, &write.key, new)
        })
    }

    fn misfit(&self, collection: &'static Collection, key: &Key, new: &RawDocumentBuf) -> Option<Outcome> {
        if new.as_bytes().len() > DOCUMENT_BYTES_MAX {
            return Some(Outcome::Rejected("too large".into()));
        }
        let taken = |index: &&Index| {
            let holder = unique_place(collection, index, new).and_then(|place| self.places.get(&place));
            holder.is_some_and(|holder| holder != key)
        };
        let index = collection.indexes.iter().find(taken)?;
        Some(Outcome::Taken(index.name))
    }

    fn set(&mut self, collection: &'static Collection, key: Key, document: Option<RawDocumentBuf>) {
        let at = (collection.name, key.clone());
        let old = match &document {
            Some(new) => self.documents.insert(at, new.clone()),
            None => self.documents.remove(&at),
        };
        for index in collection.indexes {
            if let Some(was) = old.as_ref().and_then(|old| unique_place(collection, index, old)) {
                self.places.remove(&was);
            }
            if let Some(is) = document
                .as_ref()
                .and_then(|new| unique_place(collection, index, new))
            {
                self.places.insert(is, key.clone());
            }
        }
    }

    fn find(&self, query: &Query) -> Page {
        let mut found: Vec<_> = self
            .rows(query.collection)
            .filter_map(|(key, document)| Some((place_in(query, key, document)?, document.clone())))
            .collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        if query.descending {
            found.reverse();
        }
        if let Some(Cursor(seen)) = &query.after {
            found.retain(|(place, _)| {
                if query.descending {
                    place < seen
                } else {
                    place > seen
                }
            });
        }
        let all = found.len().saturating_sub(query.skip);
        let page: Vec<_> = found.into_iter().skip(query.skip).take(query.limit).collect();
        let more = page.len() < all;
        Page {
            next: page
                .last()
                .filter(|_| more)
                .map(|(place, _)| Cursor(place.clone())),
            documents: page.into_iter().map(|(_, document)| document).collect(),
        }
    }
}

fn unique_place(collection: &Collection, index: &Index, document: &RawDocumentBuf) -> Option<Place> {
    let place = index
        .unique
        .then(|| order::place(index, document).ok().flatten())??;
    Some((collection.name, index.name, place))
}

/// The bytes that order a document in a query; `None` if it is not found by it.
fn place_in(query: &Query, key: &Key, document: &RawDocumentBuf) -> Option<Vec<u8>> {
    match &query.by {
        By::Name { prefix } => {
            let place = order::key_bytes(key);
            place.starts_with(prefix.as_bytes()).then_some(place)
        }
        By::Index {
            name,
            equal,
            from,
            until,
        } => {
            let mut place = order::place(query.collection.index(name)?, document).ok()??;
            let mut start = Vec::new();
            for value in equal {
                order::push_bson(&mut start, value).ok()?;
            }
            let bound = |value: &bson::Bson| {
                let mut bound = start.clone();
                order::push_bson(&mut bound, value).ok()?;
                Some(bound)
            };
            let from = from.as_ref().map_or(Some(start.clone()), bound)?;
            let until = until.as_ref().map(bound).map_or(Bound::Unbounded, |bound| {
                bound.map_or(Bound::Unbounded, Bound::Excluded)
            });
            let within = place.starts_with(&start)
                && std::ops::RangeBounds::contains(&(Bound::Included(from), until), &place);
            place.extend(order::key_bytes(key));
            within.then_some(place)
        }
    }
}
