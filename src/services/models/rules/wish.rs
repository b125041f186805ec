//! What a sentence wants: its parts, each read into one wish by the words that stand in it.

use super::price::{self, Limits};
use super::which::{Which, quantity, which};
use super::words::{Word, words};

/// One thing that is wanted.
#[derive(Debug, PartialEq)]
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

/// Verbs with which a part of a sentence begins.
const VERBS: [&str; 34] = [
    "put", "add", "show", "buy", "order", "remove", "take", "cancel", "tell", "find", "search", "give",
    "set", "change", "make", "place", "checkout", "check", "delete", "drop", "throw", "what", "how", "get",
    "look", "describe", "list", "empty", "clear", "increase", "reduce", "decrease", "update", "where",
];

/// Everything that a sentence wants, in order.
pub(super) fn wishes(sentence: &str) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for part in parts(&words(sentence)) {
        wishes.extend(read(&part, wishes.last()));
    }
    if wishes.len() > 1 {
        // Courtesy beside a wish is not one of its own.
        wishes.retain(|wish| !matches!(wish, Wish::Greeting | Wish::Thanks | Wish::Unclear));
    }
    if wishes.is_empty() {
        wishes.push(Wish::Unclear);
    }
    wishes
}

/// The parts of a sentence: they end at a stop and at `and`, `then` or `also` before a verb.
fn parts(words: &[Word]) -> Vec<Vec<Word>> {
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at + 1..];
        let begins = match word {
            Word::Stop => true,
            word if word.is_one_of(&["then", "also"]) => true,
            word if word.is("and") => begins_a_part(rest),
            _ => false,
        };
        if begins {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(word.clone());
        }
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// `… and put two in my cart`, `… and 2 of the second`.
fn begins_a_part(rest: &[Word]) -> bool {
    let polite = rest.iter().take_while(|word| {
        word.is_one_of(&[
            "please", "then", "can", "could", "you", "i", "want", "to", "also", "me",
        ])
    });
    let rest = &rest[polite.count()..];
    let number_of = matches!(rest, [Word::Number(_), of, ..] if of.is("of"));
    number_of || rest.first().is_some_and(|word| word.is_one_of(&VERBS))
}

fn read(part: &[Word], before: Option<&Wish>) -> Vec<Wish> {
    let of_the_cart = adds(part) || goes_on_adding(part, before);
    match wish(part, of_the_cart) {
        Some(Wish::Add { which, quantity }) => with_a_search(part, which, quantity),
        wish => wish.into_iter().collect(),
    }
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
    if has(&["empty", "clear"]) && cart || has(&["remove", "delete"]) && has(&["everything", "all"]) {
        return Some(Wish::Empty);
    }
    if let Some(wish) = change(part) {
        return Some(wish);
    }
    if has(&["remove", "delete", "drop", "throw"]) || (has(&["take"]) && has(&["out", "away", "off"])) {
        return Some(Wish::Remove(which(part).unwrap_or(Which::It)));
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
fn adds(part: &[Word]) -> bool {
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let begins = |texts: &[&str]| part.first().is_some_and(|word| word.is_one_of(texts));
    let speaks_of_some = which(part).is_some() || quantity(part).is_some();
    has(&["add", "buy", "put"])
        || (begins(&["order", "get", "take"]) && speaks_of_some)
        || (has(&["i'll"]) && has(&["take"]))
        || (has(&["cart", "basket"]) && quantity(part).is_some())
}

/// `add 3 of the first` … `and 2 of the second`.
fn goes_on_adding(part: &[Word], before: Option<&Wish>) -> bool {
    matches!(before, Some(Wish::Add { .. })) && matches!(part, [Word::Number(_), of, ..] if of.is("of"))
}

/// `add the cheapest tent` is a search first.
fn with_a_search(part: &[Word], which: Vec<Which>, quantity: u32) -> Vec<Wish> {
    let rank = match which.as_slice() {
        [Which::Cheapest] => Rank::Cheapest,
        [Which::Dearest] => Rank::Dearest,
        _ => return vec![Wish::Add { which, quantity }],
    };
    let (limits, rest) = price::limits(part);
    let query = super::which::content(&rest);
    if query.is_empty() {
        return vec![Wish::Add { which, quantity }];
    }
    let found = Wish::Find { query, limits, rank };
    let which = vec![Which::It];
    vec![found, Wish::Add { which, quantity }]
}

fn courtesy(part: &[Word]) -> Option<Wish> {
    let text = |n: usize, texts: &[&str]| part.get(n).is_some_and(|word| word.is_one_of(texts));
    let has = |texts: &[&str]| part.iter().any(|word| word.is_one_of(texts));
    let short = part.len() <= 3;
    if short
        && (text(0, &["hi", "hello", "hey", "namaste", "greetings"])
            || (text(0, &["good"]) && part.len() == 2))
    {
        return Some(Wish::Greeting);
    }
    if short
        && text(
            0,
            &[
                "thanks", "thank", "thx", "bye", "goodbye", "great", "perfect", "cool",
            ],
        )
    {
        return Some(Wish::Thanks);
    }
    if short && text(0, &["yes", "yeah", "yep", "sure"]) {
        return Some(Wish::Yes);
    }
    if part.len() <= 2 && text(0, &["no", "nope"]) {
        return Some(Wish::No);
    }
    let who = text(0, &["who", "what"]) && text(1, &["are"]) && text(2, &["you"]);
    let what = text(0, &["what", "how"]) && has(&["you"]) && has(&["do", "help", "work"]) && !has(&["have"]);
    let robot =
        text(0, &["are"]) && text(1, &["you"]) && has(&["robot", "human", "ai", "real", "bot", "person"]);
    ((text(0, &["help"]) && super::which::content(part).is_empty()) || who || what || robot)
        .then_some(Wish::Help)
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
        && quantity(part).is_none()
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
    let count = quantity(part);
    let which_one = || which(part).unwrap_or(Which::It);
    if has(&["more", "another", "extra"])
        && (count.is_some() || has(&["another"]))
        && !has(&["about", "than"])
    {
        let (which, to) = (which_one(), Quantity::More(count.unwrap_or(1)));
        return Some(Wish::Change { which, to });
    }
    if has(&["less", "fewer"])
        && !has(&["than"])
        && let Some(count) = count
    {
        let (which, to) = (which_one(), Quantity::Fewer(count));
        return Some(Wish::Change { which, to });
    }
    let verb = text(
        0,
        &[
            "change", "update", "set", "make", "increase", "reduce", "decrease",
        ],
    ) || has(&["quantity", "instead"]);
    let count = part.iter().rev().find_map(Word::count).or(count);
    if verb && let Some(count) = count {
        let (which, to) = (which_one(), Quantity::Exactly(count));
        return Some(Wish::Change { which, to });
    }
    None
}

/// `put two in my cart`, `add 3 of the first`, `put the first and the third in my cart`.
fn add(part: &[Word]) -> Wish {
    let named = super::which::all(part);
    let which = if named.is_empty() { vec![Which::It] } else { named };
    let quantity = quantity(part).unwrap_or(1);
    Wish::Add { which, quantity }
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
