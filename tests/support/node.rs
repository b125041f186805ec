//! One runtime of tests: an engine on a store, with the counters that live on it.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{Answer, Ask, AskError};
use bazaar::actors::crew::Watcher;
use bazaar::actors::engine::{Bounds, Engine, Stage};
use bazaar::actors::owners::Owners;
use bazaar::clock::{Chance, Clock};
use bazaar::domain::id::Id;
use bazaar::domain::time::Timestamp;
use bazaar::store::committer::Committer;
use bazaar::store::embedded::Embedded;
use bazaar::store::validator::Validator;
use bazaar::store::{Store, Version};
use bazaar::supervisors::engine::Footing;

use super::counter::{Command, Counter, Refusal};

/// When tests with a clock of their own begin.
pub(crate) const DAWN: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(crate) type Asked = Result<Answer<i64>, AskError<Refusal>>;

/// A runtime and its counters.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) engine: Arc<Engine>,
    pub(crate) counters: Owners<Counter>,
}

impl Node {
    /// A runtime on the thread that calls, with a clock that goes as tokio's goes. To be called
    /// within [`on_one_thread`].
    pub(crate) fn here(store: Arc<dyn Store>, bounds: Bounds, seed: u64) -> Self {
        Self::watched(store, bounds, seed, Vec::new())
    }

    /// The same, when so much time has passed.
    pub(crate) fn later(store: Arc<dyn Store>, bounds: Bounds, seed: u64, passed: Duration) -> Self {
        Self::timed(store, bounds, (seed, DAWN.after(passed)), Vec::new())
    }

    /// The same, with somebody who watches what becomes durable.
    pub(crate) fn watched(
        store: Arc<dyn Store>,
        bounds: Bounds,
        seed: u64,
        watchers: Vec<Watcher<Counter>>,
    ) -> Self {
        Self::timed(store, bounds, (seed, DAWN), watchers)
    }

    fn timed(
        store: Arc<dyn Store>,
        bounds: Bounds,
        (seed, start): (u64, Timestamp),
        watchers: Vec<Watcher<Counter>>,
    ) -> Self {
        let (committer, committing) = Committer::new(Arc::clone(&store), 1);
        let (validator, validating) = Validator::new(Arc::clone(&store));
        tokio::task::spawn_local(committing);
        tokio::task::spawn_local(validating);
        let time = (Clock::simulated(start), Chance::seeded(seed));
        let engine = Engine::new(store, (committer, validator), time, Stage::Here, bounds);
        Self::new(engine, watchers)
    }

    /// A runtime as it is started for users: a thread for each core, and the clock of the
    /// machine. To be called within [`on_many_threads`].
    pub(crate) fn on_threads(store: Arc<dyn Store>, bounds: Bounds) -> (Self, Footing) {
        let time = (Clock::system(), Chance::unforeseeable());
        let footing = Footing::start(store, time, bounds).expect("the machine gives threads");
        (Self::new(Arc::clone(&footing.engine), Vec::new()), footing)
    }

    fn new(engine: Arc<Engine>, watchers: Vec<Watcher<Counter>>) -> Self {
        Self {
            counters: Owners::new(Arc::clone(&engine), watchers),
            engine,
        }
    }

    pub(crate) fn ask_for(&self, command: Command) -> Ask<Counter> {
        Ask::new(command, self.engine.now(None))
    }

    pub(crate) async fn ask(&self, id: Id, command: Command) -> Asked {
        self.counters.ask(id, self.ask_for(command)).await
    }

    pub(crate) async fn add(&self, id: Id, amount: i64) -> Asked {
        self.ask(id, Command::Add { id, amount, tag: 0 }).await
    }

    /// The total and the version, as anybody sees them.
    pub(crate) async fn total(&self, id: Id) -> Result<(i64, Version), AskError<Refusal>> {
        let see = |counter: Option<&Counter>, version| (counter.map_or(0, |counter| counter.total), version);
        self.counters.view(id, see).await
    }

    /// So many batches went to the store.
    pub(crate) fn batches(&self) -> u64 {
        let tally = self.engine.committer.tally();
        tally.batches.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// The n-th id of a test.
pub(crate) fn id(n: u64) -> Id {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

/// How a refusal sounds that is heard for the first time.
pub(crate) fn refused(refusal: Refusal) -> AskError<Refusal> {
    AskError::Refused {
        refusal,
        replayed: false,
    }
}

/// A store in a folder of the test's own.
pub(crate) fn embedded(folder: &Path) -> Arc<dyn Store> {
    Arc::new(Embedded::open(folder).expect("the folder of the test opens as a store"))
}

/// Runs a test on one thread whose clock jumps to the next thing that is due.
pub(crate) fn on_one_thread<T>(test: impl Future<Output = T>) -> T {
    let local = tokio::task::LocalSet::new();
    single_threaded(true).block_on(local.run_until(test))
}

/// Runs a test with threads for owners beside it.
pub(crate) fn on_many_threads<T>(test: impl Future<Output = T>) -> T {
    actix_rt::System::new().block_on(test)
}

pub(crate) fn single_threaded(paused: bool) -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let built = builder.enable_all().start_paused(paused).build();
    built.expect("a runtime of one thread starts")
}
