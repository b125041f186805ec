//! Numbers in words: `twenty-five`, `two dozen`, `three hundred and fifty`.

use super::words::Word;

const SMALL: [(&str, i64); 33] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("couple", 2),
    ("pair", 2),
    ("twice", 2),
    ("three", 3),
    ("thrice", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];
/// What a number before it is multiplied with.
const TIMES: [(&str, i64); 6] = [
    ("dozen", 12),
    ("hundred", 100),
    ("thousand", 1_000),
    ("lakh", 100_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
];
/// In hundredths, like all numbers here.
const ONE: i64 = 100;
/// Nobody means more than this, in hundredths.
const MOST: i64 = 10_000_000_000_000;

/// Whether this is a number in a word.
pub(super) fn is_spelled(text: &str) -> bool {
    SMALL.iter().chain(&TIMES).any(|(name, _)| *name == text)
}

/// The same words, each number as one.
pub(super) fn joined(words: &[Word]) -> Vec<Word> {
    let (mut joined, mut at) = (Vec::with_capacity(words.len()), 0);
    while at < words.len() {
        let (word, read) = number(&words[at..]).map_or_else(
            || (words[at].clone(), 1),
            |(number, read)| (Word::Number(number), read),
        );
        joined.push(word);
        at += read;
    }
    joined
}

/// The number that these words begin with, and how many words it has.
fn number(words: &[Word]) -> Option<(i64, usize)> {
    if let Some(half) = half_a_dozen(words) {
        return Some(half);
    }
    // What came before the last thousand, and what has come since.
    let (mut before, mut since, mut read) = match words.first()? {
        Word::Number(digits) => (0, *digits, 1),
        word => match (small(word), times(word)) {
            (Some(number), _) => (0, number * ONE, 1),
            (None, Some(_)) => (0, ONE, 0), // `a hundred`
            (None, None) => return None,
        },
    };
    let mut last = small(words.first()?);
    let mut is_round = false;
    while let Some(word) = words.get(read) {
        let and = usize::from(is_round && word.is("and"));
        if let Some(times) = times(word) {
            if times >= 1_000 {
                before = (before + since.saturating_mul(times)).min(MOST);
                since = 0;
            } else {
                since = since.saturating_mul(times).min(MOST);
            }
            (is_round, last) = (times != 12, None);
            read += 1;
        } else if let Some(more) = words.get(read + and).and_then(small)
            && (is_round || (last.is_some_and(|last| last >= 20) && (1..10).contains(&more)))
        {
            since += more * ONE;
            (is_round, last) = (false, Some(more));
            read += 1 + and;
        } else {
            break;
        }
    }
    Some((before + since, read))
}

fn half_a_dozen(words: &[Word]) -> Option<(i64, usize)> {
    match words {
        [half, dozen, ..] if half.is("half") && dozen.is("dozen") => Some((6 * ONE, 2)),
        [half, a, dozen, ..] if half.is("half") && a.is("a") && dozen.is("dozen") => Some((6 * ONE, 3)),
        _ => None,
    }
}

fn small(word: &Word) -> Option<i64> {
    named(word, &SMALL)
}

fn times(word: &Word) -> Option<i64> {
    named(word, &TIMES)
}

fn named(word: &Word, names: &[(&str, i64)]) -> Option<i64> {
    let found = names.iter().find(|(name, _)| word.is(name));
    found.map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    #[test]
    fn numbers_in_words_are_multiplied_and_added_up() {
        for (text, numbers) in [
            ("two", vec![2]),
            ("dozen", vec![12]),
            ("two dozen", vec![24]),
            ("2 dozen", vec![24]),
            ("half a dozen", vec![6]),
            ("one hundred", vec![100]),
            ("two hundred and fifty", vec![250]),
            ("three hundred twenty-five", vec![325]),
            ("twenty five", vec![25]),
            ("two thousand five hundred", vec![2_500]),
            ("one million", vec![1_000_000]),
            ("two three", vec![2, 3]),
            ("twenty 5", vec![20, 5]),
            ("2 3", vec![2, 3]),
            ("five-ten", vec![5, 10]),
        ] {
            let numbers: Vec<_> = numbers
                .into_iter()
                .map(|number| Word::Number(number * ONE))
                .collect();
            assert_eq!(words(text), numbers, "{text}");
        }
        let and = [Word::Number(200), Word::Text("and".into()), Word::Number(300)];
        assert_eq!(words("two and three"), and);
    }
}
