//! Many add to few carts at the same time, and each wants an answer. What do rounds cost and what
//! do they save, against everything else that one might write? Every contestant is asked for the
//! same, on the same cart, and everything accepted must be there in the end.
//!
//! Redis takes part where `BAZAAR_TEST_REDIS_URL` names one, without a journal; MongoDB where
//! `BAZAAR_TEST_MONGO_URI` names a replica set, in the journal of the majority. There one cart is
//! also kept by its owner on that same MongoDB.

mod cart;
mod contestants;
#[path = "../figures/mod.rs"]
mod figures;
mod ground;
mod servers;
mod table;

use std::time::Duration;

use actix_rt::{System, SystemRunner};
use bazaar::actors::owners::Owners;
use bazaar::domain::id::Id;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use futures_util::future::join_all;

use self::cart::{Add, Cart};
use self::contestants::{Actors, Blocking, Contestant, Mutexes, Optimists, RwLocks};
use self::figures::Figures;
use self::ground::{Durability, Ground};
use self::servers::{InMongo, InRedis};

/// How hard it is.
#[derive(Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) carts: u64,
    pub(crate) outstanding: u64,
}

struct Bench<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    figures: &'a Figures,
    system: &'a SystemRunner,
    durability: Durability,
}

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700))
        .configure_from_args();
    let (figures, system) = (Figures::default(), System::new());
    let crowds = crowds(small);
    for durability in [Durability::None, Durability::Durable] {
        let mut bench = Bench {
            group: criterion.benchmark_group(durability.name()),
            figures: &figures,
            system: &system,
            durability,
        };
        for crowd in &crowds {
            bench.play::<Owners<Cart>>(*crowd);
            bench.play::<Actors>(*crowd);
            bench.play::<Mutexes>(*crowd);
            bench.play::<Blocking>(*crowd);
            bench.play::<RwLocks>(*crowd);
            bench.play::<Optimists>(*crowd);
            bench.play_on_a_server(*crowd);
        }
        bench.group.finish();
    }
    let hot: Vec<_> = crowds.iter().copied().filter(|crowd| crowd.carts == 1).collect();
    if ground::mongo_uri().is_some() {
        let durability = Durability::Replicated;
        let mut bench = Bench {
            group: criterion.benchmark_group(durability.name()),
            figures: &figures,
            system: &system,
            durability,
        };
        for crowd in &hot {
            bench.play::<Owners<Cart>>(*crowd);
            bench.play_on_a_server(*crowd);
        }
        bench.group.finish();
    }
    criterion.final_summary();
    for durability in [Durability::None, Durability::Durable] {
        table::print(&figures, durability.name(), &crowds);
    }
    table::print(&figures, Durability::Replicated.name(), &hot);
    println!();
    for crowd in hot {
        let figure = |who| name(who, Durability::Durable.name(), crowd);
        figures.compare(&figure(Owners::<Cart>::NAME), &figure(Mutexes::NAME), None);
        let figure = |who| name(who, Durability::Replicated.name(), crowd);
        let wanted = (crowd.outstanding >= 64).then_some(10.0);
        figures.compare(&figure(Owners::<Cart>::NAME), &figure(InMongo::NAME), wanted);
    }
}

fn crowds(small: bool) -> Vec<Crowd> {
    let (carts, outstanding): (&[u64], &[u64]) = if small {
        (&[1, 16], &[1, 8])
    } else {
        (&[1, 16, 1_000, 100_000], &[1, 8, 64, 512])
    };
    let all = carts.iter().flat_map(|carts| {
        outstanding.iter().map(|outstanding| Crowd {
            carts: *carts,
            outstanding: *outstanding,
        })
    });
    all.collect()
}

fn id(n: u64) -> Id {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(bytes)
}

/// What is put in with the n-th ask.
fn add(n: u64) -> Add {
    Add {
        product: u8::try_from(n % 3).unwrap_or_default(),
        quantity: u32::try_from(1 + n % 2).unwrap_or_default(),
    }
}

