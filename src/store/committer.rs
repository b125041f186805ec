//! The one way into the store: it drains what all owners have to write into atomic batches.
//! It never waits to fill a batch; while one is on its way, the next one gathers by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Commit, Outcome, Settled, Store};

const QUEUE: usize = 65_536;
const BATCH_COMMITS: usize = 1_024;
const BATCH_BYTES: usize = 1 << 20;

/// The way to hand in a commit.
#[derive(Clone)]
pub struct Committer {
    queue: mpsc::Sender<Job>,
    tally: Arc<Tally>,
}

/// What the committer has done since the start.
#[derive(Debug, Default)]
pub struct Tally {
    /// Batches sent to the store.
    pub batches: AtomicU64,
    /// Commits in them.
    pub commits: AtomicU64,
}

/// Called with what became of a commit.
pub type Done = Box<dyn FnOnce(Outcome) + Send>;

enum Job {
    Write(Commit, Done),
    /// Everything handed in before it is to be written, and nothing after it.
    Stop(oneshot::Sender<()>),
}

impl Committer {
    /// A committer, and the loop that must be run for it to write: on a thread of its own for a
    /// store that blocks, with so many batches side by side for one that is reached by wire.
    pub fn new(store: Arc<dyn Store>, side_by_side: u32) -> (Self, BoxFuture<'static, ()>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let tally = Arc::new(Tally::default());
        let run: BoxFuture<'static, ()> = if side_by_side <= 1 {
            Box::pin(one_by_one(store, jobs, Arc::clone(&tally)))
        } else {
            Box::pin(in_lanes(store, jobs, Arc::clone(&tally), side_by_side))
        };
        (Self { queue, tally }, run)
    }

    /// Hands in a commit; `done` is called once, whatever becomes of it.
    pub fn submit(&self, commit: Commit, done: Done) {
        let (job, why) = match self.queue.try_send(Job::Write(commit, done)) {
            Ok(()) => return,
            Err(TrySendError::Full(job)) => (job, "too much is being written"),
            Err(TrySendError::Closed(job)) => (job, "the runtime is stopping"),
        };
        if let Job::Write(_, done) = job {
            done(Outcome::Unavailable(why.to_owned()));
        }
    }

    /// Hands in a commit and waits for what becomes of it.
    pub async fn commit(&self, commit: Commit) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        let done: Done = Box::new(move |outcome| {
            let _ = sender.send(outcome);
        });
        self.submit(commit, done);
        outcome.await.unwrap_or_else(|_| never_known())
    }

    /// Writes what was handed in so far and then nothing more.
    pub async fn stop(&self) {
        let (sender, stopped) = oneshot::channel();
        if self.queue.send(Job::Stop(sender)).await.is_ok() {
            // An error means that it has stopped before.
            let _ = stopped.await;
        }
    }

    /// What has been done since the start.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Tally {
    fn count(&self, commits: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.commits.fetch_add(commits as u64, Ordering::Relaxed);
    }
}

/// What one wake of the loop takes from the queue.
#[derive(Default)]
struct Batch {
    commits: Vec<Commit>,
    done: Vec<Done>,
    bytes: usize,
    stop: Option<oneshot::Sender<()>>,
}

impl Batch {
    /// Takes what is there, as much as one batch may hold.
    fn gather(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Self {
        let mut batch = Self::default();
        batch.take(first);
        while batch.stop.is_none() && batch.commits.len() < BATCH_COMMITS && batch.bytes < BATCH_BYTES {
            let Ok(job) = jobs.try_recv() else { break };
            batch.take(job);
        }
        batch
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Write(commit, done) => {
                self.bytes += commit.size();
                self.commits.push(commit);
                self.done.push(done);
            }
            Job::Stop(stopped) => self.stop = Some(stopped),
        }
    }
}

async fn one_by_one(store: Arc<dyn Store>, mut jobs: mpsc::Receiver<Job>, tally: Arc<Tally>) {
    while let Some(first) = jobs.recv().await {
        let batch = Batch::gather(first, &mut jobs);
        write(&*store, &tally, batch.commits, batch.done).await;
        if let Some(stopped) = batch.stop {
            jobs.close();
            let _ = stopped.send(());
        }
    }
}

/// Every owner has one round in flight at the most, so batches side by side never hold the same
/// entity twice.
async fn in_lanes(store: Arc<dyn Store>, mut jobs: mpsc::Receiver<Job>, tally: Arc<Tally>, many: u32) {
    let lanes = Arc::new(Semaphore::new(many as usize));
    // The lane comes first: what arrives while all of them are taken travels together.
    while let Ok(lane) = Arc::clone(&lanes).acquire_owned().await {
        let Some(first) = jobs.recv().await else {
            return;
        };
        let batch = Batch::gather(first, &mut jobs);
        let (store, tally) = (Arc::clone(&store), Arc::clone(&tally));
        tokio::spawn(async move {
            write(&*store, &tally, batch.commits, batch.done).await;
            drop(lane);
        });
        if let Some(stopped) = batch.stop {
            jobs.close();
            // All lanes free again: nothing is on its way any more.
            let _all = lanes.acquire_many(many).await;
            let _ = stopped.send(());
        }
    }
}

async fn write(store: &dyn Store, tally: &Tally, commits: Vec<Commit>, waiting: Vec<Done>) {
    if commits.is_empty() {
        return;
    }
    tally.count(commits.len());
    // A fault in a store leaves unknown what it has written, and must not leave anybody waiting.
    let written = AssertUnwindSafe(store.commit(commits)).catch_unwind().await;
    let mut outcomes = written.unwrap_or_default().into_iter();
    for done in waiting {
        done(outcomes.next().unwrap_or_else(never_known));
    }
}

fn never_known() -> Outcome {
    Outcome::InDoubt(Settled::pending().1)
}
