//! The order of what is found, and the part of it that is wanted. A product's rank is made of
//! itself and the question alone, never of the other products, as the usual weighing of rare
//! against frequent words would: so a place in the order stays one while products are added.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::ColumnValues;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::schema::{column, id_in};
use super::terms::Sort;
use crate::domain::id::Id;

/// The place of a product in an order: what ranks higher comes first, and among what is alike the
/// newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) primary: u64,
    pub(super) created: u64,
    pub(super) id: Id,
}

/// Counts all that is found and keeps the highest of what comes after a place.
pub(super) struct Ranking {
    pub(super) sort: Sort,
    pub(super) after: Option<Rank>,
    pub(super) keep: usize,
}

/// The same for one part of the index.
pub(super) struct SegmentRanking {
    primary: Primary,
    created: Arc<dyn ColumnValues<i64>>,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    after: Option<Rank>,
    keep: usize,
    best: BinaryHeap<Reverse<Rank>>,
    count: u64,
}

enum Primary {
    Score,
    Ascending(Arc<dyn ColumnValues<i64>>),
    Descending(Arc<dyn ColumnValues<i64>>),
}

impl Collector for Ranking {
    type Fruit = (u64, Vec<Rank>);
    type Child = SegmentRanking;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentRanking> {
        let columns = segment.fast_fields();
        let number = |name| Ok::<_, tantivy::TantivyError>(columns.u64(name)?.first_or_default_col(0));
        let signed = |name| Ok::<_, tantivy::TantivyError>(columns.i64(name)?.first_or_default_col(0));
        let primary = match self.sort {
            Sort::Relevance => Primary::Score,
            Sort::Newest => Primary::Descending(signed(column::CREATED)?),
            Sort::Cheapest => Primary::Ascending(signed(column::PRICE)?),
            Sort::Dearest => Primary::Descending(signed(column::PRICE)?),
        };
        Ok(SegmentRanking {
            primary,
            created: signed(column::CREATED)?,
            id_high: number(column::ID_HIGH)?,
            id_low: number(column::ID_LOW)?,
            after: self.after,
            keep: self.keep,
            best: BinaryHeap::new(),
            count: 0,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<Self::Fruit>) -> tantivy::Result<Self::Fruit> {
        let count = fruits.iter().map(|(count, _)| count).sum();
        let mut best: Vec<_> = fruits.into_iter().flat_map(|(_, best)| best).collect();
        best.sort_unstable_by_key(|rank| Reverse(*rank));
        best.truncate(self.keep);
        Ok((count, best))
    }
}

impl SegmentCollector for SegmentRanking {
    type Fruit = (u64, Vec<Rank>);

    fn collect(&mut self, product: DocId, score: Score) {
        self.count += 1;
        let primary = self.primary.of(product, score);
        let full = self.best.len() >= self.keep;
        let lowest = self.best.peek().map(|Reverse(lowest)| *lowest).filter(|_| full);
        // The rest is read only of those that may be among the best.
        if lowest.is_some_and(|lowest| primary < lowest.primary)
            || self.after.is_some_and(|after| primary > after.primary)
        {
            return;
        }
        let id = id_in(self.id_high.get_val(product), self.id_low.get_val(product));
        let created = in_order(self.created.get_val(product));
        let rank = Rank { primary, created, id };
        if self.after.is_some_and(|after| rank >= after) || lowest.is_some_and(|lowest| rank < lowest) {
            return;
        }
        if full {
            self.best.pop();
        }
        self.best.push(Reverse(rank));
    }

    fn harvest(self) -> Self::Fruit {
        let best = self.best.into_iter().map(|Reverse(rank)| rank);
        (self.count, best.collect())
    }
}

impl Primary {
    fn of(&self, product: DocId, score: Score) -> u64 {
        match self {
            Self::Score => score_in_order(score),
            Self::Ascending(column) => !in_order(column.get_val(product)),
            Self::Descending(column) => in_order(column.get_val(product)),
        }
    }
}

/// Scores are small whole numbers, so that no sum of them depends on its order.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is a small whole number"
)]
fn score_in_order(score: Score) -> u64 {
    score as u64
}

/// A number that sorts as the signed one does.
fn in_order(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}
