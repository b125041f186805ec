//! Products without end, the same in every run, and the questions that people ask about them.

use std::ops::Range;

use bazaar::domain::id::Id;
use bazaar::domain::money::{Currency, Money};
use bazaar::domain::product::{Listing, Product, Rating};
use bazaar::domain::time::Timestamp;
use bazaar::services::search::{Entry, Sort, Terms};

const BEGINNINGS: [&str; 20] = [
    "bar", "cor", "dal", "fen", "gor", "hul", "jas", "kem", "lor", "mur", "nal", "pel", "quin", "rus", "sab",
    "tor", "vul", "wen", "yar", "zim",
];
const MIDDLES: [&str; 10] = ["ba", "cu", "di", "fo", "gi", "lo", "mu", "ne", "pa", "to"];
const ENDS: [&str; 10] = [
    "rak", "lon", "tor", "bik", "zan", "mop", "dul", "fik", "gat", "nop",
];
/// So many nouns are there to name a product,
const NOUNS: u64 = 2_000;
/// so many words for the kind of it,
const KINDS: u64 = 300;
/// and so many words to describe one.
const WORDS: u64 = 20_000;
const WORDS_EACH: u64 = 20;
/// A word of so many letters may have two wrong, and still has enough of them with one left out.
const LONG: usize = 9;
const CATEGORIES: u64 = 40;
const SELLERS: u64 = 200;

/// The products of a stall.
pub(crate) struct Wares;

/// What somebody asks.
#[derive(Debug)]
pub(crate) struct Question {
    /// As our search is asked.
    pub(crate) terms: Terms,
    /// The words by themselves, each as it has to be looked for.
    pub(crate) words: Vec<(String, Spelling)>,
}

/// How a word is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spelling {
    /// As it should be.
    Right,
    /// Its first letters.
    Begun,
    /// With so many letters wrong.
    Wrong(u8),
}

impl Wares {
    /// Some of the products.
    pub(crate) fn entries(numbers: Range<u64>) -> Vec<Entry> {
        numbers.map(entry).collect()
    }
}

impl Question {
    /// After one of so many products, by words alone: right, misspelt and begun.
    pub(crate) fn by_words(number: u64, of: u64) -> Self {
        let (kind, noun) = words_of(chance(number, 90) % of);
        let words = match number % 4 {
            0 => vec![(kind, Spelling::Right), (noun, Spelling::Right)],
            1 => vec![(kind, Spelling::Right), misspelt(&noun)],
            2 => vec![(kind, Spelling::Right), (noun[..5].to_owned(), Spelling::Begun)],
            _ => vec![(noun, Spelling::Right)],
        };
        let texts: Vec<_> = words.iter().map(|(word, _)| word.as_str()).collect();
        let terms = Terms {
            text: Some(texts.join(" ")),
            sort: Sort::Relevance,
            ..Terms::default()
        };
        Self { terms, words }
    }

    /// The same, and every third with something to filter or to order by.
    pub(crate) fn of_all_kinds(number: u64, of: u64) -> Self {
        let question = Self::by_words(number / 3, of);
        let terms = match number % 6 {
            1 => Terms {
                most: Some(50_000),
                in_stock: Some(true),
                ..question.terms
            },
            4 => Terms {
                sort: Sort::Cheapest,
                ..question.terms
            },
            _ => question.terms,
        };
        Self { terms, ..question }
    }
}

fn entry(number: u64) -> Entry {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let (kind, noun) = words_of(number);
    let described = (0..WORDS_EACH).map(|n| word(chance(number, n) % WORDS));
    let at = Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap_or(0));
    let minor = 100 + i64::try_from(chance(number, 95) % 100_000).unwrap_or(0);
    let product = Product {
        id: Id::from_bytes(bytes),
        seller: Id::from_bytes([u8::try_from(chance(number, 96) % SELLERS).unwrap_or(0); 12]),
        listing: Listing {
            title: format!("{kind} {noun}"),
            description: described.collect::<Vec<_>>().join(" "),
            price: Money::of_minor(minor, Currency::Inr),
            category: Some(format!("Category {}", chance(number, 97) % CATEGORIES)),
            images: Vec::new(),
        },
        created_at: at,
        updated_at: at,
        retired: false,
        rating: Rating::default(),
        reviewed: std::collections::BTreeSet::new(),
    };
    Entry {
        id: product.id,
        for_sale: Some((product, 1)),
        in_stock: !number.is_multiple_of(10),
    }
}

/// What a product is called: of which kind, and what.
fn words_of(number: u64) -> (String, String) {
    let kind = word(chance(number, 98) % KINDS * 10 + 3);
    (kind, word(chance(number, 99) % NOUNS * 10 + 7))
}

fn word(number: u64) -> String {
    let pick = |of: &[&'static str], number: u64| of[usize::try_from(number).unwrap_or(0) % of.len()];
    let (first, rest) = (pick(&BEGINNINGS, number), number / 20);
    let (second, rest) = (pick(&MIDDLES, rest), rest / 10);
    let (third, rest) = (pick(&ENDS, rest), rest / 10);
    format!(
        "{first}{second}{third}{}",
        pick(&["", "ba", "co", "de", "fu", "ga", "ho", "ki", "lu", "my"], rest)
    )
}

/// With two neighbours changed about, and a long one with a letter left out as well.
fn misspelt(word: &str) -> (String, Spelling) {
    let mut letters: Vec<char> = word.chars().collect();
    letters.swap(2, 3);
    let mut wrong = 1;
    if letters.len() >= LONG {
        letters.remove(5);
        wrong = 2;
    }
    (letters.into_iter().collect(), Spelling::Wrong(wrong))
}

/// Something that looks like chance, and is the same in every run.
fn chance(number: u64, of: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ of.wrapping_mul(0xD1B5_4A32_D192_ED03);
    mixed ^= mixed >> 29;
    mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 32)
}
