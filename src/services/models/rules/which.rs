//! What a part of a sentence speaks of: the second one, it, the cheapest, the trekking tent.

use super::price::MONEY;
use super::words::Word;
use crate::domain::quantity::Quantity;

/// One thing, or several of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// What was spoken of last.
    It,
    /// So far down the list, the first being 1.
    Nth(usize),
    /// The last of the list.
    Last,
    /// The one of the lowest price.
    Cheapest,
    /// The one of the highest.
    Dearest,
    /// Whatever has these words.
    Named(String),
    /// What has this id.
    Id(String),
}

const ORDINALS: [&[&str]; 10] = [
    &["first", "1st"],
    &["second", "2nd"],
    &["third", "3rd"],
    &["fourth", "4th"],
    &["fifth", "5th"],
    &["sixth", "6th"],
    &["seventh", "7th"],
    &["eighth", "8th"],
    &["ninth", "9th"],
    &["tenth", "10th"],
];
const POINTERS: [&str; 9] = [
    "it", "its", "this", "that", "them", "these", "those", "one", "ones",
];

/// What stands before a price.
const BEFORE_A_PRICE: [&str; 11] = [
    "under", "below", "beneath", "within", "upto", "than", "over", "above", "beyond", "between", "from",
];

/// Words that say nothing of a product.
const EMPTY: &str = "a an the some any something anything stuff things thing item items product products me my \
    mine i i'd i'm i'll im we us you your it its this that them these those one ones of for to in into on at by with from and or but \
    is are was be been am do does did can could would will shall should may might must have has had having \
    want wants need needs like love looking look find search show list give get see please kindly now \
    just really very quite what what's which who where when how much many there here also then so \
    buy buying purchase order put add cart basket bag trolley out tell more about details detail describe info \
    information remove delete drop take throw change set make update quantity pieces piece units unit \
    cheapest cheap cheaper lowest most expensive dearest priciest price priced prices cost costs costing \
    rupees rupee rs inr bucks dollars dollar usd euros pounds gbp pkr available good nice best \
    suitable help recommend suggest suggestion hi hello hey let let's lets help go going ok okay think \
    cancel undo last latest newest recent stock hand another extra less fewer instead away off everything all catalogue catalog sell if no not than \
    don't dont never won't without except twice";

/// What these words speak of, if they speak of anything.
pub(super) fn which(words: &[Word]) -> Option<Which> {
    all(words).into_iter().next()
}

/// Everything that these words speak of, in order.
pub(super) fn all(words: &[Word]) -> Vec<Which> {
    let mut found: Vec<Which> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| pointed(words, at, word))
        .collect();
    if !found.is_empty() {
        return found;
    }
    let content = content(words);
    if !content.is_empty() {
        found.push(Which::Named(content));
    } else if words.iter().any(|word| word.is_one_of(&POINTERS)) {
        found.push(Which::It);
    }
    found
}

fn pointed(words: &[Word], at: usize, word: &Word) -> Option<Which> {
    if let Some(n) = ORDINALS.iter().position(|names| word.is_one_of(names)) {
        return Some(Which::Nth(n + 1));
    }
    let next = words.get(at + 1);
    if word.is_one_of(&["number", "no", "option", "item", "line", "#"])
        && let Some(n) = next.and_then(Word::count).filter(|n| *n > 0)
    {
        return Some(Which::Nth(n as usize));
    }
    match word {
        Word::Text(text) if text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Some(Which::Id(text.clone()))
        }
        word if word.is_one_of(&["cheapest", "cheaper"]) => Some(Which::Cheapest),
        word if word.is("expensive") || word.is("dearest") => Some(Which::Dearest),
        word if word.is("last") && next.is_none_or(|next| next.is_one_of(&["one", "of", "in", "to"])) => {
            Some(Which::Last)
        }
        _ => None,
    }
}

/// How many of it there shall be, as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// So many.
    Of(u32),
    /// A number that no number of pieces can be.
    Odd,
}

impl Amount {
    /// The number that this word is.
    pub(super) fn of(word: &Word) -> Self {
        match word.count() {
            Some(count @ 1..=Quantity::MAX) => Self::Of(count),
            _ => Self::Odd,
        }
    }
}

/// How many of it: a number that is no place in a list and no price.
pub(super) fn amount(words: &[Word]) -> Option<Amount> {
    words.iter().enumerate().find_map(|(at, word)| {
        let Word::Number(hundredths) = word else {
            return None;
        };
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let before_is = |texts: &[&str]| before.is_some_and(|word| word.is_one_of(texts));
        let names_a_place = before_is(&["number", "no", "option", "item", "line", "#", "to"]);
        // `the second one` is no quantity, and neither is `that one`.
        let is_the_one = before_is(&["the", "this", "that", "which", "cheapest", "last", "expensive"])
            || before.is_some_and(|word| ORDINALS.iter().any(|names| word.is_one_of(names)));
        let is_a_place = names_a_place || (is_the_one && *hundredths == 100);
        let is_between = before_is(&["and"]) && words[..at].iter().any(|word| word.is("between"));
        let has_currency = before
            .into_iter()
            .chain(words.get(at + 1))
            .any(|word| word.is_one_of(&MONEY));
        let is_a_price = is_between || has_currency || before_is(&BEFORE_A_PRICE);
        (!is_a_place && !is_a_price).then(|| Amount::of(word))
    })
}

/// The words that say something of a product.
pub(super) fn content(words: &[Word]) -> String {
    let says = |word: &&Word| match word {
        Word::Text(text) => !EMPTY.split_whitespace().any(|empty| empty == text),
        Word::Number(_) | Word::Stop => false,
    };
    let words = words.iter().filter(says).filter_map(|word| match word {
        Word::Text(text) => Some(text.as_str()),
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ")
}
