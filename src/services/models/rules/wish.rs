//! What a sentence wants: its parts, each read into one wish by the words that stand in it.

use super::caution::{self, Doubt};
use super::courtesy::courtesy;
use super::parts::{Part, parts};
use super::price::{self, Limits};
use super::which::{Amount, Which, amount, which};
use super::words::{Word, words};

/// One thing that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wish {
    Greeting,
    Thanks,
    Help,
    Yes,
    No,
    Find {
        query: String,
        limits: Limits,
        rank: Rank,
    },
    Look(Which),
    Add {
        which: Vec<Which>,
        quantity: u32,
    },
    Change {
        which: Which,
        to: Quantity,
    },
    Remove(Which),
    Empty,
    ShowCart,
    Orders,
    Place,
    CancelOrder(Which),
    Sales,
    LowStock,
    SetStock {
        which: Which,
        on_hand: u32,
    },
    /// Nothing is to be done, or something was merely asked about.
    Nothing(Doubt),
    /// Something in a number of pieces that there cannot be.
    HowMany,
    Unclear,
}

/// Which of what is found comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    Fitting,
    Cheapest,
    Dearest,
}

/// How many there shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Exactly(u32),
    More(u32),
    Fewer(u32),
}

/// Everything that a sentence wants, in order.
pub(super) fn wishes(sentence: &str) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    let (mut doubt, mut before) = (None, None);
    for part in parts(&words(sentence)) {
        doubt = caution::doubt(&part, doubt);
        let read = read(&part, before.as_ref());
        before = read.last().cloned();
        if read.is_empty() && doubt == Some(Doubt::Unwanted) {
            wishes.push(Wish::Nothing(Doubt::Unwanted));
        }
        wishes.extend(read.into_iter().filter_map(|wish| match doubt {
            Some(doubt) if wish.changes() => Some(Wish::Nothing(doubt)),
            // What a condition speaks of is not looked for.
            Some(_) if matches!(wish, Wish::Find { .. }) && caution::is_condition(&part.words) => None,
            _ => Some(wish),
        }));
    }
    wishes.dedup();
    if wishes.len() > 1 {
        // Courtesy beside a wish is not one of its own.
        wishes.retain(|wish| !matches!(wish, Wish::Greeting | Wish::Thanks | Wish::Unclear));
    }
    if wishes.is_empty() {
        wishes.push(Wish::Unclear);
    }
    wishes
}

impl Wish {
    /// Whether it changes something, or asks for it.
    fn changes(&self) -> bool {
        matches!(
            self,
            Self::Add { .. }
                | Self::Change { .. }
                | Self::Remove(_)
                | Self::Empty
                | Self::Place
                | Self::CancelOrder(_)
                | Self::SetStock { .. }
                | Self::HowMany
        )
    }
}

fn read(part: &Part, before: Option<&Wish>) -> Vec<Wish> {
    let words = &part.words;
    if part.goes_on() && is_removal(before) {
        return vec![remove(words)];
    }
    let goes_on_adding = part.goes_on() && matches!(before, Some(Wish::Add { .. }));
    match wish(words, adds(words) || goes_on_adding) {
        Some(Wish::Add { which, quantity }) => with_a_search(words, which, quantity),
        wish => wish.into_iter().collect(),
    }
}

fn is_removal(wish: Option<&Wish>) -> bool {
    matches!(
        wish,
        Some(
            Wish::Remove(_)
                | Wish::Change {
                    to: Quantity::Fewer(_),
                    ..
                }
        )
    )
}

