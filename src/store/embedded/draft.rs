//! A batch in the making. The store's own batch is blind, so every commit is checked against the
//! store and against what this batch has accepted before it; a refused one leaves nothing in it.

use std::collections::HashMap;

use bson::RawDocumentBuf;
use fjall::{OwnedWriteBatch as WriteBatch, PersistMode};

use super::table::Table;
use super::{Drawer, Inner};
use crate::domain::collection::Collection;
use crate::domain::entity::{Key, RowWrite};
use crate::store::order::{self, NotOrdered};
use crate::store::{Commit, EVENTS, Outcome, document};

type Place = (&'static str, Vec<u8>);

pub(super) struct Draft<'a> {
    inner: &'a Inner,
    batch: WriteBatch,
    /// Documents and index rows as accepted commits of this batch leave them.
    documents: HashMap<Place, Option<RawDocumentBuf>>,
    index: HashMap<Place, Option<Vec<u8>>>,
    last_event: u64,
}

/// What one commit would do; nothing of it is done before all of it is known to stand.
#[derive(Default)]
struct Plan {
    documents: Vec<(Drawer, Vec<u8>, Option<RawDocumentBuf>)>,
    index: Vec<(Drawer, Vec<u8>, Option<Vec<u8>>)>,
    events: Vec<Vec<u8>>,
}

/// Why a commit does not stand.
enum Stop {
    Because(Box<Outcome>),
    Disk(fjall::Error),
}

impl<'a> Draft<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            batch: inner.database.batch(),
            documents: HashMap::new(),
            index: HashMap::new(),
            last_event: *inner.last_event.borrow(),
        }
    }

    pub(super) fn last_event(&self) -> u64 {
        self.last_event
    }

    pub(super) fn write(self, mode: PersistMode) -> fjall::Result<()> {
        self.batch.durability(Some(mode)).commit()
    }

    /// Takes a commit into the batch if it stands.
    pub(super) fn admit(&mut self, commit: Commit) -> fjall::Result<Outcome> {
        match self.plan(commit) {
            Ok(plan) => {
                self.accept(plan);
                Ok(Outcome::Stored)
            }
            Err(Stop::Because(outcome)) => Ok(*outcome),
            Err(Stop::Disk(error)) => Err(error),
        }
    }

    fn plan(&self, commit: Commit) -> Result<Plan, Stop> {
        let mut plan = Plan::default();
        if let Some(guard) = commit.guard {
            let drawer = self.inner.drawer(guard.collection)?;
            let key = order::key_bytes(&guard.key);
            let old = self.document(&drawer, &key)?;
            if old.as_ref().map_or(0, document::version) != guard.expect {
                return stop(Outcome::Conflict);
            }
            if let Some(new) = guard.put {
                sound(&guard.key, &new)?;
                self.put(&mut plan, drawer, key, old.as_ref(), Some(new))?;
            }
        }
        for write in commit.writes {
            let drawer = self.inner.drawer(write.collection)?;
            let key = order::key_bytes(&write.key);
            let (new, must_be_absent) = match write.row {
                RowWrite::Insert(row) => (Some(row), true),
                RowWrite::Put(row) => (Some(row), false),
                RowWrite::Delete => (None, false),
            };
            if let Some(new) = &new {
                sound(&write.key, new)?;
            }
            let indexed = !write.collection.indexes.is_empty();
            let old = if must_be_absent || indexed {
                self.document(&drawer, &key)?
            } else {
                None
            };
            if must_be_absent && let Some(row) = old {
                return stop(exists(write.collection, write.key, row));
            }
            if write.collection.name == EVENTS.name {
                plan.events.push(key.clone());
            }
            self.put(&mut plan, drawer, key, old.as_ref(), new)?;
        }
        Ok(plan)
    }

    fn put(
        &self,
        plan: &mut Plan,
        drawer: Drawer,
        key: Vec<u8>,
        old: Option<&RawDocumentBuf>,
        new: Option<RawDocumentBuf>,
    ) -> Result<(), Stop> {
        for index in drawer.collection.indexes {
            let was = old.map_or(Ok(None), |old| order::place(index, old))?;
            let is = new.as_ref().map_or(Ok(None), |new| order::place(index, new))?;
            if was == is {
                continue;
            }
            let row = |place: &[u8]| super::indexing::row(index, place, &key);
            if let Some(was) = was {
                plan.index.push((drawer.clone(), row(&was), None));
            }
            if let Some(is) = is {
                let row = row(&is);
                if index.unique && self.taken(plan, &drawer, &row)? {
                    return stop(Outcome::Taken(index.name));
                }
                plan.index.push((drawer.clone(), row, Some(key.clone())));
            }
        }
        plan.documents.push((drawer, key, new));
        Ok(())
    }

    fn accept(&mut self, plan: Plan) {
        for (drawer, row, value) in plan.index {
            put(&mut self.batch, &drawer.index, &row, value.as_deref());
            self.index.insert((drawer.collection.name, row), value);
        }
        for (drawer, key, document) in plan.documents {
            let bytes = document.as_ref().map(|document| document.as_bytes());
            put(&mut self.batch, &drawer.documents, &key, bytes);
            self.documents.insert((drawer.collection.name, key), document);
        }
        for event in plan.events {
            self.last_event += 1;
            let number = self.last_event.to_be_bytes();
            put(&mut self.batch, &self.inner.feed, &number, Some(&event));
        }
    }

    /// The document as this batch would leave it.
    fn document(&self, drawer: &Drawer, key: &[u8]) -> Result<Option<RawDocumentBuf>, Stop> {
        if !self.documents.is_empty()
            && let Some(document) = self.documents.get(&(drawer.collection.name, key.to_vec()))
        {
            return Ok(document.clone());
        }
        let found = drawer.documents.get(key)?;
        Ok(found.and_then(|bytes| super::reading::document(&bytes)))
    }

    /// Whether a unique place has a document, as the batch and this plan would leave it.
    fn taken(&self, plan: &Plan, drawer: &Drawer, row: &[u8]) -> Result<bool, Stop> {
        let here = |(of, planned, _): &&(Drawer, Vec<u8>, _)| {
            of.collection.name == drawer.collection.name && planned == row
        };
        if let Some((_, _, value)) = plan.index.iter().rfind(here) {
            return Ok(value.is_some());
        }
        if let Some(value) = self.index.get(&(drawer.collection.name, row.to_vec())) {
            return Ok(value.is_some());
        }
        Ok(drawer.index.holds(row)?)
    }
}

fn put(batch: &mut WriteBatch, table: &Table, key: &[u8], value: Option<&[u8]>) {
    match value {
        Some(value) => table.put(batch, key, value),
        None => table.remove(batch, key),
    }
}

fn stop<T>(outcome: Outcome) -> Result<T, Stop> {
    Err(Stop::Because(Box::new(outcome)))
}

fn sound(key: &Key, document: &RawDocumentBuf) -> Result<(), Stop> {
    match document::fault(key, document) {
        Some(fault) => stop(Outcome::Rejected(fault.into())),
        None => Ok(()),
    }
}

fn exists(collection: &'static Collection, key: Key, row: RawDocumentBuf) -> Outcome {
    Outcome::Exists {
        collection: collection.name,
        key,
        row,
    }
}

impl From<fjall::Error> for Stop {
    fn from(error: fjall::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<NotOrdered> for Stop {
    fn from(_: NotOrdered) -> Self {
        let why = "an indexed field holds a value that cannot be ordered".into();
        Self::Because(Box::new(Outcome::Rejected(why)))
    }
}
