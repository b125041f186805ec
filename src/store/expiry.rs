//! Rows that carry the time at which they may be forgotten, and the forgetting.

use futures_util::future::join_all;

use super::committer::Committer;
use super::query::key_of;
use super::{Commit, CommitId, Guard, Outcome, Query, Store, Unavailable, Write, document};
use crate::domain::collection::{Collection, Index};
use crate::domain::entity::RowWrite;
use crate::domain::time::Timestamp;

/// The index that a collection of such rows declares.
pub const EXPIRES: Index = Index::on("expires", &["expires"]);

/// So many rows are forgotten at once.
const BATCH: usize = 256;

/// Forgets the rows of a collection that expired before `now`, and says how many. A row that was
/// written anew meanwhile, and has another version by that, stays.
///
/// # Errors
/// When the store does not say which they are. What it does not forget now it forgets next time.
pub async fn forget_expired(
    (store, committer): (&dyn Store, &Committer),
    collection: &'static Collection,
    now: Timestamp,
    name: impl Fn() -> CommitId,
) -> Result<usize, Unavailable> {
    let mut forgotten = 0;
    loop {
        let until = bson::DateTime::from_millis(now.millis());
        let query = Query::by_index(collection, EXPIRES.name, Vec::new())
            .between(None, Some(until.into()))
            .limit(BATCH);
        let rows = store.find(query).await?.documents;
        let commits = rows.iter().filter_map(|row| forget(collection, row, name()));
        let outcomes = join_all(commits.map(|commit| committer.commit(commit))).await;
        let gone = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Outcome::Stored))
            .count();
        forgotten += gone;
        if gone == 0 || rows.len() < BATCH {
            return Ok(forgotten);
        }
    }
}

fn forget(collection: &'static Collection, row: &bson::RawDocumentBuf, id: CommitId) -> Option<Commit> {
    let key = key_of(row)?;
    let guard = Guard {
        collection,
        key: key.clone(),
        expect: document::version(row),
        put: None,
    };
    let delete = Write {
        collection,
        key,
        row: RowWrite::Delete,
    };
    Some(Commit {
        id,
        guard: Some(guard),
        writes: vec![delete],
    })
}
