//! Who of a group cannot stand, and why. A transaction says only that somebody cannot.

use std::collections::HashMap;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::error::Result;

use super::{bounds, id, reading, shelf};
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::{Key, RowWrite};
use crate::store::{Commit, Outcome, order};

/// What stands against each commit, if anything does.
pub(super) async fn of(database: &Database, commits: &[&Commit]) -> Result<Vec<Option<Outcome>>> {
    let mut refused: Vec<Option<Outcome>> = commits.iter().map(|_| None).collect();
    conflicts(database, commits, &mut refused).await?;
    taken(database, commits, &mut refused).await?;
    existing(database, commits, &mut refused).await?;
    Ok(refused)
}

async fn conflicts(database: &Database, commits: &[&Commit], refused: &mut [Option<Outcome>]) -> Result<()> {
    let guards: Vec<_> = commits
        .iter()
        .enumerate()
        .filter_map(|(n, commit)| Some((n, commit.guard.as_ref()?)))
        .collect();
    let documents: Vec<_> = guards
        .iter()
        .map(|(_, guard)| (guard.collection, guard.key.clone()))
        .collect();
    let versions = reading::versions(database, &documents).await?;
    for ((n, guard), version) in guards.into_iter().zip(versions) {
        if version != guard.expect {
            refused[n] = Some(Outcome::Conflict);
        }
    }
    Ok(())
}

async fn existing(database: &Database, commits: &[&Commit], refused: &mut [Option<Outcome>]) -> Result<()> {
    let mut inserted: HashMap<&'static str, Vec<(usize, &Key)>> = HashMap::new();
    for (n, commit) in commits.iter().enumerate() {
        for write in &commit.writes {
            if matches!(write.row, RowWrite::Insert(_)) {
                inserted
                    .entry(write.collection.name)
                    .or_default()
                    .push((n, &write.key));
            }
        }
    }
    for (collection, inserted) in inserted {
        let keys: Vec<_> = inserted.iter().map(|(_, key)| (*key).clone()).collect();
        let found = reading::get(database, collection, &keys).await?;
        for ((n, key), row) in inserted.into_iter().zip(found) {
            if let (None, Some(row)) = (&refused[n], row) {
                let key = key.clone();
                refused[n] = Some(Outcome::Exists { collection, key, row });
            }
        }
    }
    Ok(())
}

/// Wanted places in unique indexes: who wants them, under which key.
type Wanted<'a> = HashMap<(&'static str, &'static str), (&'static Collection, &'static Index, Vec<Wish<'a>>)>;

struct Wish<'a> {
    by: usize,
    key: &'a Key,
    document: &'a RawDocumentBuf,
}

async fn taken(database: &Database, commits: &[&Commit], refused: &mut [Option<Outcome>]) -> Result<()> {
    for (collection, index, wishes) in wanted(commits).into_values() {
        let places: Vec<_> = wishes.iter().map(|wish| place(index, wish.document)).collect();
        let holders = holders(database, collection, index, places).await?;
        for wish in wishes {
            let Ok(Some(place)) = order::place(index, wish.document) else {
                continue;
            };
            let holder = holders.get(&place);
            if refused[wish.by].is_none() && holder.is_some_and(|holder| *holder != id(wish.key)) {
                refused[wish.by] = Some(Outcome::Taken(index.name));
            }
        }
    }
    Ok(())
}

fn wanted<'a>(commits: &[&'a Commit]) -> Wanted<'a> {
    let mut wanted = Wanted::new();
    let mut want = |by, collection: &'static Collection, key, document| {
        for index in collection.indexes.iter().filter(|index| index.unique) {
            let none = || (collection, index, Vec::new());
            let (.., wishes) = wanted.entry((collection.name, index.name)).or_insert_with(none);
            wishes.push(Wish { by, key, document });
        }
    };
    for (by, commit) in commits.iter().enumerate() {
        if let Some(guard) = &commit.guard
            && let Some(put) = &guard.put
        {
            want(by, guard.collection, &guard.key, put);
        }
        for write in &commit.writes {
            if let RowWrite::Put(row) | RowWrite::Insert(row) = &write.row {
                want(by, write.collection, &write.key, row);
            }
        }
    }
    wanted
}

/// A document's place in an index, as a filter.
fn place(index: &Index, document: &RawDocumentBuf) -> Document {
    let value = |field: &&&'static str| {
        let value = order::value_at(document, field).and_then(|value| Bson::try_from(value).ok());
        ((**field).to_owned(), value.unwrap_or(Bson::Null))
    };
    index.fields.iter().map(|field| value(&field)).collect()
}

/// Who has these places now.
async fn holders(
    database: &Database,
    collection: &Collection,
    index: &Index,
    places: Vec<Document>,
) -> Result<HashMap<Vec<u8>, Bson>> {
    let filter = doc! { "$and": [{ "$or": places }, bounds::indexed(index)] };
    let found = shelf(database, collection.name).find(filter).await?;
    let found: Vec<RawDocumentBuf> = found.try_collect().await?;
    let holder = |document: &RawDocumentBuf| {
        let place = order::place(index, document).ok()??;
        let id = document.get("_id").ok()??;
        Some((place, Bson::try_from(id).ok()?))
    };
    Ok(found.iter().filter_map(holder).collect())
}
