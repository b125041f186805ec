//! What all owners of a node share: the store and the way into it, time and chance, the threads
//! they live on, and the bounds on what may wait.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, Context, Supervised, Supervisor};
use actix_rt::ArbiterHandle;

use super::admission::Gate;
use crate::clock::{Chance, Clock};
use crate::config::Actors;
use crate::domain::entity::Circumstances;
use crate::domain::id::Id;
use crate::events::ground::{Ground, Pace};
use crate::services::media::Uploads;
use crate::store::Store;
use crate::store::committer::Committer;
use crate::store::validator::Validator;

/// The ground that owners stand on.
pub struct Engine {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The way in for what changes.
    pub committer: Committer,
    /// Whether what an owner holds is still so, on a store that other runtimes write to.
    pub validator: Validator,
    /// What time it is.
    pub clock: Clock,
    /// Where ids come from.
    pub chance: Chance,
    /// Where owners live.
    pub stage: Stage,
    /// The bounds.
    pub bounds: Bounds,
    /// Asks of shoppers in hand on this node.
    pub shoppers: Arc<Gate>,
    /// Asks of the runtime itself in hand: a budget of its own, so that shoppers cannot starve
    /// the release of what somebody else gave back.
    pub runtime: Arc<Gate>,
}

/// How much may wait, and for how long an idle owner stays awake.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Asks in hand at one owner.
    pub per_owner: usize,
    /// Asks in hand on the node.
    pub per_node: usize,
    /// Asks of the runtime itself in hand on the node, beside those.
    pub for_runtime: usize,
    /// Commands decided in one round.
    pub per_round: usize,
    /// How long an owner that nobody asks stays awake.
    pub idle: Duration,
    /// How long the outcome of an idempotent ask is remembered.
    pub remembered: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            per_owner: 8_192,
            per_node: 65_536,
            for_runtime: 8_192,
            per_round: 1_024,
            idle: Duration::from_mins(1),
            remembered: Duration::from_hours(24),
        }
    }
}

impl From<&Actors> for Bounds {
    fn from(settings: &Actors) -> Self {
        Self {
            per_owner: settings.per_owner,
            per_node: settings.per_node,
            idle: settings.idle,
            ..Self::default()
        }
    }
}

/// The threads that owners live on.
#[derive(Debug, Clone)]
pub enum Stage {
    /// The thread that asks: for a simulation, where everything happens on one.
    Here,
    /// One arbiter per core, owners spread by their id.
    Arbiters(Vec<ArbiterHandle>),
}

impl Engine {
    /// An engine with nothing in hand.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        (committer, validator): (Committer, Validator),
        (clock, chance): (Clock, Chance),
        stage: Stage,
        bounds: Bounds,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            committer,
            validator,
            clock,
            chance,
            stage,
            bounds,
            shoppers: Gate::new(bounds.per_node),
            runtime: Gate::new(bounds.for_runtime),
        })
    }

    /// Waits until nothing is in hand at any owner.
    pub async fn quiet(&self) {
        self.shoppers.quiet().await;
        self.runtime.quiet().await;
    }

    /// The circumstances of something asked now.
    #[must_use]
    pub fn now(&self, by: Option<Id>) -> Circumstances {
        Circumstances {
            now: self.clock.now(),
            by,
        }
    }

    /// What deliveries of events stand on.
    #[must_use]
    pub fn ground(&self, pace: Pace) -> Arc<Ground> {
        Arc::new(Ground {
            store: Arc::clone(&self.store),
            committer: self.committer.clone(),
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            runtime: self.id(),
            pace,
        })
    }

    /// Where pictures on their way are noted.
    #[must_use]
    pub fn uploads(&self) -> Uploads {
        Uploads::new(self.committer.clone(), self.clock.clone(), self.chance.clone())
    }

    /// A fresh id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.chance.id(self.clock.now())
    }
}

impl Stage {
    /// Starts a supervised actor on the thread that its id falls to.
    pub fn start<A>(&self, id: impl Hash, make: impl FnOnce() -> A + Send + 'static) -> Addr<A>
    where
        A: Supervised + Actor<Context = Context<A>>,
    {
        match self {
            Self::Here => Supervisor::start(|_| make()),
            Self::Arbiters(arbiters) => {
                let mut hasher = DefaultHasher::new();
                id.hash(&mut hasher);
                let spread = usize::try_from(hasher.finish() >> 33).unwrap_or_default();
                Supervisor::start_in_arbiter(&arbiters[spread % arbiters.len()], |_| make())
            }
        }
    }
}
