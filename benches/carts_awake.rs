//! What do many carts cost that are awake? A million are stored and a hundred thousand of them
//! awake: how much memory is that, and does anybody wait longer for it than beside a thousand?

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_rt::System;
use bazaar::actors::ask::Ask;
use bazaar::actors::carts::Carts;
use bazaar::actors::engine::{Bounds, Engine};
use bazaar::actors::products::Products;
use bazaar::clock::{Chance, Clock};
use bazaar::domain::cart::{Cart, Command, Offer};
use bazaar::domain::entity::{Circumstances, Entity, Key};
use bazaar::domain::id::Id;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::quantity::Quantity;
use bazaar::domain::time::Timestamp;
use bazaar::store::embedded::Embedded;
use bazaar::store::{Commit, Guard, Outcome, Store, document};
use bazaar::supervisors::engine::Footing;
use bazaar::supervisors::opening;
use bson::oid::ObjectId;
use futures_util::future::join_all;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LINES: u8 = 3;
const OUTSTANDING: u64 = 16;
/// Bytes for each cart that is awake.
const WANTED_BYTES: u64 = 1_500;
/// How many times as long the unluckiest in a hundred may wait.
const WANTED_RATIO: f64 = 1.3;

struct Form {
    stored: u64,
    awake: u64,
    few: u64,
    asks: u64,
}

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let form = if small {
        Form {
            stored: 2_000,
            awake: 1_000,
            few: 100,
            asks: 200,
        }
    } else {
        Form {
            stored: 1_000_000,
            awake: 100_000,
            few: 1_000,
            asks: 100_000,
        }
    };
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let system = System::new();
    let (carts, footing) = system.block_on(open(folder.path()));
    system.block_on(fill(&footing.engine, form.stored));
    // Whatever the store keeps in memory by itself is there before anybody is counted.
    system.block_on(read(&footing.engine, form.awake..form.stored - form.few));
    system.block_on(wake(&carts, form.stored - form.few..form.stored));
    let few = system.block_on(latencies(&carts, form.stored - form.few..form.stored, form.asks));
    let before = resident();
    system.block_on(wake(&carts, 0..form.awake));
    let each = resident().saturating_sub(before) / form.awake;
    assert_eq!(carts.owners().awake() as u64, form.awake + form.few);
    let many = system.block_on(latencies(&carts, 0..form.awake, form.asks));
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!(
        "{} carts of {LINES} lines awake of {} stored: {each} bytes each, wanted {WANTED_BYTES}",
        form.awake, form.stored
    );
    println!(
        "the unluckiest in a hundred waits {many:?} for an add to one of them, {few:?} for one to \
         one of {}: {ratio:.2} times as long, wanted {WANTED_RATIO}",
        form.few
    );
    drop(carts);
    system.block_on(footing.stop());
}

async fn open(folder: &std::path::Path) -> (Carts, Footing) {
    let store = Arc::new(Embedded::open(folder).expect("a fresh folder opens"));
    let prepared = store.prepare(&opening::collections()).await;
    prepared.expect("the store is prepared");
    let time = (Clock::system(), Chance::unforeseeable());
    let bounds = Bounds {
        idle: Duration::from_hours(1),
        ..Bounds::default()
    };
    let footing = Footing::start(store, time, bounds).expect("the machine gives threads");
    let products = Products::new(&footing.engine);
    (Carts::new(&footing.engine, products), footing)
}

fn id(n: u64) -> Id {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

fn add(product: u8) -> Command {
    let offer = Offer {
        product: Id::from_bytes([product; 12]),
        title: format!("Trekking tent for {product}"),
        price: Money::of_minor(499_950, Currency::Inr),
        available: 1_000_000,
    };
    Command::Add {
        offer,
        quantity: Quantity::ONE,
    }
}

/// A cart with something in each line.
fn cart(n: u64) -> Cart {
    let at = Circumstances {
        now: Timestamp::from_millis(1_700_000_000_000),
        by: Some(id(n)),
    };
    let filled = (0..LINES).fold(None, |cart: Option<Cart>, product| {
        let decided = Cart::decide(cart.as_ref(), &add(product), &at);
        decided.ok()?.change.map(|change| change.state)
    });
    filled.expect("three lines go into a cart")
}

async fn fill(engine: &Engine, many: u64) {
    const AT_ONCE: u64 = 1_000;
    for first in (0..many).step_by(1_000) {
        let commits = (first..(first + AT_ONCE).min(many)).map(|n| {
            let (commit, key) = (ObjectId::from(engine.id()), Key::Id(id(n)));
            let put = Some(document::of_entity(&key, 1, commit, &cart(n)));
            let guard = Guard {
                collection: Cart::COLLECTION,
                key,
                expect: 0,
                put,
            };
            engine.committer.commit(Commit {
                id: commit,
                guard: Some(guard),
                writes: Vec::new(),
            })
        });
        let outcomes = join_all(commits).await;
        let stored = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored));
        assert!(stored, "all of it was really stored");
    }
}

/// Reads what is stored past all carts, so that the store has kept as much of it as it ever will.
async fn read(engine: &Engine, which: std::ops::Range<u64>) {
    for n in which {
        let found = engine
            .store
            .load(Cart::COLLECTION, Key::Id(id(n)), Cart::SIDES)
            .await;
        assert!(
            found.expect("the store answers").document.is_some(),
            "no cart {n}"
        );
    }
}

async fn wake(carts: &Carts, which: std::ops::Range<u64>) {
    let all: Vec<_> = which.collect();
    for some in all.chunks(256) {
        let looks = some.iter().map(|n| carts.see(id(*n)));
        for seen in join_all(looks).await {
            let (cart, _) = seen.expect("every cart wakes");
            assert_eq!(cart.lines().len(), usize::from(LINES));
        }
    }
}

/// How long the unluckiest in a hundred waits for an add.
async fn latencies(carts: &Carts, which: std::ops::Range<u64>, asks: u64) -> Duration {
    let (first, many) = (which.start, which.end - which.start);
    let chance = Chance::seeded(7);
    let callers = (0..OUTSTANDING).map(|_| {
        let (carts, chance) = (carts.clone(), chance.clone());
        actix_rt::spawn(async move {
            let mut took = Vec::new();
            for _ in 0..asks / OUTSTANDING {
                let cart = id(first + chance.below(many));
                let start = Instant::now();
                let ask = Ask::new(add(0), carts.owners().engine().now(Some(cart)));
                let answer = carts.ask(cart, ask).await;
                answer.expect("every add is answered");
                took.push(start.elapsed());
            }
            took
        })
    });
    let mut took = Vec::new();
    for caller in join_all(callers).await {
        took.extend(caller.expect("no caller fails"));
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// The memory that this process has in hand.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("the second number is the resident set") * 4_096
}
