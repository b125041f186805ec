//! Index rows: the index's name, the document's place in it and, where places are shared, the
//! document's key; the value is the key.

use fjall::Database;

use super::table::Table;
use super::{Drawer, reading};
use crate::domain::collection::Index;
use crate::store::order;

const REBUILD_BATCH: usize = 4_096;

/// The start of every row of an index.
pub(super) fn prefix(index: &Index) -> Vec<u8> {
    [index.name.as_bytes(), &[0]].concat()
}

/// The row of a document in an index.
pub(super) fn row(index: &Index, place: &[u8], key: &[u8]) -> Vec<u8> {
    let shared_place_key: &[u8] = if index.unique { &[] } else { key };
    [&prefix(index)[..], place, shared_place_key].concat()
}

/// Builds the indexes that were declared since the folder was last used. Nothing of it has to be
/// on disk before the next commit is: what a crash takes of it is built again.
pub(super) fn bring_up_to_date(database: &Database, meta: &Table, drawer: &Drawer) -> fjall::Result<()> {
    for index in drawer.collection.indexes {
        let name = format!("index/{}/{}", drawer.collection.name, index.name);
        let shape = format!("{} {}", index.fields.join(","), index.unique);
        let built = meta.get(name.as_bytes())?;
        if built.is_some_and(|built| *built == *shape.as_bytes()) {
            continue;
        }
        rebuild(database, drawer, index)?;
        let mut batch = database.batch();
        meta.put(&mut batch, name.as_bytes(), shape.as_bytes());
        batch.commit()?;
    }
    Ok(())
}

fn rebuild(database: &Database, drawer: &Drawer, index: &Index) -> fjall::Result<()> {
    let snapshot = database.snapshot();
    let mut batch = database.batch();
    for old in drawer.index.prefixed(&snapshot, &prefix(index)) {
        let (key, _) = drawer.index.row(old)?;
        drawer.index.remove(&mut batch, &key);
    }
    batch.commit()?;
    let mut batch = database.batch();
    for entry in drawer.documents.prefixed(&snapshot, &[]) {
        let (key, bytes) = drawer.documents.row(entry)?;
        let place =
            reading::document(&bytes).and_then(|document| order::place(index, &document).ok().flatten());
        if let Some(place) = place {
            drawer.index.put(&mut batch, &row(index, &place, &key), &key);
        }
        if batch.len() >= REBUILD_BATCH {
            std::mem::replace(&mut batch, database.batch()).commit()?;
        }
    }
    batch.commit()
}
