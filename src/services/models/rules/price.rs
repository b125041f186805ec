//! Limits on the price in a sentence: `under 3000`, `between 500 and 1,500 rupees`.

use super::words::Word;

/// The limits, in hundredths, and what is left of the sentence without them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Limits {
    pub(super) least: Option<i64>,
    pub(super) most: Option<i64>,
}

const AT_MOST: [&[&str]; 14] = [
    &["under"],
    &["below"],
    &["beneath"],
    &["within"],
    &["upto"],
    &["max"],
    &["maximum"],
    &["less", "than"],
    &["cheaper", "than"],
    &["lower", "than"],
    &["up", "to"],
    &["at", "most"],
    &["no", "more", "than"],
    &["not", "more", "than"],
];
const AT_LEAST: [&[&str]; 10] = [
    &["over"],
    &["above"],
    &["beyond"],
    &["min"],
    &["minimum"],
    &["more", "than"],
    &["at", "least"],
    &["starting", "at"],
    &["no", "less", "than"],
    &["not", "less", "than"],
];
const ABOUT: [&[&str]; 4] = [&["around"], &["about"], &["roughly"], &["approximately"]];
pub(super) const MONEY: [&str; 13] = [
    "rupees", "rupee", "rs", "inr", "bucks", "dollars", "dollar", "usd", "euros", "eur", "pounds", "gbp",
    "pkr",
];

/// Takes the limits out of a sentence.
pub(super) fn limits(words: &[Word]) -> (Limits, Vec<Word>) {
    let (mut limits, mut rest, mut at) = (Limits::default(), Vec::new(), 0);
    while at < words.len() {
        let read = limit(&words[at..], &mut limits);
        if read == 0 {
            rest.push(words[at].clone());
            at += 1;
        } else {
            at += read;
            at += usize::from(words.get(at).is_some_and(|word| word.is_one_of(&MONEY)));
        }
    }
    (limits, rest)
}

/// Reads a limit at the start of these words, and says how many words it takes.
fn limit(words: &[Word], limits: &mut Limits) -> usize {
    if let Some((most, read)) = priced(words, &AT_MOST).or_else(|| price_tag(words)) {
        limits.most = Some(most);
        return read;
    }
    if let Some((least, read)) = priced(words, &AT_LEAST) {
        limits.least = Some(least);
        return read;
    }
    let about = priced(words, &ABOUT).map(|(about, read)| ((about / 5 * 4, about / 5 * 6), read));
    if let Some(((least, most), read)) = about.or_else(|| range(words)) {
        (limits.least, limits.most) = (Some(least), Some(most));
        return read;
    }
    0
}

/// One of these phrases with a price behind it.
fn priced(words: &[Word], phrases: &[&[&str]]) -> Option<(i64, usize)> {
    phrases.iter().find_map(|phrase| {
        let behind = words.get(phrase.len()..)?;
        let fits = phrase.iter().zip(words).all(|(text, word)| word.is(text));
        let (price, read) = amount(behind)?;
        fits.then_some((price, phrase.len() + read))
    })
}

/// `between 500 and 1,500`, `from 500 to 1500`, `500-1500`.
fn range(words: &[Word]) -> Option<((i64, i64), usize)> {
    let led = words.first()?.is_one_of(&["between", "from"]);
    let (one, read) = amount(&words[usize::from(led)..])?;
    let at = usize::from(led) + read;
    let joined = words.get(at).is_some_and(|word| word.is_one_of(&["and", "to"]));
    if joined && !led {
        return None; // `two and three` is no range
    }
    let at = at + usize::from(joined);
    let (other, read) = amount(words.get(at..)?)?;
    Some(((one.min(other), one.max(other)), at + read))
}

/// `for 900 rupees`: a number with its currency behind it is a price.
fn price_tag(words: &[Word]) -> Option<(i64, usize)> {
    match words {
        [before, Word::Number(most), money, ..] if before.is("for") && money.is_one_of(&MONEY) => {
            Some((*most, 2))
        }
        _ => None,
    }
}

/// A number, be its currency before it.
fn amount(words: &[Word]) -> Option<(i64, usize)> {
    match words {
        [Word::Number(amount), ..] => Some((*amount, 1)),
        [money, Word::Number(amount), ..] if money.is_one_of(&MONEY) => Some((*amount, 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    #[test]
    fn limits_are_read_in_the_ways_in_which_people_give_them() {
        for (text, least, most, left) in [
            ("tents under 3000", None, Some(3_000), 1),
            ("tents up to rs 3000", None, Some(3_000), 1),
            ("tents cheaper than ₹3,000", None, Some(3_000), 1),
            ("tents for no more than 3000 rupees", None, Some(3_000), 2),
            ("tents over 500", Some(500), None, 1),
            ("tents at least 500 rupees", Some(500), None, 1),
            ("tents between 500 and 1,500 rupees", Some(500), Some(1_500), 1),
            ("tents from 1500 to 500", Some(500), Some(1_500), 1),
            ("tents 500-1500", Some(500), Some(1_500), 1),
            ("tents around 1000", Some(800), Some(1_200), 1),
            ("tents for 900 rupees", None, Some(900), 1),
            ("two tents", None, None, 2),
            ("add one more tent", None, None, 4),
        ] {
            let hundredths = |price: Option<i64>| price.map(|price| price * 100);
            let (read, rest) = limits(&words(text));
            let (least, most) = (hundredths(least), hundredths(most));
            assert_eq!(read, Limits { least, most }, "{text}");
            assert_eq!(rest.len(), left, "{text}: {rest:?}");
        }
    }
}
