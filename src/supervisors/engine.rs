//! Starts what all owners stand on: the threads they live on, and the loops that serve them.

use std::sync::Arc;
use std::thread;

use actix_rt::Arbiter;
use tokio::runtime::Handle;

use crate::actors::engine::{Bounds, Engine, Stage};
use crate::clock::{Chance, Clock};
use crate::store::Store;
use crate::store::committer::Committer;
use crate::store::validator::Validator;

/// So many batches travel side by side to a store that is reached by wire.
const LANES: u32 = 4;

/// A running engine and the threads under it.
pub struct Footing {
    /// What owners share.
    pub engine: Arc<Engine>,
    arbiters: Vec<Arbiter>,
    committer: Option<thread::JoinHandle<()>>,
}

impl Footing {
    /// Starts an arbiter for each core and the loops, on the running tokio runtime.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub fn start(store: Arc<dyn Store>, time: (Clock, Chance), bounds: Bounds) -> std::io::Result<Self> {
        let cores = thread::available_parallelism()?.get();
        let arbiters: Vec<_> = (0..cores).map(|_| Arbiter::try_new()).collect::<Result<_, _>>()?;
        let stage = Stage::Arbiters(arbiters.iter().map(Arbiter::handle).collect());
        let (validator, validating) = Validator::new(Arc::clone(&store));
        tokio::spawn(validating);
        let by_wire = store.by_wire();
        let (committer, committing) = Committer::new(Arc::clone(&store), if by_wire { LANES } else { 1 });
        let thread = if by_wire {
            tokio::spawn(committing);
            None
        } else {
            // A store in this process blocks while the disk syncs, so it has a thread to block.
            let handle = Handle::current();
            let run = move || handle.block_on(committing);
            Some(thread::Builder::new().name("committer".into()).spawn(run)?)
        };
        Ok(Self {
            engine: Engine::new(store, (committer, validator), time, stage, bounds),
            arbiters,
            committer: thread,
        })
    }

    /// Waits until nothing is in hand, writes what was handed in, and ends the threads.
    pub async fn stop(self) {
        self.engine.quiet().await;
        self.engine.committer.stop().await;
        let arbiters = self.arbiters;
        let committer = self.committer;
        let ended = tokio::task::spawn_blocking(move || {
            for arbiter in arbiters {
                arbiter.stop();
                // A thread that panicked has ended as well.
                let _ = arbiter.join();
            }
            committer.map(thread::JoinHandle::join)
        });
        let _ = ended.await;
    }
}