impl Bench<'_> {
    fn play<C: Contestant>(&mut self, crowd: Crowd) {
        let ground = self.system.block_on(Ground::new(self.durability));
        let contestant = self.system.block_on(async { C::on(&ground) });
        let asked = contestant.clone();
        let ask = move |cart, add| {
            let contestant = asked.clone();
            async move { contestant.add(cart, add).await }
        };
        let (touched, accepted) = self.run(C::NAME, crowd, ask);
        let there = self.system.block_on(async {
            let mut there = 0;
            for cart in 0..touched {
                there += contestant.pieces(id(cart)).await;
            }
            there
        });
        check(C::NAME, there, accepted);
        drop(contestant);
        self.system.block_on(ground.leave());
    }

    fn play_on_a_server(&mut self, crowd: Crowd) {
        match self.durability {
            Durability::None => {
                let Ok(url) = std::env::var("BAZAAR_TEST_REDIS_URL") else {
                    return;
                };
                let redis = self.system.block_on(InRedis::at(&url));
                let asked = redis.clone();
                let ask = move |cart, add| {
                    let redis = asked.clone();
                    async move { redis.add(cart, add).await }
                };
                let (touched, accepted) = self.run(InRedis::NAME, crowd, ask);
                let carts = join_all((0..touched).map(|cart| redis.take_away(id(cart))));
                let there = self.system.block_on(carts).into_iter().sum();
                check(InRedis::NAME, there, accepted);
            }
            Durability::Durable | Durability::Replicated => {
                let Some(uri) = ground::mongo_uri() else {
                    return;
                };
                let mongo = self.system.block_on(InMongo::at(&uri));
                let asked = mongo.clone();
                let ask = move |cart, add| {
                    let mongo = asked.clone();
                    async move { mongo.add(cart, add).await }
                };
                let (_, accepted) = self.run(InMongo::NAME, crowd, ask);
                let there = self.system.block_on(mongo.take_away());
                check(InMongo::NAME, there, accepted);
            }
        }
    }

    /// Says how many carts were touched, and how many pieces were accepted.
    fn run<A, F>(&mut self, who: &str, crowd: Crowd, ask: A) -> (u64, u64)
    where
        A: Fn(Id, Add) -> F + Clone + 'static,
        F: Future<Output = u64> + 'static,
    {
        let Crowd { carts, outstanding } = crowd;
        let (system, figures) = (self.system, self.figures);
        let (mut asked, mut accepted) = (0, 0);
        let name = name(who, self.durability.name(), crowd);
        let shown = format!("{who}/{carts} carts/{outstanding} outstanding");
        self.group.bench_function(shown, |bencher| {
            bencher.iter_custom(|times| {
                let first = asked;
                asked += times * outstanding;
                accepted += (first..asked).map(|n| u64::from(add(n).quantity)).sum::<u64>();
                figures.time(&name, times * outstanding, || {
                    let caller = |caller| {
                        let ask = ask.clone();
                        async move {
                            for turn in 0..times {
                                let n = first + caller + turn * outstanding;
                                assert!(ask(id(n % carts), add(n)).await > 0, "an answer is required");
                            }
                        }
                    };
                    system.block_on(async {
                        let callers = (0..outstanding).map(|one| actix_rt::spawn(caller(one)));
                        for done in join_all(callers).await {
                            done.expect("no caller fails");
                        }
                    });
                })
            });
        });
        (carts.min(asked), accepted)
    }
}

fn check(who: &str, there: u64, accepted: u64) {
    assert_eq!(there, accepted, "{who}: what was accepted is what is there");
}

/// Under which name a figure is kept.
fn name(who: &str, durability: &str, Crowd { carts, outstanding }: Crowd) -> String {
    format!("{durability}/{who}/{carts}/{outstanding}")
}
