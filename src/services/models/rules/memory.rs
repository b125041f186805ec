//! What the conversation has shown so far: the list that was found, what is in the cart, which
//! orders there are. All of it comes from results of calls, and from nothing that was said.

use serde_json::Value;

use super::which::Which;
use crate::domain::conversation::{Call, CallResult, Turn};

/// A product as it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) title: String,
    /// In hundredths.
    pub(super) price: i64,
    /// As it is shown: `4999.50 INR`.
    pub(super) shown_price: String,
    pub(super) available: u64,
}

/// A line of the cart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) product: String,
    pub(super) title: String,
    pub(super) quantity: u32,
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: String,
}

/// What was shown.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The last list that was found.
    pub(super) found: Vec<Product>,
    /// What was spoken of last.
    pub(super) focus: Option<Product>,
    pub(super) cart: Vec<Line>,
    /// How many more lines the cart has than were shown.
    pub(super) more_in_cart: u64,
    pub(super) orders: Vec<Order>,
}

impl Memory {
    /// What these turns have shown.
    pub(super) fn of(turns: &[Turn]) -> Self {
        let mut memory = Self::default();
        for pair in turns.windows(2) {
            if let [Turn::Model { calls, .. }, Turn::Results { results }] = pair {
                for (call, result) in calls.iter().zip(results) {
                    memory.note(call, result);
                }
            }
        }
        memory
    }

    /// Learns from what came of a call.
    pub(super) fn note(&mut self, call: &Call, result: &CallResult) -> Value {
        let content: Value = serde_json::from_str(&result.content).unwrap_or_default();
        if content.get("error").is_some() {
            return content;
        }
        // A list that is not there says nothing, and least of all that there is nothing.
        let all = |list: &Value| list.as_array().cloned();
        match call.name.as_str() {
            "searchProduct" => {
                if let Some(products) = all(&content["products"]) {
                    self.found = products.iter().filter_map(product).collect();
                    self.focus = self.found.first().cloned();
                }
            }
            "getProduct" => self.focus = product(&content["product"]).or(self.focus.take()),
            "viewCart" | "addProductToCart" | "updateCartItem" | "removeCartItem" => {
                if let Some(lines) = all(&content["cart"]["items"]) {
                    self.cart = lines.iter().filter_map(line).collect();
                    self.more_in_cart = content["cart"]["more"].as_u64().unwrap_or_default();
                }
                self.look_at(call);
            }
            "myOrders" => {
                if let Some(orders) = all(&content["orders"]) {
                    self.orders = orders.iter().filter_map(order).collect();
                }
            }
            _ => {}
        }
        content
    }

    /// Something that was put in or changed is what is spoken of from then on.
    fn look_at(&mut self, call: &Call) {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
        let id = arguments["productId"].as_str().unwrap_or_default();
        if let Some(product) = self.found.iter().find(|product| product.id == id) {
            self.focus = Some(product.clone());
        }
    }

    /// The product that is meant, among those that were found.
    pub(super) fn product(&self, which: &Which) -> Option<Product> {
        match which {
            Which::It => self.focus.clone(),
            Which::Nth(n) => self.found.get(n - 1).cloned(),
            Which::Last => self.found.last().cloned(),
            Which::Cheapest => self.found.iter().min_by_key(|one| one.price).cloned(),
            Which::Dearest => self.found.iter().max_by_key(|one| one.price).cloned(),
            Which::Id(id) => self.found.iter().find(|one| one.id == *id).cloned(),
            Which::Named(words) => self.found.iter().find(|one| named(&one.title, words)).cloned(),
        }
    }

    /// The line of the cart that is meant.
    pub(super) fn line(&self, which: &Which) -> Option<Line> {
        let of = |id: &str| self.cart.iter().find(|line| line.product == id).cloned();
        match which {
            Which::Named(words) => self.cart.iter().find(|line| named(&line.title, words)).cloned(),
            Which::Nth(n) => self.cart.get(n - 1).cloned(),
            Which::Last => self.cart.last().cloned(),
            Which::Id(id) => of(id),
            Which::It | Which::Cheapest | Which::Dearest => self
                .product(which)
                .and_then(|product| of(&product.id))
                .or_else(|| (self.cart.len() == 1).then(|| self.cart[0].clone())),
        }
    }

    /// The order that is meant, the newest first.
    pub(super) fn order(&self, which: &Which) -> Option<Order> {
        let open = |order: &&Order| matches!(order.status.as_str(), "PENDING" | "CONFIRMED");
        match which {
            Which::Nth(n) => self.orders.get(n - 1).cloned(),
            Which::Last => self.orders.last().cloned(),
            Which::Id(id) => self.orders.iter().find(|order| order.id == *id).cloned(),
            _ => self.orders.iter().find(open).cloned(),
        }
    }
}

/// Whether a title has all of these words, be they in the plural.
fn named(title: &str, words: &str) -> bool {
    let title = title.to_lowercase();
    words.split(' ').all(|word| {
        let stem = word.strip_suffix('s').filter(|stem| stem.len() > 2);
        title.contains(word) || stem.is_some_and(|stem| title.contains(stem))
    })
}

fn product(value: &Value) -> Option<Product> {
    let amount = value["price"]["amount"].as_f64()?;
    let currency = value["price"]["currency"].as_str().unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it was made of a whole number of hundredths"
    )]
    let price = (amount * 100.0).round() as i64;
    Some(Product {
        id: value["id"].as_str()?.to_owned(),
        title: value["title"].as_str()?.to_owned(),
        price,
        shown_price: format!("{}.{:02} {currency}", price / 100, price % 100),
        available: value["available"].as_u64().unwrap_or_default(),
    })
}

fn line(value: &Value) -> Option<Line> {
    Some(Line {
        product: value["productId"].as_str()?.to_owned(),
        title: value["title"].as_str()?.to_owned(),
        quantity: u32::try_from(value["quantity"].as_u64()?).ok()?,
    })
}

fn order(value: &Value) -> Option<Order> {
    Some(Order {
        id: value["id"].as_str()?.to_owned(),
        status: value["status"].as_str()?.to_owned(),
    })
}