fn wish(part: &[Word], adds: bool) -> Option<Wish> {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let (cart, order) = (
        has(&["cart", "basket", "bag", "trolley"]),
        has(&["order", "orders"]),
    );
    if let Some(wish) = courtesy(part) {
        return Some(wish);
    }
    if let Some(wish) = business(part) {
        return Some(wish);
    }
    if has(&["cancel", "undo"]) || (order && has(&["remove", "delete", "drop"])) {
        return Some(Wish::CancelOrder(which(part).unwrap_or(Which::It)));
    }
    if places(part) {
        return Some(Wish::Place);
    }
    let asks_after = has(&[
        "where",
        "status",
        "track",
        "tracking",
        "history",
        "shipped",
        "arrive",
        "delivered",
    ]);
    if has(&["orders"]) || (order && (asks_after || has(&["my", "last", "latest"]))) {
        return Some(Wish::Orders);
    }
    // `all the lamps` are not all that there is.
    let all = has(&["everything", "all"]) && matches!(which(part), None | Some(Which::It));
    if has(&["empty", "clear"]) && cart || has(&["remove", "delete"]) && all {
        return Some(Wish::Empty);
    }
    if let Some(wish) = change(part) {
        return Some(wish);
    }
    if has(&["remove", "delete", "drop", "throw"]) || (has(&["take"]) && has(&["out", "away", "off"])) {
        return Some(remove(part));
    }
    if adds {
        return Some(add(part));
    }
    if cart || part.first().is_some_and(|word| word.is("total")) {
        return Some(Wish::ShowCart);
    }
    look(part).or_else(|| find(part))
}

/// `put two in my cart`, `order the second`, `I'll take it`.
pub(super) fn adds(part: &[Word]) -> bool {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let begins = |texts: &[&str]| part.first().is_some_and(|word| word.is_one_of(texts));
    let speaks_of_some = which(part).is_some() || amount(part).is_some();
    has(&["add", "buy", "put"])
        || (begins(&["order", "get", "take"]) && speaks_of_some)
        || (has(&["i'll"]) && has(&["take"]))
        || (has(&["cart", "basket"]) && amount(part).is_some())
}

/// `add the cheapest tent` and `add a tent under 2000` are searches first.
fn with_a_search(part: &[Word], which: Vec<Which>, quantity: u32) -> Vec<Wish> {
    let (limits, rest) = price::limits(part);
    // `2 4 person tents` is no range of prices.
    let is_limited = limits != Limits::default() && amount(&rest) == amount(part);
    let rank = match which.as_slice() {
        [Which::Cheapest] => Rank::Cheapest,
        [Which::Dearest] => Rank::Dearest,
        [Which::Named(_)] if is_limited => Rank::Fitting,
        _ => return vec![Wish::Add { which, quantity }],
    };
    let query = super::which::content(&rest);
    if query.is_empty() {
        return vec![Wish::Add { which, quantity }];
    }
    let found = Wish::Find { query, limits, rank };
    let which = vec![Which::It];
    vec![found, Wish::Add { which, quantity }]
}

/// What whoever sells asks about.
fn business(part: &[Word]) -> Option<Wish> {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let number = part.iter().rev().find_map(Word::count);
    if has(&["stock"])
        && has(&["set", "update", "change", "put", "make"])
        && let Some(on_hand) = number
    {
        let which = which(part).unwrap_or(Which::It);
        return Some(Wish::SetStock { which, on_hand });
    }
    let running_out = has(&["running", "run"]) && has(&["out", "low"]);
    if (has(&["stock"]) && has(&["low", "little"])) || running_out || has(&["restock"]) {
        return Some(Wish::LowStock);
    }
    let doing = has(&["shop", "business", "store"]) && has(&["doing", "going", "how"]);
    let best = has(&["sells", "selling", "bestseller", "bestsellers"])
        && has(&["best", "bestseller", "bestsellers", "top"]);
    let sold = has(&["sold", "sell", "earned", "earn"]) && has(&["i", "did", "have", "my"]);
    (has(&["sales", "revenue", "earnings", "turnover"]) || doing || best || sold).then_some(Wish::Sales)
}

/// `place the order`, `check out`, `order it`, `buy everything in my cart`.
fn places(part: &[Word]) -> bool {
    let text = |n: usize, texts: &[&str]| part.get(n).is_some_and(|word| word.is_one_of(texts));
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let check_out = has(&["checkout"]) || (has(&["check"]) && has(&["out"]) && part.len() <= 4);
    let place = has(&["place", "make", "submit", "confirm", "complete"]) && has(&["order", "purchase"]);
    let all = [
        "it",
        "them",
        "this",
        "that",
        "these",
        "those",
        "everything",
        "all",
        "now",
        "please",
        "what",
        "my",
        "the",
    ];
    let order_all = text(0, &["order", "purchase"])
        && amount(part).is_none()
        && (part.len() == 1 || text(1, &all))
        && which(part).is_none_or(|which| which == Which::It)
        && !has(&["status", "history"]);
    let buy_cart = has(&["buy", "purchase", "order"])
        && has(&["cart", "basket"])
        && has(&["my", "the", "everything", "whole"]);
    check_out || place || order_all || buy_cart
}

