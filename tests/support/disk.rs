//! What the faulty store has stored, in the order of its keys, so that every run sees the same.

use std::collections::BTreeMap;
use std::ops::Bound;

use bazaar::domain::collection::{Collection, Index};
use bazaar::domain::entity::{Key, RowWrite};
use bazaar::domain::id::Id;
use bazaar::store::query::{By, Cursor};
use bazaar::store::{Commit, EVENTS, Outcome, Page, Query, document, order};
use bson::RawDocumentBuf;

/// A document larger than this is rejected.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1 << 16;

/// What is stored.
#[derive(Default)]
pub(crate) struct Disk {
    documents: BTreeMap<(&'static str, Key), RawDocumentBuf>,
    /// Who has which place in a unique index.
    places: BTreeMap<Place, Key>,
    pub(super) feed: Vec<RawDocumentBuf>,
    pub(super) blind: bool,
    pub(super) unguarded: bool,
    pub(super) forgetful: bool,
    commits: usize,
}

type Place = (&'static str, &'static str, Vec<u8>);

impl Disk {
    pub(crate) fn get(&self, collection: &Collection, key: &Key) -> Option<&RawDocumentBuf> {
        self.documents.get(&(collection.name, key.clone()))
    }

    /// Everything in a collection, by key.
    pub(crate) fn all(&self, collection: &'static Collection) -> impl Iterator<Item = &RawDocumentBuf> {
        self.rows(collection).map(|(_, document)| document)
    }

    /// Writes as another runtime would, past every check.
    pub(crate) fn overwrite(
        &mut self,
        collection: &'static Collection,
        key: &Key,
        document: &RawDocumentBuf,
    ) {
        self.set(collection, key, Some(document));
    }

    /// Takes a document away, past every check.
    pub(crate) fn remove(&mut self, collection: &'static Collection, key: &Key) {
        self.set(collection, key, None);
    }

    /// Writes a document again as another runtime would: the same, one version on.
    pub(crate) fn touch(&mut self, collection: &'static Collection, of: Id) {
        let key = Key::Id(of);
        let found = self.get(collection, &key).expect("a document to touch");
        let mut content: bson::Document = document::decode(found).expect("a document");
        let version = document::version(found) + 1;
        for field in ["_id", "version", "commit"] {
            content.remove(field);
        }
        let commit = bson::oid::ObjectId::from_bytes([0; 12]);
        let touched = document::of_entity(&key, version, commit, &content);
        self.set(collection, &key, Some(&touched));
    }

    pub(super) fn rows(
        &self,
        collection: &'static Collection,
    ) -> impl Iterator<Item = (&Key, &RawDocumentBuf)> {
        let rows = self.documents.iter();
        rows.filter(|((name, _), _)| *name == collection.name)
            .map(|((_, key), document)| (key, document))
    }

    pub(super) fn parts(&self, side: &'static Collection, of: &Key) -> Vec<(&'static str, RawDocumentBuf)> {
        let belongs = |key: &Key| matches!((key, of), (Key::Part(whole, _), Key::Id(id)) if whole == id);
        let rows = self.rows(side).filter(|(key, _)| belongs(key));
        rows.map(|(_, row)| (side.name, row.clone())).collect()
    }

    pub(super) fn store(&mut self, commit: Commit) -> Outcome {
        if let Some(outcome) = self.objection(&commit) {
            return outcome;
        }
        self.commits += 1;
        if self.forgetful && self.commits.is_multiple_of(10) {
            return Outcome::Stored;
        }
        if let Some(guard) = commit.guard
            && guard.put.is_some()
        {
            self.set(guard.collection, &guard.key, guard.put.as_ref());
        }
        for write in commit.writes {
            let document = match write.row {
                RowWrite::Put(row) | RowWrite::Insert(row) => Some(row),
                RowWrite::Delete => None,
            };
            if write.collection == &EVENTS {
                self.feed.extend(document.clone());
            }
            self.set(write.collection, &write.key, document.as_ref());
        }
        Outcome::Stored
    }

