//! The columns of the parts of an index, kept open: to open one is to read the head of every few
//! hundred products, which for a large part costs more than the question itself.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tantivy::columnar::ColumnValues;
use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use super::schema::column;

/// What is read of the products of one part.
pub(super) struct Columns {
    pub(super) created: Arc<dyn ColumnValues<i64>>,
    pub(super) price: Arc<dyn ColumnValues<i64>>,
    pub(super) in_stock: Arc<dyn ColumnValues<u64>>,
    pub(super) version: Arc<dyn ColumnValues<u64>>,
    pub(super) id_high: Arc<dyn ColumnValues<u64>>,
    pub(super) id_low: Arc<dyn ColumnValues<u64>>,
}

/// Those of all parts that were asked lately. A part never changes; only who is gone from it does.
#[derive(Default)]
pub(super) struct Opened(Mutex<HashMap<SegmentId, Arc<Columns>>>);

impl Opened {
    /// Those of every part that is searched, in its order.
    pub(super) fn of(&self, searcher: &Searcher) -> tantivy::Result<Vec<Arc<Columns>>> {
        let mut opened = self.0.lock();
        let mut all = Vec::with_capacity(searcher.segment_readers().len());
        for part in searcher.segment_readers() {
            let columns = match opened.get(&part.segment_id()) {
                Some(columns) => Arc::clone(columns),
                None => Arc::new(Columns::of(part)?),
            };
            all.push(columns);
        }
        let is_known = |part: &SegmentReader| opened.contains_key(&part.segment_id());
        if opened.len() != all.len() || !searcher.segment_readers().iter().all(is_known) {
            let ids = searcher.segment_readers().iter().map(SegmentReader::segment_id);
            *opened = ids.zip(all.iter().cloned()).collect();
        }
        Ok(all)
    }
}

impl Columns {
    fn of(part: &SegmentReader) -> tantivy::Result<Self> {
        let columns = part.fast_fields();
        let number = |name| Ok::<_, tantivy::TantivyError>(columns.u64(name)?.first_or_default_col(0));
        let signed = |name| Ok::<_, tantivy::TantivyError>(columns.i64(name)?.first_or_default_col(0));
        Ok(Self {
            created: signed(column::CREATED)?,
            price: signed(column::PRICE)?,
            in_stock: number(column::IN_STOCK)?,
            version: number(column::VERSION)?,
            id_high: number(column::ID_HIGH)?,
            id_low: number(column::ID_LOW)?,
        })
    }
}