fn change(part: &[Word]) -> Option<Wish> {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let text = |n: usize, texts: &[&str]| part.get(n).is_some_and(|word| word.is_one_of(texts));
    let said = amount(part);
    let by = |how: fn(u32) -> Quantity| match said {
        Some(Amount::Odd) => Wish::HowMany,
        Some(Amount::Of(count)) => changed(part, how(count)),
        None => changed(part, how(1)),
    };
    if has(&["more", "another", "extra"]) && (said.is_some() || has(&["another"])) && !has(&["about", "than"])
    {
        return Some(by(Quantity::More));
    }
    if has(&["less", "fewer"]) && !has(&["than"]) && said.is_some() {
        return Some(by(Quantity::Fewer));
    }
    let verb = text(
        0,
        &[
            "change", "update", "set", "make", "increase", "reduce", "decrease",
        ],
    ) || has(&["quantity", "instead"]);
    let number = part.iter().rev().find(|word| matches!(word, Word::Number(_)));
    if !verb {
        return None;
    }
    number.map(|number| match Amount::of(number) {
        _ if number.count() == Some(0) => changed(part, Quantity::Exactly(0)),
        Amount::Of(count) => changed(part, Quantity::Exactly(count)),
        Amount::Odd => Wish::HowMany,
    })
}

fn changed(part: &[Word], to: Quantity) -> Wish {
    let which = which(part).unwrap_or(Which::It);
    Wish::Change { which, to }
}

/// `put two in my cart`, `add 3 of the first`, `put the first and the third in my cart`.
fn add(part: &[Word]) -> Wish {
    let named = super::which::all(part);
    let which = if named.is_empty() { vec![Which::It] } else { named };
    match amount(part) {
        None => Wish::Add { which, quantity: 1 },
        Some(Amount::Of(quantity)) => Wish::Add { which, quantity },
        Some(Amount::Odd) => Wish::HowMany,
    }
}

/// `remove it`, `remove two of them`.
fn remove(part: &[Word]) -> Wish {
    match amount(part) {
        None => Wish::Remove(which(part).unwrap_or(Which::It)),
        Some(Amount::Of(count)) => changed(part, Quantity::Fewer(count)),
        Some(Amount::Odd) => Wish::HowMany,
    }
}

/// `tell me more about the second one`, `how much is it`, `is the first available`, `details please`.
fn look(part: &[Word]) -> Option<Wish> {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let details = has(&["details", "detail", "describe", "info", "information"]);
    let about = has(&["about"]) && !has(&["anything", "something"]);
    let Some(which) = which(part) else {
        return details.then_some(Wish::Look(Which::It));
    };
    let asks = has(&[
        "more",
        "tell",
        "show",
        "available",
        "stock",
        "cost",
        "price",
        "much",
        "is",
        "see",
        "what",
        "look",
        "open",
    ]);
    let points = !matches!(which, Which::Named(_) | Which::Cheapest | Which::Dearest);
    let looks = details || about || (points && (asks || part.len() <= 3));
    looks.then_some(Wish::Look(which))
}

fn find(part: &[Word]) -> Option<Wish> {
    let (limits, rest) = price::limits(part);
    let has = |texts: &[&str]| rest.iter().any(|word| word.is_one_of(texts));
    let rank = if has(&["cheapest", "cheap", "lowest", "cheaper"]) {
        Rank::Cheapest
    } else if (has(&["most"]) && has(&["expensive"])) || has(&["dearest", "priciest"]) {
        Rank::Dearest
    } else {
        Rank::Fitting
    };
    let query = super::which::content(&rest);
    let searches = has(&[
        "find",
        "search",
        "show",
        "list",
        "products",
        "catalogue",
        "catalog",
        "sell",
        "have",
        "everything",
    ]);
    let limited = limits != Limits::default() || rank != Rank::Fitting;
    (!query.is_empty() || limited || searches).then_some(Wish::Find { query, limits, rank })
}
