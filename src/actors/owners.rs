//! The registry of the owners of one kind: wakes exactly one owner per id, lets in as many asks
//! as there are places, and puts to sleep whom nobody has asked for a while.

use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix::Addr;
use dashmap::DashMap;
use tokio::sync::oneshot;

use super::admission::{Door, Permit};
use super::ask::{Answer, Ask, AskError};
use super::crew::{Crew, Watcher};
use super::engine::Engine;
use super::owner::{Fail, Owner, Stale};
use super::waiting::{Look, Waiting};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Unavailable, Version};

/// The owners of one kind. Cloning it gives another handle to the same ones.
pub struct Owners<E: Entity> {
    crew: Arc<Crew<E>>,
    awake: Arc<Awake<E>>,
}

/// Hashed the same way in every run, so that a simulation that is played again sweeps and falls
/// silent in the same order.
type Awake<E> = DashMap<Id, Entry<E>, BuildHasherDefault<DefaultHasher>>;

struct Entry<E: Entity> {
    owner: Addr<Owner<E>>,
    door: Arc<Door>,
    asked: AtomicI64,
}

impl<E: Entity> Owners<E> {
    /// A registry without an owner yet.
    #[must_use]
    pub fn new(engine: Arc<Engine>, watchers: Vec<Watcher<E>>) -> Self {
        Self {
            crew: Arc::new(Crew::new(engine, watchers)),
            awake: Arc::new(Awake::default()),
        }
    }

    /// What all owners of the node share.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.crew.engine
    }

    /// Asks something of the thing with this id, and waits for an answer that rests on durable
    /// facts. Dropping the future does not take the ask back.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<E>) -> Result<Answer<E::Reply>, AskError<E::Refusal>> {
        let knocked = self.knock(id, shopper);
        send(knocked, ask).await
    }

    /// Asks on the runtime's own behalf, through a gate that shoppers cannot crowd.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_as_runtime(
        &self,
        id: Id,
        ask: Ask<E>,
    ) -> Result<Answer<E::Reply>, AskError<E::Refusal>> {
        let knocked = self.knock(id, runtime);
        send(knocked, ask).await
    }

    /// Looks at the thing as it durably is, or at nothing if it was never made.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn view<T: Send + 'static>(
        &self,
        id: Id,
        see: impl FnOnce(Option<&E>, Version) -> T + Send + 'static,
    ) -> Result<T, AskError<E::Refusal>> {
        self.view_since(id, 0, see).await
    }

    /// The same for somebody who was told of this version, and must see it or a newer one.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn view_since<T: Send + 'static>(
        &self,
        id: Id,
        since: Version,
        see: impl FnOnce(Option<&E>, Version) -> T + Send + 'static,
    ) -> Result<T, AskError<E::Refusal>> {
        let knocked = self.knock(id, shopper);
        let (owner, permit) = knocked.ok_or(AskError::Overloaded)?;
        let (sender, seen) = oneshot::channel();
        let look = Look::new(
            permit,
            since,
            Box::new(move |what: Result<(Option<&E>, Version), Unavailable>| {
                let _ = sender.send(what.map(|(state, version)| see(state, version)));
            }),
        );
        owner.do_send(look);
        match seen.await {
            Ok(Ok(seen)) => Ok(seen),
            Ok(Err(Unavailable(why))) => Err(AskError::Unavailable(why)),
            Err(_) => Err(AskError::Failed),
        }
    }

    /// The owner of this id, awake, and a place with it. Both are taken under one guard of the
    /// registry: an owner with a permit out is never put to sleep.
    fn knock(&self, id: Id, admit: Admit) -> Option<Knocked<E>> {
        let engine = &self.crew.engine;
        if let Some(entry) = self.awake.get(&id).filter(|entry| entry.owner.connected()) {
            return entry.enter(admit, engine);
        }
        let mut entry = self.awake.entry(id).or_insert_with(|| self.wake(id));
        if !entry.owner.connected() {
            *entry = self.wake(id);
        }
        entry.enter(admit, engine)
    }

    fn wake(&self, id: Id) -> Entry<E> {
        let crew = Arc::clone(&self.crew);
        Entry {
            owner: self.crew.engine.stage.start(id, move || Owner::new(id, crew)),
            door: Arc::default(),
            asked: AtomicI64::new(0),
        }
    }

    /// Puts to sleep who has not been asked for the engine's idle time and has nothing in hand.
    /// Says how many.
    #[must_use]
    pub fn sweep(&self) -> usize {
        let now = self.crew.engine.clock.now();
        let idle = self.crew.engine.bounds.idle;
        let mut asleep = 0;
        self.awake.retain(|_, entry| {
            let asked = Timestamp::from_millis(entry.asked.load(Ordering::Relaxed));
            let stays = entry.door.taken() > 0 || now.since(asked) < idle;
            asleep += usize::from(!stays);
            stays
        });
        if asleep > 0 {
            self.awake.shrink_to_fit();
        }
        asleep
    }

    /// This thing has come to this version: an owner that is awake and knows an older one reads it
    /// again.
    pub fn stale(&self, id: Id, version: Version) {
        if let Some(entry) = self.awake.get(&id) {
            entry.owner.do_send(Stale(version));
        }
    }

    /// Makes the owner of this id fail as if by a fault of its own. Says whether one is awake.
    #[must_use]
    pub fn fail(&self, id: Id) -> bool {
        self.awake.get(&id).is_some_and(|entry| {
            entry.owner.do_send(Fail);
            true
        })
    }

    /// How many owners are awake.
    #[must_use]
    pub fn awake(&self) -> usize {
        self.awake.len()
    }

    /// How many asks wait at owners of this kind.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.awake.iter().map(|entry| entry.door.taken()).sum()
    }

    /// How often an owner had to start anew.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.crew.restarts()
    }
}

/// Lets an ask in at an owner's door and the node's gate, or not.
type Admit = fn(&Arc<Door>, &Engine) -> Option<Permit>;

fn shopper(owner: &Arc<Door>, engine: &Engine) -> Option<Permit> {
    Permit::of_shopper(owner, engine.bounds.per_owner, &engine.shoppers)
}

fn runtime(owner: &Arc<Door>, engine: &Engine) -> Option<Permit> {
    Permit::of_runtime(owner, &engine.runtime)
}

/// Whom to ask, and the place to wait there.
type Knocked<E> = (Addr<Owner<E>>, Permit);

async fn send<E: Entity>(
    knocked: Option<Knocked<E>>,
    ask: Ask<E>,
) -> Result<Answer<E::Reply>, AskError<E::Refusal>> {
    let (owner, permit) = knocked.ok_or(AskError::Overloaded)?;
    let (reply, answer) = oneshot::channel();
    owner.do_send(Waiting::new(ask, permit, reply));
    answer.await.unwrap_or(Err(AskError::Failed))
}

impl<E: Entity> Entry<E> {
    fn enter(&self, admit: Admit, engine: &Engine) -> Option<Knocked<E>> {
        let permit = admit(&self.door, engine)?;
        self.asked.store(engine.clock.now().millis(), Ordering::Relaxed);
        Some((self.owner.clone(), permit))
    }
}

impl<E: Entity> Clone for Owners<E> {
    fn clone(&self) -> Self {
        Self {
            crew: Arc::clone(&self.crew),
            awake: Arc::clone(&self.awake),
        }
    }
}
