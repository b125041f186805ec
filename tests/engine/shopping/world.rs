//! One simulated world: a store, one runtime or two, and buyers, until all of them have done what
//! they wanted to do or have given up, and every order has come to its end.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{Ask, AskError};
use bazaar::actors::checkout::NoOrder;
use bazaar::actors::engine::Bounds;
use bazaar::clock::Chance;
use bazaar::domain::cart;
use bazaar::domain::id::Id;
use bazaar::domain::order::Status;
use bazaar::domain::quantity::Quantity;
use futures_util::future::join_all;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use super::books::Books;
use crate::support::faulty::{Faulty, Weather};
use crate::support::market::Market;
use crate::support::node::{id, single_threaded};

const PRODUCTS: u64 = 3;
const BUYERS: u64 = 3;
const WISHES: u64 = 7;
/// A history that is longer goes round in circles.
const STEPS_MAX: usize = 2_000;
const HOLD: Duration = Duration::from_millis(1_500);
/// So long after the last wish every order has come to its end.
const CLOSING: Duration = Duration::from_secs(15);
/// Longer than anything takes.
const LONG: Duration = Duration::from_mins(2);

/// What is different from a sound world.
#[derive(Default)]
pub(super) struct Setting {
    /// The store passes over versions and over rows that must be absent.
    pub(super) blind: bool,
}

/// What happened.
#[derive(Default)]
pub(super) struct History {
    pub(super) lines: Vec<String>,
    pub(super) violation: Option<String>,
    pub(super) heard: Heard,
}

/// What buyers heard.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) standing: usize,
    pub(super) short: usize,
    pub(super) paid: usize,
    pub(super) cancelled: usize,
}

#[derive(Debug, Clone)]
enum Wish {
    Add {
        product: u64,
        quantity: u32,
    },
    SetQuantity {
        product: u64,
        quantity: u32,
    },
    /// To take effect once under this key.
    Order {
        key: u64,
    },
    /// Orders and does not ask again, whatever comes of it.
    Click,
    Cancel,
    Pay,
    Wait(Duration),
}

/// What outlives a runtime.
struct World {
    chance: Chance,
    store: Faulty,
    received: BTreeMap<Id, i64>,
    history: RefCell<History>,
    buyers: Vec<RefCell<Buyer>>,
}

#[derive(Default)]
struct Buyer {
    wishes: VecDeque<Wish>,
    /// The order that he last heard of.
    order: Option<Id>,
}

/// Plays the history of this seed.
pub(super) fn play(seed: u64, setting: &Setting) -> History {
    let chance = Chance::seeded(seed);
    let runtimes = 1 + chance.below(2);
    let calm = Faulty::new().shared(runtimes > 1);
    let received = (0..PRODUCTS).map(|product| (id(product), 1 + chance.below(4)));
    let received: BTreeMap<_, _> = received.collect();
    let buyers = (0..BUYERS * runtimes).map(|buyer| Buyer {
        wishes: wishes(buyer, &chance),
        order: None,
    });
    let buyers = buyers.map(RefCell::new).collect();
    let weather = weather(&chance);
    single_threaded(true).block_on(async {
        live(&calm, 1, async |market| {
            for (product, many) in &received {
                market.put_up(*product, *many).await;
            }
        })
        .await;
        let store = calm.clone().weather(weather, Chance::seeded(seed ^ 1));
        let world = Rc::new(World {
            chance,
            store: store.broken(setting.blind, false),
            received: received
                .iter()
                .map(|(id, many)| (*id, many.cast_signed()))
                .collect(),
            history: RefCell::default(),
            buyers,
        });
        let all = (0..runtimes).map(|runtime| lives(&world, runtime, runtimes));
        join_all(all).await;
        sleep(HOLD).await; // what was still on its way lands
        live(&calm, 2, async |_| sleep(CLOSING).await).await;
        world.check();
        let unfinished = calm.with_disk(|disk| Books::read(disk)).unfinished();
        let mut history = world.history.take();
        history.violation = history.violation.or(unfinished);
        history
    })
}

fn weather(chance: &Chance) -> Weather {
    Weather {
        delay_millis_max: chance.below(30),
        unavailable: chance.below(60),
        in_doubt: chance.below(60),
        unreadable: chance.below(40),
        on_its_way: chance.below(1_000),
    }
}

