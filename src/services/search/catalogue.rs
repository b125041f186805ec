//! An index of products: what is written to it, and what is asked of it.

use std::fs::File;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tantivy::collector::Count;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::query::AllQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Index, IndexReader, IndexWriter, Searcher, SegmentReader, TERMINATED, Term};

use super::columns::{Columns, Opened};
use super::page::{Page, Place};
use super::ranking::{Rank, Ranking};
use super::schema::{Fields, VERSION};
use super::terms::Terms;
use super::vocabulary::{Vocabulary, Word};
use super::wording::{WORDS_MAX, Wording};
use crate::domain::id::Id;
use crate::domain::product::Product;
use crate::store::{FeedPosition, Version};

/// What may be gathered in memory before it is written out.
const GATHERED_BYTES: usize = 32 << 20;

/// So many parts of like size become one.
const PARTS_MERGED: usize = 4;
/// A part of which more than this share was replaced is written anew.
const REPLACED_MAX: f32 = 0.3;

/// An index that is open.
pub struct Catalogue {
    pub(super) fields: Fields,
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    pub(super) columns: Opened,
    /// Made when there is something to write: it has threads and memory of its own.
    pub(super) writer: Mutex<Option<IndexWriter>>,
    /// Says to other processes that the folder is taken, as long as it is open.
    pub(super) _taken: Option<File>,
}

/// A product as it is now, or that it is not for sale.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// What it is; nothing when it is not for sale.
    pub for_sale: Option<(Product, Version)>,
    /// Whether some of it can be bought.
    pub in_stock: bool,
}

/// Written with what it is about, in the same step: up to where in the feed of events an index
/// knows what happened. An index without one was never finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    schema: u32,
    position: String,
    /// An event of the store that it was made from, by which that one is known again.
    pub event: Option<String>,
}

impl Mark {
    /// Up to this position of a feed in which there is this event.
    #[must_use]
    pub fn new(FeedPosition(position): &FeedPosition, event: Option<String>) -> Self {
        Self {
            schema: VERSION,
            position: hex::encode(position),
            event,
        }
    }

    /// The position.
    #[must_use]
    pub fn position(&self) -> FeedPosition {
        FeedPosition(hex::decode(&self.position).unwrap_or_default())
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let mark: Self = serde_json::from_str(text).ok()?;
        (mark.schema == VERSION).then_some(mark)
    }
}

