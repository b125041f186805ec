//! Documents by their keys.

use std::collections::HashMap;
use std::time::Duration;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::error::Result;
use mongodb::options::{FindOptions, ReadConcern};
use mongodb::{ClientSession, Database};

use super::{error_code, finding, id, shelf};
use crate::domain::collection::Collection;
use crate::domain::entity::Key;
use crate::store::{Loaded, Version, document};

/// What the server says when a collection is younger than the snapshot.
const SNAPSHOT_UNAVAILABLE: i32 = 246;
const SNAPSHOT_TRIES: usize = 50;
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(20);

pub(super) async fn load(
    database: Database,
    collection: &'static Collection,
    key: Key,
    sides: &'static [&'static Collection],
) -> Result<Loaded> {
    if sides.is_empty() {
        let document = shelf(&database, collection.name)
            .find_one(doc! { "_id": id(&key) })
            .await?;
        let rows = Vec::new();
        return Ok(Loaded { document, rows });
    }
    for _ in 1..SNAPSHOT_TRIES {
        match snapshot(&database, collection, &key, sides).await {
            Err(error) if error_code(&error) == Some(SNAPSHOT_UNAVAILABLE) => {
                tokio::time::sleep(SNAPSHOT_PAUSE).await;
            }
            loaded => return loaded,
        }
    }
    snapshot(&database, collection, &key, sides).await
}

async fn snapshot(
    database: &Database,
    collection: &Collection,
    key: &Key,
    sides: &[&'static Collection],
) -> Result<Loaded> {
    let mut session = database.client().start_session().snapshot(true).await?;
    // The driver leaves a collection's own read concern in place, even in a snapshot session:
    // without these words every read would see a time of its own.
    let one_time = ReadConcern::snapshot();
    let mut loaded = Loaded {
        document: shelf(database, collection.name)
            .find_one(doc! { "_id": id(key) })
            .read_concern(one_time.clone())
            .session(&mut session)
            .await?,
        rows: Vec::new(),
    };
    for side in sides {
        let filter = finding::starts_with(&format!("{key}/"));
        let shelf = shelf(database, side.name);
        let found = shelf
            .find(filter)
            .sort(doc! { "_id": 1 })
            .read_concern(one_time.clone());
        let mut found = found.session(&mut session).await?;
        let rows: Vec<_> = found.stream(&mut session).try_collect().await?;
        loaded.rows.extend(rows.into_iter().map(|row| (side.name, row)));
    }
    Ok(loaded)
}

pub(super) async fn get(
    database: &Database,
    collection: &str,
    keys: &[Key],
) -> Result<Vec<Option<RawDocumentBuf>>> {
    let found = by_keys(database, collection, keys, None, None).await?;
    let mut found: HashMap<_, _> = found
        .into_iter()
        .filter_map(|one| Some((text(&one)?, one)))
        .collect();
    let mut last = HashMap::new();
    for (n, key) in keys.iter().enumerate() {
        last.insert(key, n);
    }
    let one = |(n, key): (usize, &Key)| {
        let name = key.to_string();
        // A key that is asked for again further on leaves its document there.
        if last.get(key) == Some(&n) {
            found.remove(&name)
        } else {
            found.get(&name).cloned()
        }
    };
    Ok(keys.iter().enumerate().map(one).collect())
}

pub(super) async fn versions(
    database: &Database,
    documents: &[(&'static Collection, Key)],
) -> Result<Vec<Version>> {
    let mut asked: HashMap<&'static str, (&'static Collection, Vec<usize>)> = HashMap::new();
    for (n, (collection, _)) in documents.iter().enumerate() {
        let (_, places) = asked
            .entry(collection.name)
            .or_insert_with(|| (collection, Vec::new()));
        places.push(n);
    }
    let mut versions = vec![0; documents.len()];
    for (collection, places) in asked.into_values() {
        let keys: Vec<_> = places.iter().map(|&n| documents[n].1.clone()).collect();
        let found = versions_of(database, collection, &keys, None).await?;
        for (n, version) in places.into_iter().zip(found) {
            versions[n] = version;
        }
    }
    Ok(versions)
}

/// The versions of documents of one collection, as a transaction sees them if there is one.
pub(super) async fn versions_of(
    database: &Database,
    collection: &Collection,
    keys: &[Key],
    session: Option<&mut ClientSession>,
) -> Result<Vec<Version>> {
    let fields = Some(doc! { "version": 1 });
    let found = by_keys(database, collection.name, keys, fields, session).await?;
    let version = |one: &RawDocumentBuf| Some((text(one)?, document::version(one)));
    let found: HashMap<_, _> = found.iter().filter_map(version).collect();
    let one = |key: &Key| found.get(&key.to_string()).copied().unwrap_or(0);
    Ok(keys.iter().map(one).collect())
}

async fn by_keys(
    database: &Database,
    collection: &str,
    keys: &[Key],
    fields: Option<Document>,
    session: Option<&mut ClientSession>,
) -> Result<Vec<RawDocumentBuf>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Bson> = keys.iter().map(id).collect();
    let shelf = shelf(database, collection);
    let options = FindOptions::builder().projection(fields).build();
    let find = shelf.find(doc! { "_id": { "$in": ids } }).with_options(options);
    match session {
        Some(session) => {
            let mut found = find.session(&mut *session).await?;
            found.stream(session).try_collect().await
        }
        None => find.await?.try_collect().await,
    }
}

/// The key of a document as text.
fn text(document: &RawDocumentBuf) -> Option<String> {
    crate::store::query::key_of(document).map(|key| key.to_string())
}
