//! The order of what is found, and the part of it that is wanted. A product's rank is made of
//! itself and the question alone, never of the other products, as the usual weighing of rare
//! against frequent words would: so a place in the order stays one while products are added.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::ColumnValues;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::columns::Columns;
use super::schema::id_in;
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
    pub(super) only: Only,
    pub(super) after: Option<Rank>,
    pub(super) keep: usize,
    /// Of every part of the index.
    pub(super) columns: Vec<Arc<Columns>>,
}

/// What is looked at in every product that is found, and passed over if it is not so. Where words
/// have found the few that it may be, this costs less than a query that knows all products.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Only {
    pub(super) least: Option<i64>,
    pub(super) most: Option<i64>,
    pub(super) in_stock: Option<bool>,
}

/// The same for one part of the index.
pub(super) struct SegmentRanking {
    primary: Primary,
    only: Only,
    columns: Arc<Columns>,
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

    fn for_segment(&self, part: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<SegmentRanking> {
        let columns = Arc::clone(&self.columns[part as usize]);
        let primary = match self.sort {
            Sort::Relevance => Primary::Score,
            Sort::Newest => Primary::Descending(Arc::clone(&columns.created)),
            Sort::Cheapest => Primary::Ascending(Arc::clone(&columns.price)),
            Sort::Dearest => Primary::Descending(Arc::clone(&columns.price)),
        };
        Ok(SegmentRanking {
            primary,
            only: self.only,
            columns,
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
        if self.is_passed_over(product) {
            return;
        }
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
        let columns = &self.columns;
        let id = id_in(columns.id_high.get_val(product), columns.id_low.get_val(product));
        let created = in_order(columns.created.get_val(product));
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

impl SegmentRanking {
    fn is_passed_over(&self, product: DocId) -> bool {
        let Only {
            least,
            most,
            in_stock,
        } = self.only;
        let price = || self.columns.price.get_val(product);
        least.is_some_and(|least| price() < least)
            || most.is_some_and(|most| price() > most)
            || in_stock.is_some_and(|so| (self.columns.in_stock.get_val(product) > 0) != so)
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
