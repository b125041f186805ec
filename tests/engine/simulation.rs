//! Whole histories of the real owners, each decided by one seed: shoppers who ask, give up and ask
//! again, a store in bad weather, owners that fail and fall asleep, runtimes that die and start
//! anew, two of them on one store. Nothing acknowledged may be lost and nothing done twice.
//!
//! A failure prints its seed; `BAZAAR_SEED=…` plays it again. `BAZAAR_SEEDS=…` plays so many.

mod history;
mod world;

use history::Violation;
use world::{Setting, play};

const SEEDS: u64 = 10_000;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let from_environment = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let seeds = match from_environment("BAZAAR_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..from_environment("BAZAAR_SEEDS").unwrap_or(SEEDS),
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (first, last) = (seeds.start, seeds.end);
    std::thread::scope(|scope| {
        for lane in 0..threads as u64 {
            scope.spawn(move || {
                for seed in (first + lane..last).step_by(threads) {
                    if let Err(Violation { what, history }) = play(seed, &Setting::default()) {
                        let history = history.join("\n");
                        panic!("{what}\n{history}\nagain with BAZAAR_SEED={seed}");
                    }
                }
            });
        }
    });
}

#[test]
fn one_seed_is_one_history() {
    for seed in 0..50 {
        let [one, other] = [(); 2].map(|()| play(seed, &Setting::default()));
        assert_eq!(one, other, "seed {seed}");
        assert!(
            one.is_ok_and(|history| history.len() > 10),
            "seed {seed} is a dull one"
        );
    }
}

#[test]
fn a_store_that_checks_nothing_is_found_out() {
    let blind = Setting {
        blind: true,
        ..Setting::default()
    };
    let found = (0..200).filter(|seed| play(*seed, &blind).is_err()).count();
    assert!(found > 20, "found out with {found} of 200 seeds");
}

#[test]
fn a_store_that_loses_what_it_acknowledged_is_found_out() {
    let forgetful = Setting {
        forgetful: true,
        ..Setting::default()
    };
    let found = (0..200).filter(|seed| play(*seed, &forgetful).is_err()).count();
    assert!(found > 20, "found out with {found} of 200 seeds");
}
