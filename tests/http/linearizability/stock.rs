//! A stock as one would describe it to somebody: so many lie there, and some are kept for orders.

use bazaar::clock::Chance;
use reqwest::Method;
use serde_json::{Value, json};

use super::recording::Subject;
use super::wgl::Model;
use crate::power::Told;

/// The stock of one product, seen by an admin.
pub(crate) struct Stock {
    pub(crate) product: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Adjust(i64),
    Reserve { order: u64, quantity: u64 },
    GiveBack { order: u64 },
    Read,
}

/// How many there are, and what is kept for whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shelf {
    /// So many changes it has seen.
    pub(crate) version: u64,
    /// So many more come unasked at some time: what was short is tidied up.
    pub(crate) to_tidy: u64,
    pub(crate) on_hand: u64,
    /// In the order of the orders' ids.
    pub(crate) kept: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Count {
        version: u64,
        on_hand: u64,
        reserved: u64,
    },
    Done,
    Short {
        available: u64,
    },
    Refused,
}

impl Shelf {
    fn reserved(&self) -> u64 {
        self.kept.iter().map(|(_, quantity)| quantity).sum()
    }

    fn count(&self) -> Heard {
        Heard::Count {
            version: self.version,
            on_hand: self.on_hand,
            reserved: self.reserved(),
        }
    }

    fn set(&mut self, on_hand: Option<u64>) -> Heard {
        let Some(on_hand) = on_hand.filter(|on_hand| *on_hand >= self.reserved()) else {
            return Heard::Refused;
        };
        self.version += u64::from(on_hand != self.on_hand);
        self.on_hand = on_hand;
        self.count()
    }

    fn answer(&mut self, asked: &Asked) -> Heard {
        match *asked {
            Asked::Adjust(delta) => self.set(self.on_hand.checked_add_signed(delta)),
            Asked::Reserve { order, quantity } => {
                let available = self.on_hand - self.reserved();
                if available < quantity {
                    self.to_tidy += 1;
                    return Heard::Short { available };
                }
                let place = self.kept.partition_point(|(other, _)| *other < order);
                self.kept.insert(place, (order, quantity));
                self.version += 1;
                Heard::Done
            }
            Asked::GiveBack { order } => {
                let before = self.kept.len();
                self.kept.retain(|(other, _)| *other != order);
                self.version += u64::from(self.kept.len() < before);
                Heard::Done
            }
            Asked::Read => self.count(),
        }
    }
}

impl Model for Stock {
    type State = Shelf;
    type Asked = Asked;
    type Heard = Heard;

    fn step(state: &Shelf, asked: &Asked, heard: Option<&Heard>) -> Option<Shelf> {
        let mut after = state.clone();
        if let Some(Heard::Count { version, .. }) = heard {
            after.answer(asked);
            let tidied = version.checked_sub(after.version)?;
            after = state.clone();
            after.version += tidied;
            after.to_tidy = after.to_tidy.checked_sub(tidied)?;
        }
        let answer = after.answer(asked);
        heard.is_none_or(|heard| *heard == answer).then_some(after)
    }

    fn clock(state: &Shelf) -> u64 {
        state.version
    }

    fn latest(asked: &Asked, heard: &Heard) -> u64 {
        match (asked, heard) {
            (Asked::Adjust(1.. | ..=-1), Heard::Count { version, .. }) => version.saturating_sub(1),
            (_, Heard::Count { version, .. }) => *version,
            _ => u64::MAX,
        }
    }
}

/// No order that is drawn has such a number.
const OF_THE_CODA: u64 = 1 << 60;

/// The id of an order of another system.
fn id(order: u64) -> String {
    format!("{:024x}", order + 1)
}

impl Subject for Stock {
    fn draw(&self, chance: &Chance, kept: &mut Vec<u64>) -> Asked {
        let give_back = !kept.is_empty();
        match chance.below(30) {
            0..4 => Asked::Adjust(chance.below(25).cast_signed() - 12),
            4..10 if give_back => Asked::GiveBack {
                order: kept.swap_remove(0),
            },
            4..10 => Asked::Reserve {
                order: chance.below(OF_THE_CODA),
                quantity: 1 + chance.below(9),
            },
            // Whoever looks often leaves little to guess.
            _ => Asked::Read,
        }
    }

    fn coda(&self) -> Vec<Asked> {
        let reserve = |nth, quantity| Asked::Reserve {
            order: OF_THE_CODA + nth,
            quantity,
        };
        vec![Asked::Adjust(9), reserve(0, 10_000), reserve(1, 5), Asked::Read]
    }

    fn question(&self, asked: &Asked) -> (Method, String, Value) {
        let inventory = format!("/api/inventory/{}", self.product);
        let reserve = "/api/inventory/reserve";
        match *asked {
            Asked::Adjust(delta) => (Method::PATCH, inventory, json!({ "delta": delta })),
            Asked::Reserve { order, quantity } => {
                let items = json!([{ "productId": self.product, "quantity": quantity }]);
                let body = json!({ "orderId": id(order), "items": items });
                (Method::POST, reserve.to_owned(), body)
            }
            Asked::GiveBack { order } => (Method::DELETE, format!("{reserve}/{}", id(order)), Value::Null),
            Asked::Read => (Method::GET, inventory, Value::Null),
        }
    }

    /// What is done for an order is done once, however often it is asked.
    fn may_be_asked_again(&self, asked: &Asked) -> bool {
        matches!(asked, Asked::Reserve { .. } | Asked::GiveBack { .. })
    }

    fn hear(&self, asked: &Asked, told: &Told) -> Option<Heard> {
        let (status, body) = (told.status, &told.body);
        let number = |value: &Value| value.as_u64().expect("a number");
        match (status, asked) {
            (200, Asked::Adjust(_) | Asked::Read) => Some(Heard::Count {
                version: told.version.expect("a stock has a version"),
                on_hand: number(&body["onHand"]),
                reserved: number(&body["reserved"]),
            }),
            (200 | 201, Asked::Reserve { .. } | Asked::GiveBack { .. }) => Some(Heard::Done),
            (409, Asked::Reserve { .. }) => Some(Heard::Short {
                available: number(&body["items"][0]["available"]),
            }),
            (400 | 409, Asked::Adjust(_)) => Some(Heard::Refused),
            (503, _) => None,
            _ => panic!("{asked:?} is answered {status} {body}"),
        }
    }

    fn is_mine(&self, asked: &Asked, heard: &Heard) -> Option<u64> {
        match (asked, heard) {
            (Asked::Reserve { order, .. }, Heard::Done) => Some(*order),
            _ => None,
        }
    }
}
