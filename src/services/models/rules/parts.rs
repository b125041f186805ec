//! The parts of a sentence: they end at a stop, at `then` and `also`, and at `and` where something
//! else begins.

use super::caution;
use super::which::content;
use super::wish::adds;
use super::words::Word;

/// A part of a sentence.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    pub(super) words: Vec<Word>,
    /// Whether it goes on with the one before it, so that what doubts that doubts this one too.
    pub(super) joined: bool,
}

/// Verbs with which a part of a sentence begins.
const VERBS: [&str; 34] = [
    "put", "add", "show", "buy", "order", "remove", "take", "cancel", "tell", "find", "search", "give",
    "set", "change", "make", "place", "checkout", "check", "delete", "drop", "throw", "what", "how", "get",
    "look", "describe", "list", "empty", "clear", "increase", "reduce", "decrease", "update", "where",
];
/// What is taken out.
const REMOVES: [&str; 4] = ["remove", "delete", "drop", "take"];

/// The parts of a sentence.
pub(super) fn parts(words: &[Word]) -> Vec<Part> {
    let (mut parts, mut part, mut joined) = (Vec::new(), Vec::new(), false);
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at + 1..];
        let and = word.is("and") && (begins_with_a_verb(rest) || goes_on(&part, rest));
        let but = word.is("but") && begins_with_a_verb(rest);
        if !(and || but || *word == Word::Stop || word.is_one_of(&["then", "also"])) {
            part.push(word.clone());
            continue;
        }
        let holds = and || caution::is_condition(&part) || matches!(rest.first(), Some(Word::Number(_)));
        let next = holds || (part.is_empty() && joined);
        let words = std::mem::take(&mut part);
        parts.push(Part { words, joined });
        joined = next;
    }
    parts.push(Part { words: part, joined });
    parts.retain(|part| !part.words.is_empty());
    parts
}

/// `… and put two in my cart`.
fn begins_with_a_verb(rest: &[Word]) -> bool {
    let polite = rest.iter().take_while(|word| {
        word.is_one_of(&[
            "please", "then", "can", "could", "you", "i", "want", "to", "also", "me",
        ])
    });
    let first = rest.get(polite.count());
    first.is_some_and(|word| word.is_one_of(&VERBS))
}

/// `add two of the first and 2 of the second`, `add a tent and 3 lamps`, and no range of prices.
fn goes_on(part: &[Word], rest: &[Word]) -> bool {
    let takes = adds(part) || part.iter().any(|word| word.is_one_of(&REMOVES));
    let is_range = part.iter().any(|word| word.is("between"));
    takes && !is_range && counts(rest)
}

/// `3 lamps`, `2 of the second`, `a lamp`.
fn counts(words: &[Word]) -> bool {
    match words {
        [Word::Number(_), of, ..] if of.is("of") => true,
        [Word::Number(_), rest @ ..] => !content(rest).is_empty(),
        [a, rest @ ..] if a.is_one_of(&["a", "an"]) => !content(rest).is_empty(),
        _ => false,
    }
}

impl Part {
    /// Whether it says so many of something and nothing else, and goes on with what was said.
    pub(super) fn goes_on(&self) -> bool {
        self.joined && counts(&self.words)
    }
}
