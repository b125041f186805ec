//! The one way into the store: it drains what all owners have to write into atomic batches.
//! It never waits to fill a batch; while one is on its way, the next one gathers by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Commit, Outcome, Store};

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

struct Job {
    commit: Commit,
    done: Done,
}

impl Committer {
    /// A committer, and the loop that must be run for it to write: on a thread of its own for a
    /// store that blocks, with so many batches side by side for one that is reached by wire.
    pub fn new(store: Arc<dyn Store>, side_by_side: usize) -> (Self, BoxFuture<'static, ()>) {
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
        let unavailable = |job: Job, why: &str| (job.done)(Outcome::Unavailable(why.to_owned()));
        match self.queue.try_send(Job { commit, done }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(job)) => unavailable(job, "too much is being written"),
            Err(mpsc::error::TrySendError::Closed(job)) => unavailable(job, "the runtime is stopping"),
        }
    }

    /// Hands in a commit and waits for what becomes of it.
    pub async fn commit(&self, commit: Commit) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        let done: Done = Box::new(move |outcome| {
            let _ = sender.send(outcome);
        });
        self.submit(commit, done);
        outcome
            .await
            .unwrap_or_else(|_| Outcome::Unavailable("the runtime is stopping".into()))
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

async fn one_by_one(store: Arc<dyn Store>, mut jobs: mpsc::Receiver<Job>, tally: Arc<Tally>) {
    while let Some(first) = jobs.recv().await {
        let batch = gather(first, &mut jobs);
        tally.count(batch.len());
        write(&*store, batch).await;
    }
}

/// Every owner has one round in flight at the most, so batches side by side never hold the same
/// entity twice.
async fn in_lanes(store: Arc<dyn Store>, mut jobs: mpsc::Receiver<Job>, tally: Arc<Tally>, lanes: usize) {
    let lanes = Arc::new(Semaphore::new(lanes));
    // The lane comes first: what arrives while all of them are taken travels together.
    while let Ok(lane) = Arc::clone(&lanes).acquire_owned().await {
        let Some(first) = jobs.recv().await else {
            return;
        };
        let batch = gather(first, &mut jobs);
        tally.count(batch.len());
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            write(&*store, batch).await;
            drop(lane);
        });
    }
}

fn gather(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut bytes = first.commit.size();
    let mut batch = vec![first];
    while batch.len() < BATCH_COMMITS && bytes < BATCH_BYTES {
        let Some(Some(job)) = jobs.recv().now_or_never() else {
            break;
        };
        bytes += job.commit.size();
        batch.push(job);
    }
    batch
}

async fn write(store: &dyn Store, batch: Vec<Job>) {
    let (commits, waiting): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.commit, job.done)).unzip();
    let outcomes = store.commit(commits).await;
    for (done, outcome) in waiting.into_iter().zip(outcomes) {
        done(outcome);
    }
}
