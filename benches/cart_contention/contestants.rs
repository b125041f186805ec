//! Those who keep carts in this process: owners with rounds, and what one would write without
//! them. Each decides by the same struct, and answers when what it answers is as durable as asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix::{Actor, Addr, AtomicResponse, Context, Handler, Message, WrapFuture};
use actix_rt::{Arbiter, ArbiterHandle};
use arc_swap::ArcSwap;
use bazaar::actors::ask::Ask;
use bazaar::actors::engine::Engine;
use bazaar::actors::owners::Owners;
use bazaar::domain::id::Id;
use bazaar::store::Outcome;
use dashmap::DashMap;
use tokio::sync::{Mutex, RwLock};

use super::cart::{Add, Cart, keep};
use super::ground::{Durability, Ground};

/// Somebody who keeps carts.
pub(crate) trait Contestant: Clone + 'static {
    const NAME: &'static str;

    fn on(ground: &Ground) -> Self;

    /// Says how many pieces are in the cart then.
    fn add(&self, cart: Id, add: Add) -> impl Future<Output = u64>;

    /// How many pieces are in a cart.
    fn pieces(&self, cart: Id) -> impl Future<Output = u64>;
}

/// A cart with its version.
type Versioned = (Cart, u64);

/// The way to the store, for those who have to go it themselves.
#[derive(Clone)]
struct Way {
    engine: Arc<Engine>,
    durability: Durability,
}

impl Way {
    fn of(ground: &Ground) -> Self {
        Self {
            engine: Arc::clone(ground.engine()),
            durability: ground.durability,
        }
    }

    /// Changes a cart that nobody else can reach meanwhile.
    async fn add(&self, id: Id, (cart, version): &mut Versioned, add: Add) -> u64 {
        let pieces = cart.add(add);
        if self.durability == Durability::Durable {
            let outcome = keep(&self.engine, id, *version, cart).await;
            assert!(matches!(outcome, Outcome::Stored), "{outcome:?}");
        }
        *version += 1;
        pieces
    }
}

/// This runtime: an owner for each cart, rounds and batches.
impl Contestant for Owners<Cart> {
    const NAME: &'static str = "owners";

    fn on(ground: &Ground) -> Self {
        Self::new(Arc::clone(ground.engine()), Vec::new())
    }

    async fn add(&self, cart: Id, add: Add) -> u64 {
        let ask = Ask::new(add, self.engine().now(None));
        let answer = self.ask(cart, ask).await;
        answer.expect("every ask is answered").reply
    }

    async fn pieces(&self, cart: Id) -> u64 {
        let see = |cart: Option<&Cart>, _| cart.map_or(0, |cart| cart.pieces);
        self.view(cart, see).await.expect("every owner answers")
    }
}

/// An actor for each cart that handles one message after the other, as actix has it.
#[derive(Clone)]
pub(crate) struct Actors {
    way: Way,
    arbiters: Arc<Vec<ArbiterHandle>>,
    next: Arc<AtomicUsize>,
    awake: Arc<DashMap<Id, Addr<CartActor>>>,
}

pub(crate) struct CartActor {
    id: Id,
    way: Way,
    cart: Arc<Mutex<Versioned>>,
}

#[derive(Message)]
#[rtype(result = "u64")]
struct Put(Option<Add>);

impl Actor for CartActor {
    type Context = Context<Self>;
}

impl Handler<Put> for CartActor {
    type Result = AtomicResponse<Self, u64>;

    fn handle(&mut self, Put(add): Put, _: &mut Self::Context) -> Self::Result {
        let (id, way, cart) = (self.id, self.way.clone(), Arc::clone(&self.cart));
        let added = async move {
            // Never waited for: an actor's atomic responses come one after the other.
            let mut cart = cart.lock().await;
            match add {
                Some(add) => way.add(id, &mut cart, add).await,
                None => cart.0.pieces,
            }
        };
        AtomicResponse::new(Box::pin(added.into_actor(self)))
    }
}

impl Actors {
    fn of(&self, id: Id) -> Addr<CartActor> {
        let wake = || {
            let arbiter = self.next.fetch_add(1, Ordering::Relaxed) % self.arbiters.len();
            let way = self.way.clone();
            CartActor::start_in_arbiter(&self.arbiters[arbiter], move |_| CartActor {
                id,
                way,
                cart: Arc::default(),
            })
        };
        self.awake.entry(id).or_insert_with(wake).clone()
    }
}

impl Contestant for Actors {
    const NAME: &'static str = "actix actors";

