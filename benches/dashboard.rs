//! How long does a seller wait for the dashboard who has sold a million orders? They are posted
//! one by one, as events would be; then the dashboard is opened by a desk that has just been
//! woken, and by one that is awake.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_rt::System;
use bazaar::actors::dashboard::Dashboard;
use bazaar::actors::desks::Desks;
use bazaar::actors::engine::{Bounds, Engine};
use bazaar::actors::orders::Orders;
use bazaar::actors::products::Products;
use bazaar::clock::{Chance, Clock};
use bazaar::domain::account::FullName;
use bazaar::domain::desk::{Command, Sale, Sold};
use bazaar::domain::id::Id;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::order::Status;
use bazaar::domain::product::{Launch, Listing};
use bazaar::domain::time::Timestamp;
use bazaar::store::Store;
use bazaar::store::embedded::Embedded;
use bazaar::supervisors::engine::Footing;
use bazaar::supervisors::opening;
use futures_util::future::join_all;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRODUCTS: u64 = 1_000;
const DAYS: u64 = 365;
const DAY: Duration = Duration::from_hours(24);
const AT_ONCE: u64 = 1_024;
const WANTED: Duration = Duration::from_millis(20);

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let (orders, opens) = if small { (3_000, 5) } else { (1_000_000, 200) };
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    System::new().block_on(async {
        let footing = open(folder.path()).await;
        let engine = &footing.engine;
        let products = Products::new(engine);
        put_up(&products).await;
        let start = Instant::now();
        post(engine, orders).await;
        let rate = u128::from(orders) * 1_000 / start.elapsed().as_millis().max(1);
        println!("{orders} orders of one seller are posted, {rate} a second");
        let orders_of = Orders::new(engine);
        let dashboard = || Dashboard::new(Desks::new(engine), orders_of.clone(), products.clone());
        let mut woken = Vec::new();
        for _ in 0..opens {
            woken.push(look(&dashboard(), orders).await);
        }
        let (awake, mut again) = (dashboard(), Vec::new());
        look(&awake, orders).await;
        for _ in 0..opens {
            again.push(look(&awake, orders).await);
        }
        tell("just woken", woken);
        tell("awake", again);
        let start = Instant::now();
        let desks = Desks::new(engine);
        let newest = desks.orders(seller(), None, |query| query.limit(20));
        let (page, ..) = newest.await.expect("a page");
        assert_eq!(page.len(), 20, "the newest of the orders");
        println!("which orders are the newest 20: {:?}", start.elapsed());
        footing.stop().await;
    });
}

async fn open(folder: &std::path::Path) -> Footing {
    let store = Arc::new(Embedded::open(folder).expect("a fresh folder opens"));
    let prepared = store.prepare(&opening::collections()).await;
    prepared.expect("the store is prepared");
    let time = (Clock::system(), Chance::unforeseeable());
    Footing::start(store, time, Bounds::default()).expect("the machine gives threads")
}

fn id(kind: u8, n: u64) -> Id {
    let mut bytes = [kind; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

fn seller() -> Id {
    id(9, 0)
}

async fn put_up(products: &Products) {
    let all = (0..PRODUCTS).map(|n| {
        let launch = Launch {
            id: id(1, n),
            seller: seller(),
            email: "seller@example.com".parse().expect("an address"),
            full_name: FullName::default(),
            listing: Listing {
                title: format!("Trekking tent {n}"),
                description: "It keeps the rain out.".into(),
                price: Money::of_minor(499_950, Currency::Inr),
                category: None,
                images: Vec::new(),
            },
        };
        let at = products.owners().engine().now(Some(seller()));
        products.create(launch, n, at, None)
    });
    for created in join_all(all).await {
        created.expect("every product is put up");
    }
}

async fn post(engine: &Arc<Engine>, orders: u64) {
    let (desks, now) = (Desks::new(engine), engine.clock.now());
    for first in (0..orders).step_by(1_024) {
        let sales = (first..(first + AT_ONCE).min(orders)).map(|n| {
            let sale = Command::Post(Box::new(sale(n, now)));
            desks.tell(sale)
        });
        for posted in join_all(sales).await {
            posted.expect("every order is posted");
        }
    }
}

fn sale(n: u64, now: Timestamp) -> Sale {
    let product = n * 7_919 % PRODUCTS;
    let ago = DAY * u32::try_from(n % DAYS).expect("a few days");
    let line = Sold {
        product: id(1, product),
        title: format!("Trekking tent {product}"),
        quantity: 1 + n % 3,
        total: Money::of_minor(499_950, Currency::Inr).into(),
    };
    Sale {
        seller: seller(),
        order: id(2, n),
        version: 4,
        status: Status::Confirmed,
        refunded: false,
        created_at: Timestamp::from_millis(now.millis() - i64::try_from(ago.as_millis()).expect("a year")),
        lines: vec![line],
    }
}

/// Opens the dashboard. Says how long it took.
async fn look(dashboard: &Dashboard, orders: u64) -> Duration {
    let start = Instant::now();
    let metrics = dashboard.metrics(seller()).await.expect("the dashboard opens");
    let took = start.elapsed();
    assert_eq!(metrics.figures.sums.orders, orders, "every order counts");
    assert_eq!(metrics.low_stock.len(), 6, "six tents have at most five left");
    took
}

fn tell(who: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let (half, most) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!(
        "opened by a desk that is {who}: {half:?}, by the unluckiest in a hundred {most:?}, wanted {WANTED:?}"
    );
}