    /// Why a commit does not stand.
    fn objection(&self, commit: &Commit) -> Option<Outcome> {
        if let Some(guard) = &commit.guard {
            let version = self
                .get(guard.collection, &guard.key)
                .map_or(0, document::version);
            if version != guard.expect && !self.blind && !self.unguarded {
                return Some(Outcome::Conflict);
            }
            if let Some(new) = &guard.put
                && let Some(outcome) = self.misfit(guard.collection, &guard.key, new)
            {
                return Some(outcome);
            }
        }
        commit.writes.iter().find_map(|write| {
            let (new, must_be_absent) = match &write.row {
                RowWrite::Insert(row) => (row, true),
                RowWrite::Put(row) => (row, false),
                RowWrite::Delete => return None,
            };
            if must_be_absent
                && !self.blind
                && let Some(row) = self.get(write.collection, &write.key)
            {
                let (collection, key, row) = (write.collection.name, write.key.clone(), row.clone());
                return Some(Outcome::Exists { collection, key, row });
            }
            self.misfit(write.collection, &write.key, new)
        })
    }

    fn misfit(&self, collection: &'static Collection, key: &Key, new: &RawDocumentBuf) -> Option<Outcome> {
        if new.as_bytes().len() > DOCUMENT_BYTES_MAX {
            return Some(Outcome::Rejected("too large".into()));
        }
        let taken = |index: &&Index| {
            let holder = unique_place(collection, index, new).and_then(|place| self.places.get(&place));
            holder.is_some_and(|holder| holder != key)
        };
        let index = collection.indexes.iter().find(taken)?;
        Some(Outcome::Taken(index.name))
    }

    fn set(&mut self, collection: &'static Collection, key: &Key, document: Option<&RawDocumentBuf>) {
        let at = (collection.name, key.clone());
        let old = match &document {
            Some(new) => self.documents.insert(at, (*new).clone()),
            None => self.documents.remove(&at),
        };
        for index in collection.indexes {
            if let Some(was) = old.as_ref().and_then(|old| unique_place(collection, index, old)) {
                self.places.remove(&was);
            }
            if let Some(is) = document.and_then(|new| unique_place(collection, index, new)) {
                self.places.insert(is, key.clone());
            }
        }
    }

    pub(super) fn find(&self, query: &Query) -> Page {
        let mut found: Vec<_> = self
            .rows(query.collection)
            .filter_map(|(key, document)| Some((place_in(query, key, document)?, document.clone())))
            .collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        if query.descending {
            found.reverse();
        }
        if let Some(Cursor(seen)) = &query.after {
            found.retain(|(place, _)| {
                if query.descending {
                    place < seen
                } else {
                    place > seen
                }
            });
        }
        let all = found.len().saturating_sub(query.skip);
        let page: Vec<_> = found.into_iter().skip(query.skip).take(query.limit).collect();
        let more = page.len() < all;
        Page {
            next: page
                .last()
                .filter(|_| more)
                .map(|(place, _)| Cursor(place.clone())),
            documents: page.into_iter().map(|(_, document)| document).collect(),
        }
    }
}

fn unique_place(collection: &Collection, index: &Index, document: &RawDocumentBuf) -> Option<Place> {
    let place = index
        .unique
        .then(|| order::place(index, document).ok().flatten())??;
    Some((collection.name, index.name, place))
}

/// The bytes that order a document in a query; `None` if it is not found by it.
fn place_in(query: &Query, key: &Key, document: &RawDocumentBuf) -> Option<Vec<u8>> {
    match &query.by {
        By::Name { prefix } => {
            let place = order::key_bytes(key);
            place.starts_with(prefix.as_bytes()).then_some(place)
        }
        By::Index {
            name,
            equal,
            from,
            until,
        } => {
            let mut place = order::place(query.collection.index(name)?, document).ok()??;
            let mut start = Vec::new();
            for value in equal {
                order::push_bson(&mut start, value).ok()?;
            }
            let bound = |value: &bson::Bson| {
                let mut bound = start.clone();
                order::push_bson(&mut bound, value).ok()?;
                Some(bound)
            };
            let from = from.as_ref().map_or(Some(start.clone()), bound)?;
            let until = until.as_ref().map(bound).map_or(Bound::Unbounded, |bound| {
                bound.map_or(Bound::Unbounded, Bound::Excluded)
            });
            let within = place.starts_with(&start)
                && std::ops::RangeBounds::contains(&(Bound::Included(from), until), &place);
            place.extend(order::key_bytes(key));
            within.then_some(place)
        }
    }
}
