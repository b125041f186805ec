//! The figures of all contestants side by side.

use super::contestants::{Actors, Blocking, Contestant, Mutexes, Optimists, RwLocks};
use super::figures::Figures;
use super::servers::{InMongo, InRedis};
use super::{Cart, Crowd, Owners, name};

const CONTESTANTS: [&str; 8] = [
    <Owners<Cart> as Contestant>::NAME,
    Actors::NAME,
    Mutexes::NAME,
    Blocking::NAME,
    RwLocks::NAME,
    Optimists::NAME,
    InRedis::NAME,
    InMongo::NAME,
];

/// Adds a second, by carts and outstanding asks.
pub(crate) fn print(figures: &Figures, durability: &str, crowds: &[Crowd]) {
    let rates = |who: &str| -> Vec<Option<f64>> {
        let crowds = crowds.iter();
        crowds
            .map(|crowd| figures.rate(&name(who, durability, *crowd)))
            .collect()
    };
    let present = CONTESTANTS
        .iter()
        .filter(|who| rates(who).iter().any(Option::is_some));
    let present: Vec<_> = present.collect();
    let head: Vec<_> = present.iter().map(|who| format!(" {who} |")).collect();
    println!("\n{durability}: accepted adds a second\n");
    println!("| carts | outstanding |{}", head.concat());
    println!("|---:|---:|{}", "---:|".repeat(present.len()));
    for (n, Crowd { carts, outstanding }) in crowds.iter().enumerate() {
        let cells = present.iter().map(|who| match rates(who)[n] {
            Some(rate) => format!(" {rate:.0} |"),
            None => " |".to_owned(),
        });
        println!("| {carts} | {outstanding} |{}", cells.collect::<String>());
    }
}
