//! A question as a query of the index. All of its words have to be found. A word that products use
//! is taken as it stands; one that none uses is taken for those that are spelt like it.

use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Searcher, Term};

use super::schema::Fields;
use super::terms::{Sort, Terms};
use super::vocabulary::Word;

/// So many words of a question are looked at,
pub(super) const WORDS_MAX: usize = 10;
/// and so many of them may be misspelt: looking for those takes by far the most work.
const MISSPELT_MAX: u32 = 4;
/// The last word may be the start of one, from so many letters on.
const START_LETTERS_MIN: usize = 2;
/// A word of so many letters may have one wrong,
const ONE_WRONG: usize = 4;
/// and one of so many may have two.
const TWO_WRONG: usize = 8;

/// What a word counts by where it is found: in the title, in the category, anywhere.
const WHOLE: [Score; 3] = [12.0, 6.0, 4.0];
const STARTED: [Score; 2] = [9.0, 3.0];
const ONE_OFF: [Score; 2] = [8.0, 2.0];
const TWO_OFF: [Score; 2] = [5.0, 1.0];

/// The words of a question, and which of them are taken for misspelt ones.
pub(super) struct Wording<'a> {
    pub(super) fields: &'a Fields,
    pub(super) words: &'a [Word],
    /// A bit for each word.
    pub(super) misspelt: u16,
}

impl Wording<'_> {
    /// Which words no product uses.
    pub(super) fn unknown(&self, searcher: &Searcher) -> tantivy::Result<u16> {
        let mut unknown = 0;
        for (n, word) in self.words.iter().enumerate() {
            let known =
                self.is_used(searcher, word)? || (self.is_last(n) && self.is_begun(searcher, word)?);
            if !known {
                unknown |= 1 << n;
            }
        }
        Ok(unknown)
    }

    /// All words.
    pub(super) fn all(&self) -> u16 {
        self.words.iter().fold(0, |all, _| all << 1 | 1)
    }

    /// What finds the products that are wanted.
    pub(super) fn query(&self, terms: &Terms) -> Box<dyn Query> {
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for n in 0..self.words.len() {
            parts.push((Occur::Must, self.word(n)));
        }
        for filter in self.filters(terms) {
            // What is filtered by adds nothing to what words count.
            let filter = ConstScoreQuery::new(filter, 0.0);
            parts.push((Occur::Must, Box::new(filter)));
        }
        if parts.is_empty() {
            return Box::new(AllQuery);
        }
        Box::new(BooleanQuery::new(parts))
    }

    fn word(&self, n: usize) -> Box<dyn Query> {
        let (fields, word) = (self.fields, &self.words[n]);
        let mut ways = Vec::new();
        for (field, score) in [fields.title, fields.shelf, fields.words].into_iter().zip(WHOLE) {
            ways.push((either(field, word), score));
        }
        let anywhere = [fields.title, fields.words];
        if self.is_last(n) && word.plain.chars().count() >= START_LETTERS_MIN {
            for (field, score) in anywhere.into_iter().zip(STARTED) {
                let term = Term::from_field_text(field, &word.plain);
                ways.push((Box::new(FuzzyTermQuery::new_prefix(term, 0, false)) as _, score));
            }
        }
        for (wrong, scores) in self.mistakes(n).zip([ONE_OFF, TWO_OFF]) {
            for (field, score) in anywhere.into_iter().zip(scores) {
                let term = Term::from_field_text(field, &word.plain);
                ways.push((Box::new(FuzzyTermQuery::new(term, wrong, true)) as _, score));
            }
        }
        let ways = ways.into_iter();
        let ways = ways.map(|(way, score)| Box::new(ConstScoreQuery::new(way, score)) as Box<dyn Query>);
        Box::new(DisjunctionMaxQuery::new(ways.collect()))
    }

    /// How many letters of a word may be wrong: none, one, or one and then two.
    fn mistakes(&self, n: usize) -> std::ops::RangeInclusive<u8> {
        let before = self.misspelt & ((1 << n) - 1);
        let taken = self.misspelt & (1 << n) != 0 && before.count_ones() < MISSPELT_MAX;
        let letters = self.words[n].plain.chars().count();
        1..=u8::from(taken && letters >= ONE_WRONG) + u8::from(taken && letters >= TWO_WRONG)
    }

    fn is_last(&self, n: usize) -> bool {
        n + 1 == self.words.len()
    }

    fn is_used(&self, searcher: &Searcher, word: &Word) -> tantivy::Result<bool> {
        for text in [&word.plain, &word.stem] {
            if searcher.doc_freq(&Term::from_field_text(self.fields.words, text))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether some word starts so.
    fn is_begun(&self, searcher: &Searcher, word: &Word) -> tantivy::Result<bool> {
        let start = word.plain.as_bytes();
        if word.plain.chars().count() < START_LETTERS_MIN {
            return Ok(false);
        }
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(self.fields.words)?;
            let mut terms = index.terms().range().ge(start).into_stream()?;
            if terms.advance() && terms.key().starts_with(start) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn filters(&self, terms: &Terms) -> Vec<Box<dyn Query>> {
        let fields = self.fields;
        let mut filters: Vec<Box<dyn Query>> = Vec::new();
        let seller = terms.seller.map(|seller| seller.to_string());
        let currency = terms.currency.map(|currency| currency.code().to_owned());
        let texts = [
            (fields.category, &terms.category),
            (fields.seller, &seller),
            (fields.currency, &currency),
        ];
        for (field, text) in texts {
            let term = text.as_ref().map(|text| Term::from_field_text(field, text));
            filters.extend(term.map(exactly));
        }
        let in_stock = terms
            .in_stock
            .map(|so| Term::from_field_u64(fields.in_stock, u64::from(so)));
        filters.extend(in_stock.map(exactly));
        if terms.least.is_some() || terms.most.is_some() {
            let bound = |price: Option<i64>| match price {
                Some(price) => Bound::Included(Term::from_field_i64(fields.price, price)),
                None => Bound::Unbounded,
            };
            filters.push(Box::new(RangeQuery::new(bound(terms.least), bound(terms.most))));
        }
        filters
    }
}

impl Sort {
    /// The order of a question without words, in which nothing fits better than something else.
    pub(super) fn without_words(self) -> Self {
        match self {
            Self::Relevance => Self::Newest,
            other => other,
        }
    }
}

fn exactly(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn either(field: Field, word: &Word) -> Box<dyn Query> {
    let plain = exactly(Term::from_field_text(field, &word.plain));
    if word.stem == word.plain {
        return plain;
    }
    let stem = exactly(Term::from_field_text(field, &word.stem));
    Box::new(BooleanQuery::union(vec![plain, stem]))
}
