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
use bazaar::domain::payment::{self, Bond};
use futures_util::future::join_all;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use super::books::Books;
use super::doors::Doors;
use super::wishes::{Paying, Wish, wanted, weather, wishes};
use crate::support::faulty::Faulty;
use crate::support::market::Market;
use crate::support::node::{id, single_threaded};
use crate::support::till::Till;

pub(super) const PRODUCTS: u64 = 3;
const BUYERS: u64 = 3;
const STEPS_MAX: usize = 2_000; // a longer history goes round in circles
pub(super) const HOLD: Duration = Duration::from_millis(1_500);
/// So long after the last wish every order and every payment has come to its end.
const CLOSING: Duration = Duration::from_mins(20);
const LONG: Duration = Duration::from_mins(2); // longer than anything takes

/// What is different from a sound world.
#[derive(Default)]
pub(super) struct Setting {
    /// The store passes over versions and over rows that must be absent.
    pub(super) blind: bool,
    /// The store passes over versions alone. There is one runtime then, and it lives to the end:
    /// between two of them it is the versions that decide.
    pub(super) unguarded: bool,
    /// Two rounds of one thing may be in flight: it has two owners on the same node, each of which
    /// sees what the other one has done as soon as it is done, and not before.
    pub(super) overlapping: bool,
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
    pub(super) refunded: usize,
    pub(super) cancelled: usize,
}

/// What outlives a runtime.
struct World {
    chance: Chance,
    store: Faulty,
    immortal: bool,
    overlapping: bool,
    till: Till,
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
    let runtimes = match 1 + chance.below(2) {
        _ if setting.unguarded => 1,
        runtimes => runtimes,
    };
    let others_write = runtimes > 1 || (setting.overlapping && !setting.unguarded);
    let calm = Faulty::new().shared(others_write);
    let received = (0..PRODUCTS).map(|product| (id(product), 1 + chance.below(4)));
    let received: BTreeMap<_, _> = received.collect();
    let buyers = (0..BUYERS * runtimes).map(|buyer| Buyer {
        wishes: wishes(buyer, &chance),
        order: None,
    });
    let buyers = buyers.map(RefCell::new).collect();
    let weather = weather(&chance);
    single_threaded(true).block_on(async {
        let till = Till::default();
        live(&calm, &till, 1, async |market| {
            for (product, many) in &received {
                market.put_up(*product, *many).await;
            }
        })
        .await;
        let store = calm.clone().weather(weather, Chance::seeded(seed ^ 1));
        let trouble = chance.below(300);
        let world = Rc::new(World {
            chance,
            store: store.broken(setting.blind, false).unguarded(setting.unguarded),
            immortal: setting.unguarded,
            overlapping: setting.overlapping,
            till: till.clone().weather(Chance::seeded(seed ^ 2), trouble),
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
        let alone = calm.clone().shared(false);
        let mut at_desks = None;
        live(&alone, &till, 2, async |market| {
            sleep(CLOSING).await;
            at_desks = super::desks::fault(&market, &Chance::seeded(seed ^ 3)).await;
        })
        .await;
        world.check();
        let books = calm.with_disk(|disk| Books::read(disk));
        let wrong = books.unfinished().or_else(|| books.fault_of_money(&till.kept()));
        let wrong = wrong.or(at_desks);
        let mut history = world.history.take();
        history.violation = history.violation.or(wrong);
        history
    })
}

fn bounds() -> Bounds {
    Bounds {
        per_round: 3,
        idle: Duration::from_millis(20),
        ..Bounds::default()
    }
}

/// One runtime that lives until what is to be done on it is done.
async fn live(store: &Faulty, till: &Till, seed: u64, what: impl AsyncFnOnce(Market)) {
    let local = LocalSet::new();
    let lived = local.run_until(async {
        let market = Market::with_till(Arc::new(store.clone()), bounds(), seed, HOLD, till);
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
        let mortal = Duration::from_millis(world.chance.below(1_000) + life * 500);
        let alive = if world.immortal { LONG } else { mortal };
        let lived = local.run_until(async {
            let store = Arc::new(world.store.clone());
            let market = Market::with_till(store, bounds(), seed, HOLD, &world.till);
            let keeper = market.keeper();
            let meddling = tokio::task::spawn_local(meddle(Rc::clone(world), market.clone()));
            let buyers = (runtime..BUYERS * runtimes).step_by(usize::try_from(runtimes).expect("a few"));
            let doors = Doors::of(&market, &world.till, world.overlapping);
            let shopping = buyers.map(|buyer| shop(world, &doors, buyer));
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
        let payments = market.paying.payments().owners();
        let order = || {
            world.buyers[usize::try_from(buyer).expect("a few")]
                .borrow()
                .order
        };
        match world.chance.below(6) {
            0 => _ = market.products.stocks().fail(product),
            1 => _ = market.carts.owners().fail(id(100 + buyer)),
            2 => _ = order().is_some_and(|order| orders.fail(order)),
            3 => _ = order().is_some_and(|order| payments.fail(order)),
            4 => _ = market.products.stocks().sweep() + market.carts.owners().sweep(),
            _ => _ = orders.sweep() + payments.sweep(),
        }
    }
}

/// Does one thing after the other.
async fn shop(world: &World, doors: &Doors, number: u64) {
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
        let market = doors.open(number, order);
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
            Wish::Pay { how } => {
                if let Some(order) = order
                    && self.pay(market, buyer, order, how).await
                {
                    let confirmed = market.paying.payments().see(order).await;
                    let confirmed =
                        confirmed.is_ok_and(|seen| seen.is_some_and(|seen| seen.payment.bond == Bond::Tied));
                    self.history.borrow_mut().heard.paid += usize::from(confirmed);
                }
            }
            Wish::Refund => {
                if let Some(order) = order {
                    let ask = Ask::new(payment::Command::Refund, market.engine.now(None));
                    let asked = market.paying.refund_all(order, ask).await;
                    self.history.borrow_mut().heard.refunded += usize::from(asked.is_ok());
                }
            }
            Wish::Wait(pause) => sleep(pause).await,
        }
        (None, true)
    }

    /// Says whether anything came of it that somebody heard.
    async fn pay(&self, market: &Market, buyer: Id, order: Id, how: Paying) -> bool {
        let Ok(Some(seen)) = market.checkout.orders().see(order).await else {
            return false;
        };
        if let Paying::Promised = how {
            return market.promise(seen.order).await.is_ok();
        }
        let Ok(opened) = market.begin(seen.order).await else {
            return false;
        };
        // Between the two there is a page of the provider's, and some buyers take their time.
        sleep(Duration::from_millis(self.chance.below(2_500))).await;
        match how {
            Paying::Declined => drop(self.till.decline(&opened)),
            Paying::Silent => drop(self.till.pay(&opened)),
            Paying::Heard => {
                let payment = self.till.pay(&opened);
                return market.hear(&format!("evt_{payment}"), &payment).await.is_ok();
            }
            Paying::Shown | Paying::Promised => {
                let payment = self.till.pay(&opened);
                return market.show(buyer, &opened, &payment).await;
            }
        }
        false
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

async fn change(market: &Market, buyer: Id, command: cart::Command) {
    let ask = Ask::new(command, market.engine.now(Some(buyer)));
    let _answer = market.carts.ask(buyer, ask).await;
}