fn wishes(buyer: u64, chance: &Chance) -> VecDeque<Wish> {
    let wish = |n| {
        let product = chance.below(PRODUCTS);
        let quantity = u32::try_from(1 + chance.below(2)).expect("a few");
        match (n, chance.below(16)) {
            (0, _) | (_, 0..4) => Wish::Add { product, quantity },
            (_, 4) => Wish::SetQuantity { product, quantity },
            (1, _) | (_, 5..9) => Wish::Order {
                key: (1_000 + buyer * 100 + n) << 8,
            },
            (_, 9..11) => Wish::Click,
            (_, 11..13) => Wish::Pay,
            (_, 13) => Wish::Cancel,
            _ => Wish::Wait(Duration::from_millis(chance.below(2_000))),
        }
    };
    (0..WISHES).map(wish).collect()
}

fn bounds() -> Bounds {
    Bounds {
        per_round: 3,
        idle: Duration::from_millis(20),
        ..Bounds::default()
    }
}

/// One runtime that lives until what is to be done on it is done.
async fn live(store: &Faulty, seed: u64, what: impl AsyncFnOnce(Market)) {
    let local = LocalSet::new();
    let lived = local.run_until(async {
        let market = Market::here(Arc::new(store.clone()), bounds(), seed, HOLD);
        let keeper = market.keeper();
        what(market).await;
        keeper.stop().await;
    });
    lived.await;
}

/// One runtime after the other, each on what the one before it left, until its buyers are done.
async fn lives(world: &Rc<World>, runtime: u64, runtimes: u64) {
    for life in 0.. {
        let local = LocalSet::new();
        let seed = world.chance.below(u64::MAX);
        let alive = Duration::from_millis(world.chance.below(1_000) + life * 500);
        let lived = local.run_until(async {
            let market = Market::here(Arc::new(world.store.clone()), bounds(), seed, HOLD);
            let keeper = market.keeper();
            let meddling = tokio::task::spawn_local(meddle(Rc::clone(world), market.clone()));
            let buyers = (runtime..BUYERS * runtimes).step_by(usize::try_from(runtimes).expect("a few"));
            let shopping = buyers.map(|buyer| shop(world, &market, buyer));
            let done = timeout(alive, join_all(shopping)).await.is_ok();
            meddling.abort();
            if done {
                keeper.stop().await;
            }
            done
        });
        let done = lived.await;
        // The runtime ends here: its actors, its rounds and everybody who waited.
        drop(local);
        if done {
            return;
        }
        world.note(format!("runtime {runtime} dies"));
    }
}

/// Owners fail and fall asleep at odd times.
async fn meddle(world: Rc<World>, market: Market) {
    loop {
        sleep(Duration::from_millis(world.chance.below(60) + 1)).await;
        let product = id(world.chance.below(PRODUCTS));
        let buyer = world.chance.below(world.buyers.len() as u64);
        let orders = market.checkout.orders().owners();
        match world.chance.below(5) {
            0 => _ = market.products.stocks().fail(product),
            1 => _ = market.carts.owners().fail(id(100 + buyer)),
            2 => {
                let order = world.buyers[usize::try_from(buyer).expect("a few")]
                    .borrow()
                    .order;
                _ = order.is_some_and(|order| orders.fail(order));
            }
            3 => _ = market.products.stocks().sweep() + market.carts.owners().sweep(),
            _ => _ = orders.sweep(),
        }
    }
}

