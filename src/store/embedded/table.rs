//! Rows of one kind. All kinds lie in one keyspace of the database, told apart by how their keys
//! start: a keyspace costs some twenty syncs when it is made, and a first start would wait for
//! each of them.

use std::ops::Bound;
use std::sync::Arc;

use fjall::{Guard, Iter, Keyspace, OwnedWriteBatch as WriteBatch, Readable, Slice, Snapshot};

/// A stretch of keys.
pub(super) type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

#[derive(Clone)]
pub(super) struct Table {
    rows: Keyspace,
    /// The name and a zero, which no name holds: no table's keys start as another's do.
    start: Arc<[u8]>,
}

impl Table {
    pub(super) fn new(rows: &Keyspace, name: &str) -> Self {
        Self {
            rows: rows.clone(),
            start: [name.as_bytes(), &[0]].concat().into(),
        }
    }

    pub(super) fn get(&self, key: &[u8]) -> fjall::Result<Option<Slice>> {
        self.rows.get(self.full(key))
    }

    pub(super) fn holds(&self, key: &[u8]) -> fjall::Result<bool> {
        self.rows.contains_key(self.full(key))
    }

    /// The row as a snapshot has it.
    pub(super) fn read(&self, snapshot: &Snapshot, key: &[u8]) -> fjall::Result<Option<Slice>> {
        snapshot.get(&self.rows, self.full(key))
    }

    /// The rows of a stretch as a snapshot has them; nothing may lie outside of the table.
    pub(super) fn stretch(&self, snapshot: &Snapshot, (from, until): Range) -> Iter {
        let from = match from {
            Bound::Unbounded => Bound::Included(self.start.to_vec()),
            bound => bound.map(|key| self.full(&key)),
        };
        let until = match until {
            Bound::Unbounded => starting(&self.start).1,
            bound => bound.map(|key| self.full(&key)),
        };
        snapshot.range::<Vec<u8>, _>(&self.rows, (from, until))
    }

    /// The rows whose keys start so.
    pub(super) fn prefixed(&self, snapshot: &Snapshot, start: &[u8]) -> Iter {
        snapshot.prefix(&self.rows, self.full(start))
    }

    /// The key of a row without what tells the tables apart, and the row.
    pub(super) fn row(&self, row: Guard) -> fjall::Result<(Vec<u8>, Slice)> {
        let (key, value) = row.into_inner()?;
        Ok((key[self.start.len()..].to_vec(), value))
    }

    pub(super) fn put(&self, batch: &mut WriteBatch, key: &[u8], value: &[u8]) {
        batch.insert(&self.rows, self.full(key), value);
    }

    pub(super) fn remove(&self, batch: &mut WriteBatch, key: &[u8]) {
        batch.remove(&self.rows, self.full(key));
    }

    fn full(&self, key: &[u8]) -> Vec<u8> {
        [&self.start, key].concat()
    }
}

/// The stretch of all keys that start so.
pub(super) fn starting(start: &[u8]) -> Range {
    let mut end = start.to_vec();
    while end.pop_if(|byte| *byte == u8::MAX).is_some() {}
    let end = match end.last_mut() {
        Some(byte) => {
            *byte += 1;
            Bound::Excluded(end)
        }
        None => Bound::Unbounded,
    };
    (Bound::Included(start.to_vec()), end)
}
