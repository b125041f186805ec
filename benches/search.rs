//! What our search adds to the index under it: the same questions, asked of ours and put directly to
//! tantivy, on an index of the same 100 000 products such as one makes by hand. How much slower are the slowest of them when
//! the catalogue grows a hundredfold? And what does it cost to make an index?

mod figures;
#[path = "support/wares.rs"]
mod wares;

use std::time::{Duration, Instant};

use bazaar::services::search::{Mark, Search, Terms};
use bazaar::store::FeedPosition;
use criterion::Criterion;
use figures::Figures;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TEXT};
use tantivy::{Index, IndexReader, IndexWriter, Term, doc};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wares::{Question, Spelling, Wares};

/// So many products are taken up at once, as the runtime does.
const TURN: usize = 1_000;
/// So many questions are asked of a catalogue.
const QUESTIONS: u64 = 4_000;
const PAGE: usize = 20;
/// What is gathered in memory before it is written out, as the runtime has it.
const GATHERED: usize = 32 << 20;

/// How large the catalogues are; small ones when nothing is measured.
struct Sizes {
    few: u64,
    usual: u64,
    many: u64,
}

struct Stall {
    search: Search,
    many: u64,
    took: Duration,
    _folder: TempDir,
}

/// The same products in tantivy by itself: titles, and all texts together.
struct ByHand {
    reader: IndexReader,
    title: Field,
    text: Field,
    _folder: TempDir,
}

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let sizes = if measured {
        Sizes {
            few: 10_000,
            usual: 100_000,
            many: 1_000_000,
        }
    } else {
        Sizes {
            few: 100,
            usual: 200,
            many: 300,
        }
    };
    let runtime = Runtime::new().expect("a runtime starts");
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let stall = Stall::of(&runtime, sizes.usual);
    println!(
        "indexing {} products: {:.1} s, wanted 30; resident at most {} MB, wanted 500",
        sizes.usual,
        stall.took.as_secs_f64(),
        resident_mb_max()
    );
    let figures = Figures::default();
    side_by_side(&mut criterion, &figures, &runtime, &stall);
    criterion.final_summary();
    figures.compare("search", "tantivy", Some(0.6));
    drop(stall);
    let few = slowest(&runtime, &Stall::of(&runtime, sizes.few));
    let many = slowest(&runtime, &Stall::of(&runtime, sizes.many));
    println!(
        "p99 of {} products: {few:?}, of {}: {many:?}, {:.2} x, wanted 2",
        sizes.few,
        sizes.many,
        many.as_secs_f64() / few.as_secs_f64()
    );
}

/// All kinds of questions in turn, each asked of the one and of the other.
fn side_by_side(criterion: &mut Criterion, figures: &Figures, runtime: &Runtime, stall: &Stall) {
    let questions: Vec<_> = (0..100).map(|n| Question::by_words(n, stall.many)).collect();
    let ours = |question: &Question| stall.ask(runtime, question);
    let by_hand = ByHand::of(stall.many);
    let theirs = |question: &Question| by_hand.ask(question);
    for question in &questions {
        let (ours, theirs) = (ours(question), theirs(question));
        assert!(ours >= theirs, "{question:?}: {ours} and {theirs}");
    }
    for (name, ask) in [
        ("search", &ours as &dyn Fn(&Question) -> u64),
        ("tantivy", &theirs),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                figures.time(name, times * questions.len() as u64, || {
                    for _ in 0..times {
                        assert!(questions.iter().map(ask).sum::<u64>() > 0, "nothing was found");
                    }
                })
            });
        });
    }
}

/// How long the slowest of a hundred questions takes.
fn slowest(runtime: &Runtime, stall: &Stall) -> Duration {
    let questions = (0..QUESTIONS).map(|n| Question::of_all_kinds(n, stall.many));
    let mut took: Vec<_> = questions
        .map(|question| {
            let began = Instant::now();
            stall.ask(runtime, &question);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

impl Stall {
    fn of(runtime: &Runtime, many: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let search = Search::new(Some(folder.path().to_owned()));
        let began = Instant::now();
        runtime.block_on(async {
            search.begin().await.expect("an index is begun");
            for first in (0..many).step_by(TURN) {
                let entries = Wares::entries(first..many.min(first + TURN as u64));
                let added = search.with(move |catalogue| catalogue.add(&entries));
                added.await.expect("products are taken up");
            }
            let mark = Mark::new(&FeedPosition(Vec::new()), None);
            let kept = search.with(move |catalogue| catalogue.keep(Some(&mark)));
            kept.await.expect("the index is kept");
        });
        search.ready();
        Self {
            search,
            many,
            took: began.elapsed(),
            _folder: folder,
        }
    }

    /// How many are found by our search.
    fn ask(&self, runtime: &Runtime, question: &Question) -> u64 {
        let terms = Terms {
            limit: PAGE,
            ..question.terms.clone()
        };
        let found = runtime.block_on(self.search.find(terms));
        found.expect("an answer").total
    }
}

impl ByHand {
    fn of(many: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut schema = Schema::builder();
        let (title, text) = (
            schema.add_text_field("title", TEXT),
            schema.add_text_field("text", TEXT),
        );
        let index = Index::create_in_dir(folder.path(), schema.build()).expect("an index is begun");
        let mut writer: IndexWriter = index
            .writer_with_num_threads(1, GATHERED)
            .expect("it can be written");
        for entry in Wares::entries(0..many) {
            let (product, _) = entry.for_sale.expect("all are for sale");
            let all = format!("{} {}", product.listing.title, product.listing.description);
            let added = writer.add_document(doc!(title => product.listing.title, text => all));
            added.expect("a product is taken up");
        }
        writer.commit().expect("the index is kept");
        writer.wait_merging_threads().expect("the index is in order");
        Self {
            title,
            text,
            reader: index.reader().expect("the index can be read"),
            _folder: folder,
        }
    }

    /// How many are found, by a query such as one writes it by hand.
    fn ask(&self, question: &Question) -> u64 {
        let words = question.words.iter().map(|(word, spelling)| {
            let anywhere = as_spelt(self.text, word, *spelling);
            let in_title = BoostQuery::new(as_spelt(self.title, word, *spelling), 3.0);
            let either: Vec<Box<dyn Query>> = vec![anywhere, Box::new(in_title)];
            (
                Occur::Must,
                Box::new(BooleanQuery::union(either)) as Box<dyn Query>,
            )
        });
        let query = BooleanQuery::new(words.collect());
        let page = TopDocs::with_limit(PAGE).order_by_score();
        let found = self.reader.searcher().search(&query, &(page, Count));
        found.expect("an answer").1 as u64
    }
}

fn as_spelt(field: Field, word: &str, spelling: Spelling) -> Box<dyn Query> {
    let term = Term::from_field_text(field, word);
    match spelling {
        Spelling::Right => Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
        Spelling::Begun => Box::new(FuzzyTermQuery::new_prefix(term, 0, true)),
        Spelling::Wrong(letters) => Box::new(FuzzyTermQuery::new(term, letters, true)),
    }
}

/// The most memory that this process ever held.
fn resident_mb_max() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kb.unwrap_or_default() / 1_024
}