/// Does one thing after the other.
async fn shop(world: &World, market: &Market, number: u64) {
    let buyer = &world.buyers[usize::try_from(number).expect("a few")];
    loop {
        let Some(wish) = buyer.borrow().wishes.front().cloned() else {
            return;
        };
        let steps = world.history.borrow().lines.len();
        world.expect(steps < STEPS_MAX, || "buyers ask again and again".into());
        if world.history.borrow().violation.is_some() {
            return;
        }
        if !matches!(wish, Wish::Order { .. }) {
            buyer.borrow_mut().wishes.pop_front();
        }
        let order = buyer.borrow().order;
        let done = world.fulfil(market, id(100 + number), &wish, order);
        let patience = Duration::from_millis(world.chance.below(400));
        let done = if world.chance.below(3) == 0 {
            timeout(patience, done).await.ok()
        } else {
            let done = timeout(LONG, done).await.ok();
            world.expect(done.is_some(), || {
                format!("buyer {number} never hears an answer to {wish:?}")
            });
            done
        };
        world.note(format!("buyer {number} {wish:?} (of {order:?}): {done:?}"));
        world.check();
        let Some((heard, is_final)) = done else { continue };
        if let Some(heard) = heard {
            buyer.borrow_mut().order = Some(heard);
        }
        if is_final && matches!(wish, Wish::Order { .. }) {
            buyer.borrow_mut().wishes.pop_front();
        }
        sleep(Duration::from_millis(world.chance.below(40) + 1)).await;
    }
}

impl World {
    fn note(&self, line: String) {
        self.history.borrow_mut().lines.push(line);
    }

    fn expect(&self, holds: bool, what: impl FnOnce() -> String) {
        let mut history = self.history.borrow_mut();
        if !holds && history.violation.is_none() {
            let what = what();
            history.lines.push(format!("WRONG: {what}"));
            history.violation = Some(what);
        }
    }

    /// The numbers add up at this moment.
    fn check(&self) {
        let fault = self
            .store
            .with_disk(|disk| Books::read(disk))
            .fault(&self.received);
        self.expect(fault.is_none(), || fault.clone().unwrap_or_default());
    }

    /// Says which order was heard of, and whether there is nothing to be gained from asking again.
    async fn fulfil(&self, market: &Market, buyer: Id, wish: &Wish, order: Option<Id>) -> (Option<Id>, bool) {
        match *wish {
            Wish::Add { product, quantity } => {
                let (offer, quantity) = wanted(product, quantity);
                change(market, buyer, cart::Command::Add { offer, quantity }).await;
            }
            Wish::SetQuantity { product, quantity } => {
                let (offer, quantity) = wanted(product, quantity);
                change(market, buyer, cart::Command::SetQuantity { offer, quantity }).await;
            }
            Wish::Order { key } => {
                let placed = market.order_once(buyer, key).await;
                return self.ordered(placed);
            }
            Wish::Click => {
                let placed = market.order(buyer).await;
                return self.ordered(placed);
            }
            Wish::Cancel => {
                if let Some(order) = order
                    && let Ok(cancelled) = market.cancel(order).await
                {
                    self.history.borrow_mut().heard.cancelled += 1;
                    self.expect(cancelled.is_over(), || {
                        format!("{order} is cancelled and goes on")
                    });
                }
            }
            Wish::Pay => {
                if let Some(order) = order
                    && let Ok(paid) = market.pay(order).await
                {
                    let confirmed = paid.status == Some(Status::Confirmed);
                    self.history.borrow_mut().heard.paid += usize::from(confirmed);
                }
            }
            Wish::Wait(pause) => sleep(pause).await,
        }
        (None, true)
    }

    fn ordered(&self, placed: Result<bazaar::actors::checkout::Placed, NoOrder>) -> (Option<Id>, bool) {
        let mut history = self.history.borrow_mut();
        match placed {
            Ok(placed) => {
                history.heard.standing += 1;
                drop(history);
                let order = placed.seen.order;
                let kept = self
                    .store
                    .with_disk(|disk| Books::read(disk))
                    .orders
                    .contains_key(&order.id);
                self.expect(kept && order.stood(), || {
                    format!("an order is told that is not there: {order:?}")
                });
                (Some(order.id), true)
            }
            Err(NoOrder::Short { .. }) => {
                history.heard.short += 1;
                (None, true)
            }
            Err(NoOrder::Cart(AskError::Refused { .. }) | NoOrder::Order(AskError::Refused { .. })) => {
                (None, true)
            }
            Err(_) => (None, false),
        }
    }
}

fn wanted(product: u64, quantity: u32) -> (cart::Offer, Quantity) {
    let quantity = Quantity::new(quantity).expect("a quantity");
    (Market::offer(id(product)), quantity)
}

async fn change(market: &Market, buyer: Id, command: cart::Command) {
    let ask = Ask::new(command, market.engine.now(Some(buyer)));
    let _answer = market.carts.ask(buyer, ask).await;
}
