//! A question as a query of the index. All of its words have to be found. A word that products use
//! is taken as it stands; one that none uses is taken for those that are spelt like it.

use std::ops::Bound;

use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use super::matching::Matching;
use super::ranking::Only;
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

    /// What is wanted besides the query.
    pub(super) fn looked_at(&self, terms: &Terms) -> Only {
        if self.words.is_empty() {
            return Only::default();
        }
        Only {
            least: terms.least,
            most: terms.most,
            in_stock: terms.in_stock,
        }
    }

    fn word(&self, n: usize) -> Box<dyn Query> {
        let word = self.words[n].clone();
        Box::new(Matching {
            field: self.fields.words,
            start: self.is_last(n) && word.plain.chars().count() >= START_LETTERS_MIN,
            wrong: self.wrong(n),
            word,
        })
    }

    /// How many letters of a word may be wrong: none, one or two.
    fn wrong(&self, n: usize) -> u8 {
        let before = self.misspelt & ((1 << n) - 1);
        let taken = self.misspelt & (1 << n) != 0 && before.count_ones() < MISSPELT_MAX;
        let letters = self.words[n].plain.chars().count();
        u8::from(taken && letters >= ONE_WRONG) + u8::from(taken && letters >= TWO_WRONG)
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
        if !self.words.is_empty() {
            return filters; // the rest is looked at in what the words have found
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
