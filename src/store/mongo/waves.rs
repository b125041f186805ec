//! Which commits of a batch may share a transaction: those that do not touch each other. What
//! touches an earlier one goes into a later wave and finds there what the earlier one left.

use std::collections::{HashMap, HashSet};

use super::hot::Hot;
use crate::domain::entity::{Key, RowWrite};
use crate::store::{Commit, order};

/// Numbers of commits, in the order of the batch.
pub(super) type Group = Vec<usize>;

/// Splits a batch into what may be written side by side: each hot entity by itself, and the rest.
pub(super) fn lanes(hot: &Hot, batch: &[Commit]) -> Vec<Group> {
    let mut rest = Group::new();
    let mut alone: HashMap<(&'static str, &Key), Group> = HashMap::new();
    for (n, commit) in batch.iter().enumerate() {
        match &commit.guard {
            Some(guard) if hot.holds(commit) => {
                let lane = alone.entry((guard.collection.name, &guard.key));
                lane.or_default().push(n);
            }
            _ => rest.push(n),
        }
    }
    let mut lanes: Vec<_> = alone.into_values().collect();
    if !rest.is_empty() {
        lanes.push(rest);
    }
    lanes
}

/// Splits a lane into waves of commits that do not touch each other.
pub(super) fn waves(batch: &[Commit], lane: &[usize]) -> Vec<Group> {
    if let [alone] = lane {
        return vec![vec![*alone]];
    }
    let mut waves: Vec<Group> = Vec::new();
    let mut last_touched: HashMap<Touched<'_>, usize> = HashMap::new();
    for &n in lane {
        let touched = touched(&batch[n]);
        let after = touched.iter().filter_map(|place| last_touched.get(place));
        let wave = after.max().map_or(0, |last| last + 1);
        for place in touched {
            last_touched.insert(place, wave);
        }
        match waves.get_mut(wave) {
            Some(members) => members.push(n),
            None => waves.push(vec![n]),
        }
    }
    waves
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Touched<'a> {
    Document(&'static str, &'a Key),
    Place(&'static str, &'static str, Vec<u8>),
}

fn touched(commit: &Commit) -> HashSet<Touched<'_>> {
    let guard = commit.guard.iter().map(|guard| {
        let document = guard.put.as_ref();
        (guard.collection, &guard.key, document)
    });
    let rows = commit.writes.iter().map(|write| {
        let document = match &write.row {
            RowWrite::Put(row) | RowWrite::Insert(row) => Some(row),
            RowWrite::Delete => None,
        };
        (write.collection, &write.key, document)
    });
    let mut touched = HashSet::new();
    for (collection, key, document) in guard.chain(rows) {
        touched.insert(Touched::Document(collection.name, key));
        for index in collection.indexes.iter().filter(|index| index.unique) {
            let place = document.and_then(|document| order::place(index, document).ok().flatten());
            touched.extend(place.map(|place| Touched::Place(collection.name, index.name, place)));
        }
    }
    touched
}
