//! A cart as one would describe it to somebody: every answer shows all of it.

use bazaar::clock::Chance;
use reqwest::Method;
use serde_json::{Value, json};

use super::recording::Subject;
use super::wgl::Model;
use crate::power::Told;

/// The cart of one buyer, and the products that go into it.
pub(crate) struct Cart {
    pub(crate) products: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Add(usize, u32),
    Set(usize, u32),
    Remove(usize),
    Clear,
    Read,
}

/// The whole cart: how many changes it has seen, and so many of which product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Contents {
    pub(crate) version: u64,
    pub(crate) lines: Vec<(usize, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Contents(Contents),
    NotInCart,
}

impl Model for Cart {
    type State = Contents;
    type Asked = Asked;
    type Heard = Heard;

    fn step(state: &Contents, asked: &Asked, heard: Option<&Heard>) -> Option<Contents> {
        let (after, answer) = match state.changed(asked) {
            Some(after) => (after.clone(), Heard::Contents(after)),
            None => (state.clone(), Heard::NotInCart),
        };
        heard.is_none_or(|heard| *heard == answer).then_some(after)
    }

    fn clock(state: &Contents) -> u64 {
        state.version
    }

    fn latest(asked: &Asked, heard: &Heard) -> u64 {
        match (asked, heard) {
            (Asked::Add(..) | Asked::Remove(_), Heard::Contents(seen)) => seen.version.saturating_sub(1),
            (_, Heard::Contents(seen)) => seen.version,
            (_, Heard::NotInCart) => u64::MAX,
        }
    }
}

impl Contents {
    fn changed(&self, asked: &Asked) -> Option<Self> {
        let mut lines = self.lines.clone();
        let line = |lines: &mut Vec<(usize, u32)>, product| lines.iter().position(|line| line.0 == product);
        match *asked {
            Asked::Add(product, quantity) => match line(&mut lines, product) {
                Some(place) => lines[place].1 += quantity,
                None => lines.push((product, quantity)),
            },
            Asked::Set(product, quantity) => {
                let place = line(&mut lines, product)?;
                lines[place].1 = quantity;
            }
            Asked::Remove(product) => {
                let place = line(&mut lines, product)?;
                lines.remove(place);
            }
            Asked::Clear => lines.clear(),
            Asked::Read => {}
        }
        let version = self.version + u64::from(lines != self.lines);
        Some(Self { version, lines })
    }
}

impl Subject for Cart {
    fn draw(&self, chance: &Chance, _: &mut Vec<u64>) -> Asked {
        let product = usize::try_from(chance.below(self.products.len() as u64)).expect("a few");
        let quantity = u32::try_from(1 + chance.below(97)).expect("a few");
        match chance.below(24) {
            0..5 => Asked::Add(product, quantity),
            5..7 => Asked::Set(product, quantity),
            7 => Asked::Remove(product),
            8 => Asked::Clear,
            // Whoever looks often leaves little to guess.
            _ => Asked::Read,
        }
    }

    fn coda(&self) -> Vec<Asked> {
        vec![
            Asked::Clear,
            Asked::Add(0, 5),
            Asked::Add(1, 7),
            Asked::Remove(0),
            Asked::Read,
        ]
    }

    fn question(&self, asked: &Asked) -> (Method, String, Value) {
        let items = "/api/cart/items";
        let line = |product: usize| format!("{items}/{}", self.products[product]);
        match *asked {
            Asked::Add(product, quantity) => {
                let item = json!({ "productId": self.products[product], "quantity": quantity });
                (Method::POST, items.to_owned(), item)
            }
            Asked::Set(product, quantity) => (Method::PATCH, line(product), json!({ "quantity": quantity })),
            Asked::Remove(product) => (Method::DELETE, line(product), Value::Null),
            Asked::Clear => (Method::DELETE, "/api/cart".to_owned(), Value::Null),
            Asked::Read => (Method::GET, "/api/cart".to_owned(), Value::Null),
        }
    }

    fn may_be_asked_again(&self, _: &Asked) -> bool {
        false
    }

    fn hear(&self, _: &Asked, told: &Told) -> Option<Heard> {
        let body = &told.body;
        match told.status {
            200 => Some(Heard::Contents(self.contents(&body["cart"]))),
            404 if body["code"] == "not_found" => Some(Heard::NotInCart),
            503 => None,
            status => panic!("a cart answers {status} {body}"),
        }
    }
}

impl Cart {
    fn contents(&self, cart: &Value) -> Contents {
        let line = |item: &Value| {
            let product = self.products.iter().position(|id| item["productId"] == **id);
            let quantity = item["quantity"].as_u64().and_then(|many| many.try_into().ok());
            (product.expect("a product of ours"), quantity.expect("a number"))
        };
        let items = cart["items"].as_array().expect("items");
        Contents {
            version: cart["version"].as_u64().expect("a version"),
            lines: items.iter().map(line).collect(),
        }
    }
}
