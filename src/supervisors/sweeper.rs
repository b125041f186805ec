//! The chores of a running shop: what has to be done every while and by nobody's asking.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, error, warn};

use crate::actors::books;
use crate::actors::engine::Engine;
use crate::actors::indexing::Indexing;
use crate::actors::live_stock::LiveStock;
use crate::actors::owners::Owners;
use crate::domain::collection::Collection;
use crate::domain::entity::Entity;
use crate::store::expiry::forget_expired;
use crate::store::{Store, Unavailable};

/// How often stocks are looked at that somebody listens to and other runtimes may change.
const LOOKING: Duration = Duration::from_millis(250);
/// How often expired rows are looked for.
const FORGETTING: Duration = Duration::from_mins(1);
/// How often the books are closed.
const CLOSING: Duration = Duration::from_mins(10);

/// Something to be done every while.
pub struct Chore {
    name: String,
    rest: Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>,
    work: Box<dyn Fn() -> BoxFuture<'static, Result<usize, Unavailable>> + Send + Sync>,
}

/// Does its chores until it is stopped.
pub struct Sweeper {
    stop: watch::Sender<bool>,
    chores: Vec<JoinHandle<()>>,
}

impl Chore {
    /// Some work that says how much there was of it.
    pub fn new<F>(name: String, every: Duration, work: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Result<usize, Unavailable>> + Send + Sync + 'static,
    {
        Self::when(name, move || tokio::time::sleep(every).boxed(), work)
    }

    /// The same, but each turn begins when a rest is over. The rest may be dropped at any time.
    pub fn when<F, R>(name: String, rest: R, work: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Result<usize, Unavailable>> + Send + Sync + 'static,
        R: Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        Self {
            name,
            rest: Box::new(rest),
            work: Box::new(work),
        }
    }

    /// Puts owners of a kind to sleep whom nobody asks.
    #[must_use]
    pub fn sleep<E: Entity>(owners: Owners<E>) -> Self {
        let every = owners.engine().bounds.idle / 4;
        Self::new(format!("sleep of idle owners: {}", E::KIND), every, move || {
            let asleep = owners.sweep();
            async move { Ok(asleep) }.boxed()
        })
    }

    /// Forgets the rows of a collection that have expired: at once those that expired while nobody
    /// was here, and then every while.
    #[must_use]
    pub fn forget(engine: Arc<Engine>, collection: &'static Collection) -> Self {
        let name = format!("expired rows: {}", collection.name);
        let begun = AtomicBool::new(false);
        let rest = move || {
            let every = if begun.swap(true, Ordering::Relaxed) {
                FORGETTING
            } else {
                Duration::ZERO
            };
            tokio::time::sleep(every).boxed()
        };
        Self::when(name, rest, move || {
            let engine = Arc::clone(&engine);
            async move {
                let ways = (&*engine.store, &engine.committer);
                forget_expired(ways, collection, engine.clock.now(), || engine.id().into()).await
            }
            .boxed()
        })
    }

    /// Tells who listens to stocks what other runtimes have changed.
    #[must_use]
    pub fn live_stock(live: &LiveStock, store: &Arc<dyn Store>) -> Self {
        let (live, store) = (live.clone(), Arc::clone(store));
        Self::new("live stocks".into(), LOOKING, move || {
            let (live, store) = (live.clone(), Arc::clone(&store));
            async move { live.look(&*store).await }.boxed()
        })
    }

    /// Closes the books of the shop, so that nobody who looks into them has to add up much.
    #[must_use]
    pub fn close_books(engine: Arc<Engine>) -> Self {
        Self::new("closing of the books".into(), CLOSING, move || {
            let engine = Arc::clone(&engine);
            async move { books::close(&engine).await }.boxed()
        })
    }

    /// Keeps the index of the products in step with the store.
    #[must_use]
    pub fn index(indexing: &Arc<Indexing>) -> Self {
        let (resting, indexing) = (Arc::clone(indexing), Arc::clone(indexing));
        let rest = move || {
            let indexing = Arc::clone(&resting);
            async move { indexing.rest().await }.boxed()
        };
        let work = move || {
            let indexing = Arc::clone(&indexing);
            async move { indexing.work().await }.boxed()
        };
        Self::when("index of the products".into(), rest, work)
    }

    /// Does it until told to stop. A panic costs one turn of it.
    async fn keep_doing(self, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = (self.rest)() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let chore = &self.name;
            match AssertUnwindSafe(async { (self.work)().await })
                .catch_unwind()
                .await
            {
                Ok(Ok(many)) => debug!(chore, many, "done"),
                Ok(Err(error)) => warn!(chore, %error, "put off"),
                Err(_) => error!(chore, "panicked; it is tried again"),
            }
        }
    }
}

impl Sweeper {
    /// Starts the chores on this thread, where they can wake owners even in a simulation.
    #[must_use]
    pub fn start(chores: Vec<Chore>) -> Self {
        let stop = watch::Sender::new(false);
        let start = |chore: Chore| actix_rt::spawn(chore.keep_doing(stop.subscribe()));
        Self {
            chores: chores.into_iter().map(start).collect(),
            stop,
        }
    }

    /// Lets what is being done end, and does no more.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        join_all(self.chores).await;
    }
}
