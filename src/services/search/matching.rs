//! A word of a question as a query of the index: it finds the products that have the word, one that
//! begins with it, or one that is spelt like it, and each counts by the best of what it has.
//!
//! All words of a product are in one field, and how often one is in it tells where the product has
//! it. So everything about a word is known from one walk through the words and one through those who
//! have them.

use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings, TermInfo};
use tantivy::query::{
    BitSetDocSet, DfaWrapper, EmptyScorer, EnableScoring, Explanation, FuzzyTermQuery, Query, Scorer, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TantivyError, Term};

use super::schema::TEXTS;
use super::vocabulary::Word;

/// What a word counts by where a product has it: in any text, in its category, in its title.
type Counts = [u8; TEXTS];
/// The word itself, in whatever number,
const WHOLE: Counts = [4, 6, 12];
/// one that begins with it,
const STARTED: Counts = [3, 3, 9];
/// and one with a letter wrong or with two.
const OFF: [Counts; 2] = [[2, 2, 8], [1, 1, 5]];

/// What is wanted of a word.
#[derive(Debug, Clone)]
pub(super) struct Matching {
    pub(super) field: Field,
    pub(super) word: Word,
    /// It may be no more than the start of one.
    pub(super) start: bool,
    /// So many of its letters may be wrong.
    pub(super) wrong: u8,
}

struct Matcher {
    wanted: Matching,
    /// Each knows words with so many letters wrong, and what those count.
    alike: Vec<(DfaWrapper, Counts)>,
}

/// Those who have a word that is the only one of its kind.
struct Only {
    having: SegmentPostings,
    counts: Counts,
    boost: Score,
}

/// Those who have any of several words.
struct Any {
    having: BitSetDocSet,
    best: Vec<u8>,
    boost: Score,
}

impl Query for Matching {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let Word { plain, stem } = &self.word;
        // The misspelt plural of a word is taken for the word as well.
        let spelt = [Some(plain), Some(stem).filter(|stem| *stem != plain)];
        let mut alike = Vec::new();
        for text in spelt.into_iter().flatten() {
            for (wrong, counts) in (1..=self.wrong).zip(OFF) {
                let term = Term::from_field_text(self.field, text);
                alike.push((FuzzyTermQuery::new(term, wrong, true).automaton()?, counts));
            }
        }
        Ok(Box::new(Matcher {
            wanted: self.clone(),
            alike,
        }))
    }
}

impl Weight for Matcher {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let index = segment.inverted_index(self.wanted.field)?;
        let found = self.words(&index)?;
        match &found[..] {
            [] => Ok(Box::new(EmptyScorer)),
            [(info, counts)] => Ok(Box::new(Only {
                having: index.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?,
                counts: *counts,
                boost,
            })),
            many => Ok(Box::new(Any::of(&index, segment.max_doc(), many, boost)?)),
        }
    }

    fn explain(&self, segment: &SegmentReader, product: DocId) -> tantivy::Result<Explanation> {
        let mut having = self.scorer(segment, 1.0)?;
        if having.seek(product) != product {
            let none = "the product has no such word".to_owned();
            return Err(TantivyError::InvalidArgument(none));
        }
        Ok(Explanation::new("the best of the words like it", having.score()))
    }
}

impl Matcher {
    /// The words of an index that will do, and what each counts. One may be among them twice.
    fn words(&self, index: &InvertedIndexReader) -> tantivy::Result<Vec<(TermInfo, Counts)>> {
        let (words, Word { plain, stem }) = (index.terms(), &self.wanted.word);
        let mut found = Vec::new();
        found.extend(words.get(plain)?.map(|info| (info, WHOLE)));
        if stem != plain {
            found.extend(words.get(stem)?.map(|info| (info, WHOLE)));
        }
        if self.wanted.start {
            let mut from_there = words.range().gt(plain).into_stream()?;
            while from_there.advance() && from_there.key().starts_with(plain.as_bytes()) {
                found.push((from_there.value().clone(), STARTED));
            }
        }
        for (alike, counts) in &self.alike {
            let mut alike = words.search(alike).into_stream()?;
            while alike.advance() {
                found.push((alike.value().clone(), *counts));
            }
        }
        Ok(found)
    }
}

impl Any {
    fn of(
        index: &InvertedIndexReader,
        products: DocId,
        words: &[(TermInfo, Counts)],
        boost: Score,
    ) -> tantivy::Result<Self> {
        let mut any = BitSet::with_max_value(products);
        let mut best: Vec<u8> = vec![0; products as usize];
        // One and the same is used for all words: there may be hundreds, and it is large.
        let mut block = BlockSegmentPostings::empty();
        for (n, (info, counts)) in words.iter().enumerate() {
            if n == 0 {
                block = index.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            } else {
                index.reset_block_postings_from_terminfo(info, &mut block)?;
            }
            while block.block_len() > 0 {
                for (product, times) in block.docs().iter().zip(block.freqs()) {
                    let best = &mut best[*product as usize];
                    *best = counts[place(*times)].max(*best);
                    any.insert(*product);
                }
                block.advance();
            }
        }
        let having = any.into();
        Ok(Self { having, best, boost })
    }
}

/// Where a product has a word that it has so many times.
fn place(times: u32) -> usize {
    (times as usize).clamp(1, TEXTS) - 1
}

impl DocSet for Only {
    fn advance(&mut self) -> DocId {
        self.having.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.having.seek(target)
    }

    fn doc(&self) -> DocId {
        self.having.doc()
    }

    fn size_hint(&self) -> u32 {
        self.having.size_hint()
    }
}

impl Scorer for Only {
    fn score(&mut self) -> Score {
        Score::from(self.counts[place(self.having.term_freq())]) * self.boost
    }
}

impl DocSet for Any {
    fn advance(&mut self) -> DocId {
        self.having.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.having.seek(target)
    }

    fn doc(&self) -> DocId {
        self.having.doc()
    }

    fn size_hint(&self) -> u32 {
        self.having.size_hint()
    }
}

impl Scorer for Any {
    fn score(&mut self) -> Score {
        Score::from(self.best[self.having.doc() as usize]) * self.boost
    }
}
