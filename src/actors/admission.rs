//! Who may come in: a counter of asks in hand per owner and for the node, because a mailbox does
//! not bound what is sent to it. Full means a refusal at once, never a queue without end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A bounded number of places.
#[derive(Debug)]
pub struct Gate {
    taken: AtomicUsize,
    places: usize,
    left: Notify,
}

/// Counts the asks in hand at one owner, and no more than that: every owner that is awake has one.
#[derive(Debug, Default)]
pub struct Door(AtomicUsize);

/// One place at an owner and one on the node, given back when dropped: it travels inside the ask,
/// so it outlives a caller who went away.
#[derive(Debug)]
pub struct Permit {
    owner: Arc<Door>,
    node: Arc<Gate>,
}

/// A place that keeps an owner awake without anybody waiting.
#[derive(Debug)]
pub struct Stay(Arc<Door>);

impl Gate {
    /// A gate with so many places.
    #[must_use]
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: AtomicUsize::new(0),
            places,
            left: Notify::new(),
        })
    }

    /// How many places are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    /// Waits until nobody is inside. More may come in while it waits.
    pub async fn quiet(&self) {
        loop {
            let left = self.left.notified();
            if self.taken() == 0 {
                return;
            }
            left.await;
        }
    }

    fn enter(&self) -> bool {
        let entered = self.taken.fetch_add(1, Ordering::SeqCst) < self.places;
        if !entered {
            self.leave();
        }
        entered
    }

    fn leave(&self) {
        if self.taken.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.left.notify_waiters();
        }
    }
}

impl Door {
    /// How many asks are in hand.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn enter(&self, places: usize) -> bool {
        let entered = self.0.fetch_add(1, Ordering::SeqCst) < places;
        if !entered {
            self.leave();
        }
        entered
    }

    fn enter_anyway(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Permit {
    /// A place on the node and one of so many at the owner, or none at all.
    #[must_use]
    pub fn of_shopper(owner: &Arc<Door>, places: usize, node: &Arc<Gate>) -> Option<Self> {
        if !node.enter() {
            return None;
        }
        if !owner.enter(places) {
            node.leave();
            return None;
        }
        Some(Self::inside(owner, node))
    }

    /// A place for the runtime's own ask: bounded on the node, but never kept out of one owner by
    /// the shoppers who wait there.
    #[must_use]
    pub fn of_runtime(owner: &Arc<Door>, node: &Arc<Gate>) -> Option<Self> {
        if !node.enter() {
            return None;
        }
        owner.enter_anyway();
        Some(Self::inside(owner, node))
    }

    fn inside(owner: &Arc<Door>, node: &Arc<Gate>) -> Self {
        Self {
            owner: Arc::clone(owner),
            node: Arc::clone(node),
        }
    }

    /// Keeps the owner awake for longer than this ask waits.
    #[must_use]
    pub fn stay(&self) -> Stay {
        self.owner.enter_anyway();
        Stay(Arc::clone(&self.owner))
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.owner.leave();
        self.node.leave();
    }
}
