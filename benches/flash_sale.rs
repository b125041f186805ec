//! The flash sale without the web: one product, so many buyers at once, each of whom puts one
//! piece into the cart and orders it. Exactly as many orders must stand as there are pieces; on the
//! embedded store, every answer durable.

mod figures;
#[expect(dead_code, reason = "a bench needs a part of what tests share")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_rt::System;
use bazaar::actors::checkout::NoOrder;
use bazaar::actors::engine::Bounds;
use bazaar::store::Store;
use bazaar::store::embedded::Embedded;
use bazaar::supervisors::opening;
use criterion::Criterion;
use figures::Figures;
use futures_util::future::join_all;
use support::market::{HOLD, Market};
use support::node::{Node, id};

const STOCK: u64 = 100;
const BUYERS: [u64; 3] = [100, 1_000, 10_000];
const FIRST_BUYER: u64 = 1_000_000;
/// Whoever comes is let in: at the web, whoever is one too many comes again.
const PLACES: usize = 16_384;

/// What buyers heard, and how long the last of each kind waited for it.
#[derive(Default)]
struct Heard {
    orders: u64,
    last_order: Duration,
    last_sold_out: Duration,
}

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let figures = Figures::default();
    let buyers = if small { &BUYERS[..1] } else { &BUYERS[..] };
    for buyers in buyers {
        sale(&mut criterion, &figures, *buyers);
    }
    criterion.final_summary();
    for buyers in &BUYERS[1..] {
        figures.compare(&name(*buyers), &name(BUYERS[0]), None);
    }
}

fn name(buyers: u64) -> String {
    format!("{buyers} buyers of {STOCK} pieces")
}

fn sale(criterion: &mut Criterion, figures: &Figures, buyers: u64) {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let system = System::new();
    let bounds = Bounds {
        per_owner: PLACES,
        for_runtime: PLACES,
        ..Bounds::default()
    };
    let (market, footing) = system.block_on(async {
        let store = Embedded::open(folder.path()).expect("a fresh folder opens");
        let prepared = store.prepare(&opening::collections()).await;
        prepared.expect("the store is prepared");
        let (node, footing) = Node::on_threads(Arc::new(store), bounds);
        (Market::on(&node.engine, HOLD), footing)
    });
    let (name, mut sales) = (name(buyers), 0);
    let mut last = Heard::default();
    criterion.bench_function(&name, |bencher| {
        bencher.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                sales += 1;
                system.block_on(prepare(&market, sales, buyers));
                took += figures.time(&name, buyers, || {
                    last = system.block_on(sell(&market, sales, buyers));
                });
                assert_eq!(last.orders, STOCK.min(buyers), "{name}: so many orders stand");
                let (_, reserved, _) = system.block_on(market.numbers(id(sales)));
                assert_eq!(reserved, last.orders, "{name}: so many are held");
            }
            took
        });
    });
    println!(
        "{name}: the last order stood after {:?}, the last one heard \"sold out\" after {:?}",
        last.last_order, last.last_sold_out
    );
    drop(market);
    system.block_on(footing.stop());
}

fn buyer(sale: u64, n: u64) -> bazaar::domain::id::Id {
    id(FIRST_BUYER * sale + n)
}

/// The product is put up, and lies in every cart.
async fn prepare(market: &Market, sale: u64, buyers: u64) {
    market.put_up(id(sale), STOCK).await;
    join_all((0..buyers).map(|n| market.add(buyer(sale, n), id(sale), 1))).await;
}

async fn sell(market: &Market, sale: u64, buyers: u64) -> Heard {
    let start = Instant::now();
    let buy = |n| {
        let market = market.clone();
        actix_rt::spawn(async move { (market.order(buyer(sale, n)).await, start.elapsed()) })
    };
    let mut heard = Heard::default();
    for one in join_all((0..buyers).map(buy)).await {
        match one.expect("no buyer fails") {
            (Ok(_), at) => {
                heard.orders += 1;
                heard.last_order = heard.last_order.max(at);
            }
            (Err(NoOrder::Short { .. }), at) => heard.last_sold_out = heard.last_sold_out.max(at),
            (Err(error), _) => panic!("somebody heard {error:?}"),
        }
    }
    heard
}
