//! What speaks against doing what a part of a sentence speaks of: that it is not wanted, or that it
//! is merely asked about.

use super::parts::Part;
use super::words::Word;

/// Why nothing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is not wanted: `do not add it`.
    Unwanted,
    /// It is asked about, or hangs on something: `what happens if I add it?`
    Asked,
}

const NOT: [&str; 16] = [
    "not",
    "don't",
    "dont",
    "never",
    "won't",
    "wont",
    "can't",
    "cant",
    "cannot",
    "shouldn't",
    "wouldn't",
    "doesn't",
    "didn't",
    "except",
    "excluding",
    "but",
];
/// `not more than 500`.
const LIMITS: [&str; 6] = ["more", "less", "over", "above", "under", "below"];
const ASKS: [&str; 22] = [
    "how",
    "what",
    "why",
    "when",
    "where",
    "which",
    "who",
    "should",
    "shall",
    "did",
    "does",
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "if",
    "unless",
    "suppose",
    "supposing",
    "whether",
];
const HANGS_ON: [&str; 5] = ["if", "unless", "suppose", "supposing", "whether"];
/// What stands before what is said.
const BEFORE: [&str; 8] = ["hi", "hello", "hey", "please", "so", "well", "ok", "okay"];

/// What speaks against a part, after one of which this is doubted.
pub(super) fn doubt(part: &Part, before: Option<Doubt>) -> Option<Doubt> {
    let words = &part.words;
    if is_negated(words) {
        return Some(Doubt::Unwanted);
    }
    if asks(words) {
        return Some(Doubt::Asked);
    }
    before.filter(|_| part.joined)
}

/// `if it is in stock`, `when there are more`: what comes next hangs on it.
pub(super) fn is_condition(words: &[Word]) -> bool {
    words
        .first()
        .is_some_and(|word| word.is("when") || word.is_one_of(&HANGS_ON))
}

fn is_negated(words: &[Word]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1);
        let is_limit = next.is_some_and(|next| next.is_one_of(&LIMITS));
        let than = words.get(at + 2).is_some_and(|after| after.is("than"));
        // `no more than 500` is a limit, `no more lamps` is not, and `no 2` is a place.
        let no = word.is("no") && matches!(next, Some(Word::Text(_))) && !(is_limit && than);
        no || (word.is_one_of(&NOT) && !(word.is("not") && is_limit))
    })
}

fn asks(words: &[Word]) -> bool {
    let before = words.iter().take_while(|word| word.is_one_of(&BEFORE)).count();
    let said = &words[before..];
    let of_people = |word: &Word| word.is_one_of(&["i", "you", "we", "they"]);
    let does = matches!(said, [do_, who, ..] if do_.is("do") && of_people(who));
    does || said.first().is_some_and(|word| word.is_one_of(&ASKS))
        || said.iter().any(|word| word.is_one_of(&HANGS_ON))
}