    fn on(ground: &Ground) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let arbiters = (0..cores).map(|_| Arbiter::new().handle()).collect();
        Self {
            way: Way::of(ground),
            arbiters: Arc::new(arbiters),
            next: Arc::default(),
            awake: Arc::default(),
        }
    }

    async fn add(&self, cart: Id, add: Add) -> u64 {
        let put = self.of(cart).send(Put(Some(add)));
        put.await.expect("every actor answers")
    }

    async fn pieces(&self, cart: Id) -> u64 {
        let put = self.of(cart).send(Put(None));
        put.await.expect("every actor answers")
    }
}

impl Drop for Actors {
    fn drop(&mut self) {
        if Arc::strong_count(&self.arbiters) == 1 {
            for arbiter in self.arbiters.iter() {
                arbiter.stop();
            }
        }
    }
}

/// A lock for each cart, held until the change is durable.
macro_rules! locked_by {
    ($(#[$what:meta])* $name:ident = $called:literal, $lock:ident, $write:ident) => {
        $(#[$what])*
        #[derive(Clone)]
        pub(crate) struct $name {
            way: Way,
            carts: Arc<DashMap<Id, Arc<$lock<Versioned>>>>,
        }

        impl Contestant for $name {
            const NAME: &'static str = $called;

            fn on(ground: &Ground) -> Self {
                Self { way: Way::of(ground), carts: Arc::default() }
            }

            async fn add(&self, id: Id, add: Add) -> u64 {
                let cart = Arc::clone(&self.carts.entry(id).or_default());
                let mut cart = cart.$write().await;
                self.way.add(id, &mut cart, add).await
            }

            async fn pieces(&self, id: Id) -> u64 {
                let cart = Arc::clone(&self.carts.entry(id).or_default());
                let cart = cart.$write().await;
                cart.0.pieces
            }
        }
    };
}

locked_by!(
    /// A mutex that is waited for without holding up the thread.
    Mutexes = "tokio Mutex", Mutex, lock
);
locked_by!(
    /// The same with a lock that readers could share.
    RwLocks = "tokio RwLock", RwLock, write
);

/// A mutex that holds up its thread: where the change has to become durable, a thread of its own.
#[derive(Clone)]
pub(crate) struct Blocking {
    way: Way,
    carts: Arc<DashMap<Id, Arc<parking_lot::Mutex<Versioned>>>>,
}

impl Contestant for Blocking {
    const NAME: &'static str = "parking_lot Mutex";

    fn on(ground: &Ground) -> Self {
        Self {
            way: Way::of(ground),
            carts: Arc::default(),
        }
    }

    async fn add(&self, id: Id, add: Add) -> u64 {
        let cart = Arc::clone(&self.carts.entry(id).or_default());
        if self.way.durability == Durability::None {
            return cart.lock().0.add(add);
        }
        let way = self.way.clone();
        let here = tokio::runtime::Handle::current();
        let added = tokio::task::spawn_blocking(move || {
            let mut cart = cart.lock();
            here.block_on(way.add(id, &mut cart, add))
        });
        added.await.expect("a blocking add ends")
    }

    async fn pieces(&self, id: Id) -> u64 {
        self.carts.get(&id).map_or(0, |cart| cart.lock().0.pieces)
    }
}

/// No lock: whoever comes too late with his change begins again.
#[derive(Clone)]
pub(crate) struct Optimists {
    way: Way,
    carts: Arc<DashMap<Id, Arc<ArcSwap<Versioned>>>>,
}

impl Contestant for Optimists {
    const NAME: &'static str = "compare and swap";

    fn on(ground: &Ground) -> Self {
        Self {
            way: Way::of(ground),
            carts: Arc::default(),
        }
    }

    async fn add(&self, id: Id, add: Add) -> u64 {
        let cart = Arc::clone(&self.carts.entry(id).or_default());
        loop {
            let seen = cart.load_full();
            let mut next = (seen.0.clone(), seen.1);
            let pieces = next.0.add(add);
            if self.way.durability == Durability::Durable {
                match keep(&self.way.engine, id, seen.1, &next.0).await {
                    Outcome::Stored => {}
                    Outcome::Conflict => {
                        tokio::task::yield_now().await;
                        continue;
                    }
                    outcome => panic!("{outcome:?}"),
                }
            }
            next.1 += 1;
            let before = cart.compare_and_swap(&seen, Arc::new(next));
            if Arc::ptr_eq(&before, &seen) {
                return pieces;
            }
        }
    }

    async fn pieces(&self, id: Id) -> u64 {
        self.carts.get(&id).map_or(0, |cart| cart.load().0.pieces)
    }
}
