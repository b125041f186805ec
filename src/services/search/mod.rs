//! Finding products: a full-text index of this node, beside the store and made from it. It says
//! which products are wanted and in which order; what they are is for the store to say.

mod catalogue;
mod columns;
mod folder;
mod matching;
mod page;
mod ranking;
mod schema;
mod terms;
mod vocabulary;
mod wording;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::{Semaphore, watch};
use tracing::error;

use crate::store::Unavailable;
pub use catalogue::{Catalogue, Entry, Mark};
pub use page::{Page, Place};
pub use terms::{Sort, Terms};

/// So many may wait for their turn to search; one more is told to come back.
const WAITING_MAX: usize = 256;
/// For so long a question waits for an index that is just being opened.
const PATIENCE: Duration = Duration::from_millis(500);

/// The search of this node. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    /// Where the index is kept; in memory if nowhere.
    folder: Option<PathBuf>,
    catalogue: RwLock<Option<Arc<Catalogue>>>,
    state: watch::Sender<State>,
    /// One permit for each question that is worked on: the rest of the shop needs the cores too.
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Whether the index can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has looked at it yet; it may be whole.
    Unopened,
    /// It is made anew from the store.
    Incomplete,
    /// It is whole.
    Ready,
}

/// Why a question gets no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The index is not whole yet.
    #[error("the index of the products is being made")]
    NotReady,
    /// Too many are asking.
    #[error("too many questions are waiting")]
    Crowded,
    /// The index cannot be read. It is made anew.
    #[error("the index cannot be read: {0}")]
    Broken(String),
}

impl From<NoAnswer> for Unavailable {
    fn from(why: NoAnswer) -> Self {
        Self(why.to_string())
    }
}

/// One more who waits, until dropped.
struct Turn<'a>(&'a AtomicUsize);

impl Search {
    /// A search whose index is kept in this folder, or in memory. Nothing is opened yet.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner {
            folder,
            catalogue: RwLock::default(),
            state: watch::Sender::new(State::Unopened),
            places: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// Whether it can be asked.
    #[must_use]
    pub fn state(&self) -> State {
        *self.0.state.borrow()
    }

    /// Opens the index as it was left, and says up to where it knows what happened. Nothing when
    /// it has to be made anew: it is not there, not whole, of another make or not readable.
    pub async fn open(&self) -> Option<Mark> {
        let folder = self.0.folder.clone()?;
        let opened = tokio::task::spawn_blocking(move || folder::open(&folder)).await;
        let (catalogue, mark) = opened.ok().flatten()?;
        *self.0.catalogue.write() = Some(Arc::new(catalogue));
        Some(mark)
    }

    /// Begins an empty index in the place of whatever was there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn begin(&self) -> Result<(), NoAnswer> {
        self.0.state.send_replace(State::Incomplete);
        let old = self.0.catalogue.write().take();
        let folder = self.0.folder.clone();
        let begun = blocking(move || {
            drop(old); // which lets go of the folder
            folder::begin(folder.as_deref())
        });
        let begun = begun.await?;
        *self.0.catalogue.write() = Some(Arc::new(begun));
        Ok(())
    }

    /// Waits until the index has to be made anew. May be dropped at any time.
    pub async fn lost(&self) {
        let mut state = self.0.state.subscribe();
        // An error would mean that the sender is gone, and it is this one.
        let _ = state.wait_for(|state| *state == State::Incomplete).await;
    }

    /// From now on it can be asked.
    pub fn ready(&self) {
        self.0.state.send_replace(State::Ready);
    }

    /// The index, to write to or to read at length; nothing before it was opened or begun.
    #[must_use]
    pub fn catalogue(&self) -> Option<Arc<Catalogue>> {
        self.0.catalogue.read().clone()
    }

    /// Does something with the index where it may take its time. Whatever goes wrong with it, the
    /// index is not trusted any more.
    ///
    /// # Errors
    /// When there is no index, or it cannot be read.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Catalogue) -> tantivy::Result<T> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let catalogue = self.catalogue().ok_or(NoAnswer::NotReady)?;
        let done = blocking(move || work(&catalogue)).await;
        if let Err(NoAnswer::Broken(why)) = &done {
            error!(%why, "the index of the products is made anew");
            self.0.state.send_replace(State::Incomplete);
        }
        done
    }

    /// The products that are wanted.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn find(&self, terms: Terms) -> Result<Page, NoAnswer> {
        self.opened().await?;
        let turn = self.queue()?;
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let place = place.map_err(|_| NoAnswer::Crowded)?;
        drop(turn);
        let found = self.with(move |catalogue| {
            // The place goes along: it stays taken until the work is done, even if its caller leaves.
            let _place = place;
            catalogue.find(&terms)
        });
        found.await
    }

    /// Every category that a product stands in by its name, with how many do.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    pub async fn categories(&self) -> Result<Vec<(String, u64)>, NoAnswer> {
        self.opened().await?;
        self.with(Catalogue::categories).await
    }

    /// Waits a little for an index that is about to be opened; one that is made anew takes longer
    /// than anybody waits.
    async fn opened(&self) -> Result<(), NoAnswer> {
        let mut state = self.0.state.subscribe();
        let looked_at = state.wait_for(|state| *state != State::Unopened);
        let state = tokio::time::timeout(PATIENCE, looked_at)
            .await
            .map(|state| state.map(|state| *state));
        match state {
            Ok(Ok(State::Ready)) => Ok(()),
            _ => Err(NoAnswer::NotReady),
        }
    }

    fn queue(&self) -> Result<Turn<'_>, NoAnswer> {
        let waiting = &self.0.waiting;
        let turn = Turn(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            return Err(NoAnswer::Crowded);
        }
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs something where it may wait for the disk. A panic is a fault of the index like any other.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> tantivy::Result<T> + Send + 'static,
) -> Result<T, NoAnswer> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(NoAnswer::Broken(error.to_string())),
        Err(error) if error.is_cancelled() => Err(NoAnswer::NotReady),
        Err(_) => Err(NoAnswer::Broken("it panicked".into())),
    }
}
