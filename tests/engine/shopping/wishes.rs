//! What the buyers of a simulated shop want, and the weather they want it in.

use std::collections::VecDeque;
use std::time::Duration;

use bazaar::clock::Chance;
use bazaar::domain::cart;
use bazaar::domain::quantity::Quantity;

use super::world::PRODUCTS;
use crate::support::faulty::Weather;
use crate::support::market::Market;
use crate::support::node::id;

const WISHES: u64 = 7;
const LAST: u64 = WISHES - 1;

#[derive(Debug, Clone)]
pub(super) enum Wish {
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
    Pay {
        how: Paying,
    },
    /// Lets an administrator give the money back.
    Refund,
    Wait(Duration),
}

/// What becomes of an attempt to pay.
#[derive(Debug, Clone, Copy)]
pub(super) enum Paying {
    /// The buyer shows that he has paid.
    Shown,
    /// The provider says so.
    Heard,
    /// Nobody says anything.
    Silent,
    /// It comes to nothing.
    Declined,
    /// He promises to pay at the door.
    Promised,
}

/// What a buyer wants, one thing after the other.
pub(super) fn wishes(buyer: u64, chance: &Chance) -> VecDeque<Wish> {
    let wish = |n| {
        let product = chance.below(PRODUCTS);
        let quantity = u32::try_from(1 + chance.below(2)).expect("a few");
        match (n, chance.below(16)) {
            // Whatever came into the cart now would never be ordered.
            (LAST, 0..4) => Wish::Refund,
            (0, _) | (_, 0..4) => Wish::Add { product, quantity },
            (_, 4) => Wish::SetQuantity { product, quantity },
            (1, _) | (_, 5..9) => Wish::Order {
                key: (1_000 + buyer * 100 + n) << 8,
            },
            (_, 9) => Wish::Click,
            (_, 10..13) => Wish::Pay { how: paying(chance) },
            (_, 13) if chance.below(2) == 0 => Wish::Refund,
            (_, 13) => Wish::Cancel,
            _ => Wish::Wait(Duration::from_millis(chance.below(2_000))),
        }
    };
    (0..WISHES).map(wish).collect()
}

fn paying(chance: &Chance) -> Paying {
    match chance.below(8) {
        0..3 => Paying::Shown,
        3..5 => Paying::Heard,
        5 => Paying::Silent,
        6 => Paying::Declined,
        _ => Paying::Promised,
    }
}

/// How badly the store behaves.
pub(super) fn weather(chance: &Chance) -> Weather {
    Weather {
        delay_millis_max: chance.below(30),
        unavailable: chance.below(60),
        in_doubt: chance.below(60),
        unreadable: chance.below(40),
        on_its_way: chance.below(1_000),
    }
}

/// What a buyer asks a cart for.
pub(super) fn wanted(product: u64, quantity: u32) -> (cart::Offer, Quantity) {
    let quantity = Quantity::new(quantity).expect("a quantity");
    (Market::offer(id(product)), quantity)
}
