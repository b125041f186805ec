//! A sentence as words: lower case, numbers as numbers, nothing of the punctuation but where a part
//! of the sentence ends.

use super::numbers;

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// Letters.
    Text(String),
    /// A number in hundredths, so that prices are whole.
    Number(i64),
    /// A full stop, a comma, a semicolon.
    Stop,
}

/// Larger numbers than this are no prices and no quantities; how large they are does not matter.
const HUNDREDTHS_MAX: f64 = 1e13;
/// An id may look like a number, and is none.
const ID_LENGTH: usize = 24;

/// The words of a sentence.
pub(super) fn words(sentence: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for piece in sentence.to_lowercase().split_whitespace() {
        let piece = piece.replace(['’', '‘'], "'");
        let bare = piece.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '#');
        // `1,500-2,000` and `500–1500` are two numbers.
        let so_far = words.len();
        for part in bare.split(['–', '—', '/']).flat_map(ranges) {
            words.extend(word(part));
        }
        // `-3` is less than nothing, unless it is the other end of a range.
        let is_less = is_negative(&piece)
            && !matches!(so_far.checked_sub(1).map(|at| &words[at]), Some(Word::Number(_)));
        if let (true, Some(Word::Number(number))) = (is_less, words.get_mut(so_far)) {
            *number = -*number;
        }
        // `rs. 500` is one thing.
        if piece.ends_with(['.', ',', ';', '!', '?', ':']) && piece != "rs." && !words.is_empty() {
            words.push(Word::Stop);
        }
    }
    numbers::joined(&words)
}

fn is_negative(piece: &str) -> bool {
    let digits = piece.strip_prefix(['-', '−']);
    digits.is_some_and(|digits| digits.starts_with(|digit: char| digit.is_ascii_digit()))
}

impl Word {
    /// Whether it is this word.
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Text(word) if word == text)
    }

    /// Whether it is one of these words.
    pub(super) fn is_one_of(&self, texts: &[&str]) -> bool {
        matches!(self, Self::Text(word) if texts.contains(&word.as_str()))
    }

    /// The whole number that it is.
    pub(super) fn count(&self) -> Option<u32> {
        match self {
            Self::Number(hundredths) if hundredths % 100 == 0 => u32::try_from(hundredths / 100).ok(),
            _ => None,
        }
    }
}

/// Two numbers with a dash between them, or the one word that it is.
fn ranges(part: &str) -> Vec<&str> {
    match part.split_once('-') {
        Some((from, to)) if is_number(from) && is_number(to) => vec![from, to],
        _ => vec![part],
    }
}

fn is_number(part: &str) -> bool {
    number(part).is_some() || numbers::is_spelled(part)
}

fn word(part: &str) -> Option<Word> {
    let part = part.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let part = part.strip_suffix("'s").unwrap_or(part);
    if part.is_empty() {
        return None;
    }
    Some(number(part).map_or_else(|| Word::Text(part.to_owned()), Word::Number))
}

/// `1,500`, `₹1500`, `rs.1500`, `2.5k`: in hundredths.
fn number(part: &str) -> Option<i64> {
    let digits = part
        .trim_start_matches(['₹', '$', '€', '£'])
        .trim_start_matches("rs.")
        .trim_start_matches("rs")
        .trim_start_matches("inr")
        .trim_end_matches("rs")
        .trim_end_matches("inr")
        .replace(',', "");
    let (digits, scale) = match digits.strip_suffix('k') {
        Some(thousands) => (thousands, 1_000.0),
        None => (digits.as_str(), 1.0),
    };
    if !digits.starts_with(|digit: char| digit.is_ascii_digit()) || digits.len() == ID_LENGTH {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    let hundredths = (number * scale * 100.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
    (hundredths >= 0.0).then(|| hundredths.min(HUNDREDTHS_MAX) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, hundredths) in [
            ("1,500", 150_000),
            ("₹1500", 150_000),
            ("rs.99.90", 9_990),
            ("2.5k", 250_000),
            ("two", 200),
            ("-3", -300),
            ("99999999999999999999", 10_000_000_000_000),
            ("500rs", 50_000),
        ] {
            assert_eq!(words(text), [Word::Number(hundredths)], "{text}");
        }
        let range = [Word::Number(50_000), Word::Number(150_000)];
        assert_eq!(words("500-1,500"), range);
        let no_numbers = ["k2", "x-large", "1st", "trail-running"];
        for text in no_numbers {
            assert_eq!(words(text), [Word::Text(text.into())]);
        }
    }
}
