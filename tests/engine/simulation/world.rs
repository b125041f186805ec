//! One simulated world: a store, one runtime or two, and shoppers, until all of them have what
//! they wanted or have given up.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::{AskError, Once};
use bazaar::actors::engine::Bounds;
use bazaar::clock::Chance;
use bazaar::domain::id::Id;
use futures_util::future::join_all;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use super::history::{History, Violation};
use crate::support::counter::Command;
use crate::support::faulty::{Faulty, Weather};
use crate::support::node::{Asked, Node, id, single_threaded};

/// Longer than anything takes that is ever answered.
const EVERYBODY_IS_ANSWERED_WITHIN: Duration = Duration::from_mins(2);
const THINGS: u64 = 3;
const SHOPPERS: u64 = 4;
const WISHES: u64 = 5;

/// What is different from a sound world.
#[derive(Default)]
pub(crate) struct Setting {
    /// The store passes over versions and over rows that must be absent.
    pub(crate) blind: bool,
    /// The store loses a change now and then.
    pub(crate) forgetful: bool,
}

/// One thing that a shopper wants done.
#[derive(Clone)]
struct Wish {
    id: Id,
    tag: u64,
    command: Command,
    /// Whether it may be asked again.
    once: bool,
    patience: Duration,
}

/// What outlives a runtime.
struct World {
    chance: Chance,
    history: RefCell<History>,
    shoppers: Vec<RefCell<VecDeque<Wish>>>,
}

/// Plays the history of this seed, and says what happened in it.
pub(crate) fn play(seed: u64, setting: &Setting) -> Result<Vec<String>, Violation> {
    let chance = Chance::seeded(seed);
    let runtimes = 1 + chance.below(2);
    let store = Faulty::new()
        .shared(runtimes > 1)
        .weather(weather(&chance), Chance::seeded(seed ^ 1))
        .broken(setting.blind, setting.forgetful);
    let shoppers = (0..SHOPPERS * runtimes).map(|shopper| wishes(shopper, &chance));
    let world = Rc::new(World {
        shoppers: shoppers.map(RefCell::new).collect(),
        history: RefCell::default(),
        chance,
    });
    single_threaded(true).block_on(async {
        let lives = (0..runtimes).map(|runtime| lives(&world, &store, runtime, runtimes));
        join_all(lives).await;
        // What was still on its way when its runtime died may yet land.
        sleep(EVERYBODY_IS_ANSWERED_WITHIN).await;
    });
    let mut history = world.history.take();
    store.with_disk(|disk| history.close(disk));
    match history.violations.first() {
        None => Ok(history.lines),
        Some(what) => Err(Violation {
            what: what.clone(),
            history: history.lines,
        }),
    }
}

fn weather(chance: &Chance) -> Weather {
    Weather {
        delay_millis_max: chance.below(30),
        unavailable: chance.below(80),
        in_doubt: chance.below(80),
        unreadable: chance.below(60),
        on_its_way: chance.below(1_000),
    }
}

fn wishes(shopper: u64, chance: &Chance) -> VecDeque<Wish> {
    let wish = |n| {
        let tag = shopper * 100 + n;
        let id = id(chance.below(THINGS));
        let part = format!("part {}", chance.below(2));
        let amount = i64::try_from(chance.below(9)).expect("a few") - 3;
        let command = match chance.below(8) {
            0 => Command::Total,
            1 => Command::Panic,
            2 => {
                let ticket = format!("ticket {}", chance.below(4));
                Command::Spend { id, ticket, tag }
            }
            _ => Command::AddTo {
                id,
                part,
                amount,
                tag,
            },
        };
        Wish {
            id,
            tag,
            command,
            once: chance.below(3) > 0,
            patience: Duration::from_millis(chance.below(200)),
        }
    };
    (0..WISHES).map(wish).collect()
}

