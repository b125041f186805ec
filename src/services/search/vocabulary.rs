//! Texts as the words they are found by: in small letters, without accents, and each both as it
//! stands and without its ending, so that plurals meet, and the start of a word is one as well.

use std::collections::BTreeMap;

use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, PreTokenizedString, RemoveLongFilter, SimpleTokenizer, Stemmer,
    TextAnalyzer, Token, TokenStream,
};

/// A word of more bytes is none that anybody types.
const WORD_BYTES_MAX: usize = 40;

/// Words that say nothing by themselves, in small letters and in order.
const EMPTY_WORDS: [&str; 22] = [
    "a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "me", "my", "of", "on", "or",
    "some", "that", "the", "to", "with",
];

/// Takes texts apart.
#[derive(Clone)]
pub(super) struct Vocabulary {
    plain: TextAnalyzer,
    stemming: TextAnalyzer,
}

/// A word that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it stands.
    pub(super) plain: String,
    /// Without its ending.
    pub(super) stem: String,
}

impl Default for Vocabulary {
    fn default() -> Self {
        let plain = || {
            TextAnalyzer::builder(SimpleTokenizer::default())
                .filter(RemoveLongFilter::limit(WORD_BYTES_MAX))
                .filter(LowerCaser)
                .filter(AsciiFoldingFilter)
        };
        Self {
            plain: plain().build(),
            stemming: plain().filter(Stemmer::default()).build(),
        }
    }
}

impl Vocabulary {
    /// The words of texts as an index keeps them: once those of the first text, twice those of the
    /// second, and so on. Where in a text a word stands is not asked for, so nothing of that is kept.
    pub(super) fn kept(&mut self, texts: &[&str]) -> PreTokenizedString {
        let mut words = BTreeMap::new();
        for (text, times) in texts.iter().zip(1..) {
            words.extend(
                texts_of(&mut self.plain, text)
                    .into_iter()
                    .map(|word| (word, times)),
            );
            words.extend(
                texts_of(&mut self.stemming, text)
                    .into_iter()
                    .map(|word| (word, times)),
            );
        }
        let token = |text| Token {
            position: 0,
            text,
            ..Token::default()
        };
        let tokens = words
            .into_iter()
            .flat_map(|(word, times)| std::iter::repeat_n(token(word), times));
        PreTokenizedString {
            text: String::new(),
            tokens: tokens.collect(),
        }
    }

    /// The words of a question: at most so many, each once, and none that say nothing unless there
    /// are no others.
    pub(super) fn asked(&mut self, text: &str, most: usize) -> Vec<Word> {
        let plain = texts_of(&mut self.plain, text);
        let stems = texts_of(&mut self.stemming, text);
        let mut words: Vec<Word> = Vec::new();
        for (plain, stem) in plain.into_iter().zip(stems) {
            if words.iter().all(|word| word.plain != plain) {
                words.push(Word { plain, stem });
            }
        }
        let says_something = |word: &Word| EMPTY_WORDS.binary_search(&word.plain.as_str()).is_err();
        if words.iter().any(says_something) {
            words.retain(says_something);
        }
        words.truncate(most);
        words
    }
}

fn texts_of(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut stream = analyzer.token_stream(text);
    while stream.advance() {
        texts.push(stream.token().text.clone());
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        let words = Vocabulary::default().asked(text, 4);
        let spelt = words
            .into_iter()
            .map(|word| format!("{}/{}", word.plain, word.stem));
        spelt.collect()
    }

    #[test]
    fn a_question_is_its_words_and_operators_are_none() {
        assert_eq!(asked("Blue LAMPS"), ["blue/blue", "lamps/lamp"]);
        assert_eq!(asked("a lamp for the café"), ["lamp/lamp", "cafe/cafe"]);
        assert_eq!(
            asked("title:lamp^5 AND (NOT *)"),
            ["title/titl", "lamp/lamp", "5/5", "not/not"]
        );
        assert_eq!(asked("lamp lamp Lamp"), ["lamp/lamp"]);
        assert_eq!(asked("the the"), ["the/the"]);
        assert_eq!(asked("!\"§$%&/()=?"), [""; 0]);
        assert_eq!(asked(&"x".repeat(41)), [""; 0]);
    }

    #[test]
    fn words_that_say_nothing_are_in_order() {
        assert!(EMPTY_WORDS.is_sorted());
    }

    #[test]
    fn a_text_is_kept_with_and_without_its_endings_and_the_last_one_more_than_once() {
        let kept = Vocabulary::default().kept(&["Running shoes", "shoes"]);
        let words: Vec<_> = kept.tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words, ["run", "running", "shoe", "shoe", "shoes", "shoes"]);
    }
}