impl Catalogue {
    /// How many products are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Takes up products that it does not know yet. They are found after the next [`Self::keep`].
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&self, entries: &[Entry]) -> tantivy::Result<()> {
        self.writing(|writer| {
            let mut vocabulary = Vocabulary::default();
            for entry in entries {
                self.put(writer, &mut vocabulary, entry)?;
            }
            Ok(())
        })
    }

    /// Brings products up to date, and says whether anything was different about them.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub fn refresh(&self, entries: &[Entry]) -> tantivy::Result<bool> {
        let searcher = self.reader.searcher();
        let columns = self.columns.of(&searcher)?;
        let mut different = Vec::new();
        for entry in entries {
            let now = entry
                .for_sale
                .as_ref()
                .map(|(_, version)| (*version, entry.in_stock));
            if self.known(&searcher, &columns, entry.id)? != now {
                different.push(entry);
            }
        }
        if different.is_empty() {
            return Ok(false);
        }
        self.writing(|writer| {
            let mut vocabulary = Vocabulary::default();
            for entry in different {
                writer.delete_term(self.fields.name(entry.id));
                self.put(writer, &mut vocabulary, entry)?;
            }
            Ok(true)
        })
    }

    /// Makes what was written durable, together with the mark or else with the one before it, and
    /// has it found from now on.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, mark: Option<&Mark>) -> tantivy::Result<()> {
        let mark = match mark {
            Some(mark) => Some(serde_json::to_string(mark).map_err(std::io::Error::other)?),
            None => self.index.load_metas()?.payload,
        };
        self.writing(|writer| {
            let mut commit = writer.prepare_commit()?;
            if let Some(mark) = &mark {
                commit.set_payload(mark);
            }
            commit.commit()?;
            Ok(())
        })?;
        self.reader.reload()
    }

    /// Whether anything was written to it since it was opened.
    #[must_use]
    pub fn was_written_to(&self) -> bool {
        self.writer.lock().is_some()
    }

    /// The products that are wanted.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn find(&self, terms: &Terms) -> tantivy::Result<Page> {
        let searcher = self.reader.searcher();
        let words = match &terms.text {
            Some(text) => Vocabulary::default().asked(text, WORDS_MAX),
            None => Vec::new(),
        };
        if terms.text.is_some() && words.is_empty() {
            return Ok(Page::default()); // nothing but signs: there is no word to be found
        }
        if let Some(Place { misspelt, .. }) = terms.after {
            return self.find_as(&searcher, terms, &words, misspelt);
        }
        let wording = self.wording(&words, 0);
        let misspelt = wording.unknown(&searcher)?;
        let page = self.find_as(&searcher, terms, &words, misspelt)?;
        let all = wording.all();
        if page.total > 0 || misspelt == all {
            return Ok(page);
        }
        let unfiltered = self.find_as(&searcher, &terms.words_alone(), &words, misspelt)?;
        if unfiltered.total > 0 {
            return Ok(page); // the words are right, and what has them is not wanted
        }
        // Every word is one that products use, and yet no product uses them together.
        self.find_as(&searcher, terms, &words, all)
    }

    fn find_as(
        &self,
        searcher: &Searcher,
        terms: &Terms,
        words: &[Word],
        misspelt: u16,
    ) -> tantivy::Result<Page> {
        let wording = self.wording(words, misspelt);
        let query = wording.query(terms);
        let ranking = Ranking {
            only: wording.looked_at(terms),
            sort: if words.is_empty() {
                terms.sort.without_words()
            } else {
                terms.sort
            },
            after: terms.after.map(|after| after.rank),
            // One more than asked for tells whether there is a next part.
            keep: terms.skip.saturating_add(terms.limit).saturating_add(1),
            columns: self.columns.of(searcher)?,
        };
        let (total, ranks) = searcher.search(&query, &ranking)?;
        let wanted: Vec<Rank> = ranks.iter().skip(terms.skip).take(terms.limit).copied().collect();
        let more = ranks.len() == ranking.keep;
        let last = wanted.last().filter(|_| more);
        Ok(Page {
            next: last.map(|rank| Place {
                rank: *rank,
                misspelt,
            }),
            ids: wanted.into_iter().map(|rank| rank.id).collect(),
            total,
        })
    }

    fn wording<'a>(&'a self, words: &'a [Word], misspelt: u16) -> Wording<'a> {
        Wording {
            fields: &self.fields,
            words,
            misspelt,
        }
    }

    /// Every category by its name, with how many products stand in it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn categories(&self) -> tantivy::Result<Vec<(String, u64)>> {
        let mut categories = std::collections::BTreeMap::<String, u64>::new();
        for segment in self.reader.searcher().segment_readers() {
            let index = segment.inverted_index(self.fields.category)?;
            let mut names = index.terms().stream()?;
            while names.advance() {
                let name = String::from_utf8_lossy(names.key()).into_owned();
                let mut many = names.value().doc_freq;
                if let Some(alive) = segment.alive_bitset() {
                    let info = names.value();
                    let products = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                    many = products.doc_freq_given_deletes(alive);
                }
                if many > 0 {
                    *categories.entry(name).or_default() += u64::from(many);
                }
            }
        }
        Ok(categories.into_iter().collect())
    }

    /// The version of a product and whether it was in stock, as the index has it.
    fn known(
        &self,
        searcher: &Searcher,
        columns: &[Arc<Columns>],
        id: Id,
    ) -> tantivy::Result<Option<(Version, bool)>> {
        let name = self.fields.name(id);
        for (segment, columns) in searcher.segment_readers().iter().zip(columns) {
            if let Some(found) = only(segment, &name)? {
                let in_stock = columns.in_stock.get_val(found) > 0;
                return Ok(Some((columns.version.get_val(found), in_stock)));
            }
        }
        Ok(None)
    }

    fn put(&self, writer: &IndexWriter, vocabulary: &mut Vocabulary, entry: &Entry) -> tantivy::Result<()> {
        if let Some((product, version)) = &entry.for_sale {
            let document = self
                .fields
                .document(vocabulary, product, (*version, entry.in_stock));
            writer.add_document(document)?;
        }
        Ok(())
    }

    fn writing<T>(&self, work: impl FnOnce(&mut IndexWriter) -> tantivy::Result<T>) -> tantivy::Result<T> {
        let mut writer = self.writer.lock();
        let writer = match &mut *writer {
            Some(writer) => writer,
            none => none.insert(self.writer()?),
        };
        work(writer)
    }

    fn writer(&self) -> tantivy::Result<IndexWriter> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(GATHERED_BYTES)
            .build();
        let writer = self.index.writer_with_options(options)?;
        let mut merging = LogMergePolicy::default();
        // Every part has to be asked, and a product that was changed lies in the old one as well.
        merging.set_min_num_segments(PARTS_MERGED);
        merging.set_del_docs_ratio_before_merge(REPLACED_MAX);
        writer.set_merge_policy(Box::new(merging));
        Ok(writer)
    }

    /// Whether every part of it can be read.
    pub(super) fn is_sound(&self) -> bool {
        let all = self.reader.searcher().search(&AllQuery, &Count);
        let damaged = self.index.validate_checksum();
        all.is_ok() && damaged.is_ok_and(|damaged| damaged.is_empty())
    }
}

/// The product in a segment that has this term, if it is still there.
fn only(segment: &SegmentReader, term: &Term) -> tantivy::Result<Option<DocId>> {
    let index = segment.inverted_index(term.field())?;
    let Some(mut found) = index.read_postings(term, IndexRecordOption::Basic)? else {
        return Ok(None);
    };
    while found.doc() != TERMINATED {
        if !segment.is_deleted(found.doc()) {
            return Ok(Some(found.doc()));
        }
        found.advance();
    }
    Ok(None)
}