/// One runtime after the other, each on what the one before it left, until its shoppers are done.
async fn lives(world: &Rc<World>, store: &Faulty, runtime: u64, runtimes: u64) {
    for life in 0.. {
        let local = LocalSet::new();
        let seed = world.chance.below(u64::MAX);
        let alive = Duration::from_millis(world.chance.below(400) + life * 200);
        let lived = local.run_until(async {
            let node = Node::here(Arc::new(store.clone()), bounds(), seed);
            let shopping = (runtime..SHOPPERS * runtimes)
                .step_by(usize::try_from(runtimes).expect("a few"))
                .map(|shopper| shop(world, &node, store, usize::try_from(shopper).expect("a few")));
            let meddling = tokio::task::spawn_local(meddle(Rc::clone(world), node.clone()));
            let done = timeout(alive, join_all(shopping)).await.is_ok();
            meddling.abort();
            if done {
                let over = timeout(EVERYBODY_IS_ANSWERED_WITHIN, node.engine.quiet()).await;
                let told = "a place is never given back".to_owned();
                world.history.borrow_mut().expect(over.is_ok(), || told);
            }
            done
        });
        if lived.await {
            return;
        }
        // The runtime dies here: its actors, its rounds and everybody who waited.
        drop(local);
        let died = format!("runtime {runtime} dies");
        world.history.borrow_mut().note(died);
    }
}

fn bounds() -> Bounds {
    Bounds {
        per_round: 3,
        idle: Duration::from_millis(20),
        ..Bounds::default()
    }
}

/// Owners fail, fall asleep and are told of changes, at odd times.
async fn meddle(world: Rc<World>, node: Node) {
    loop {
        sleep(Duration::from_millis(world.chance.below(60) + 1)).await;
        let thing = id(world.chance.below(THINGS));
        match world.chance.below(4) {
            0 => {
                let _awake = node.counters.fail(thing);
            }
            1 => {
                let _asleep = node.counters.sweep();
            }
            2 => {
                let known = world.history.borrow().known(thing);
                node.counters.stale(thing, known);
            }
            _ => look(&world, &node, thing).await,
        }
    }
}

async fn look(world: &World, node: &Node, thing: Id) {
    let before = world.history.borrow().known(thing);
    if let Ok((_, version)) = node.total(thing).await {
        world.history.borrow_mut().seen(thing, version, before);
    }
}

/// Has one wish after the other fulfilled.
async fn shop(world: &World, node: &Node, store: &Faulty, shopper: usize) {
    let wishes = &world.shoppers[shopper];
    loop {
        let Some(wish) = wishes.borrow().front().cloned() else {
            return;
        };
        if !wish.once {
            // Whoever cannot ask again has this one chance, whatever becomes of the runtime.
            wishes.borrow_mut().pop_front();
        }
        let asked = ask(world, node, &wish).await;
        sleep(Duration::from_millis(world.chance.below(20) + 1)).await;
        let line = format!("{} {:?} of {}: {asked:?}", wish.tag, wish.command, wish.id);
        let mut history = world.history.borrow_mut();
        history.note(line);
        let Some(asked) = asked else { continue };
        if matches!(wish.command, Command::AddTo { .. } | Command::Spend { .. }) {
            store.with_disk(|disk| history.answered(wish.id, wish.tag, &asked, disk));
        }
        if wish.once && is_final(&asked) {
            wishes.borrow_mut().pop_front();
        }
    }
}

/// Asks, and may give up before the answer is there.
async fn ask(world: &World, node: &Node, wish: &Wish) -> Option<Asked> {
    let name = wish.once.then(|| Once {
        key: format!("key {}", wish.tag),
        body: wish.tag.to_string(),
    });
    let ask = node.ask_for(wish.command.clone()).once(name);
    let asking = node.counters.ask(wish.id, ask);
    if wish.once && world.chance.below(3) == 0 {
        return timeout(wish.patience, asking).await.ok();
    }
    let answered = timeout(EVERYBODY_IS_ANSWERED_WITHIN, asking).await.ok();
    let what = format!("{} never hears an answer", wish.tag);
    world.history.borrow_mut().expect(answered.is_some(), || what);
    answered
}

/// Whether there is nothing to be gained from asking again.
fn is_final(asked: &Asked) -> bool {
    matches!(asked, Ok(_) | Err(AskError::Refused { .. } | AskError::Failed))
}
