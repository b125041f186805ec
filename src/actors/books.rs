//! The books of the shop, as payments have written them, and what they come to.

use std::time::Duration;

use bson::Bson;
use bson::oid::ObjectId;
use tracing::warn;

use super::engine::Engine;
use crate::domain::closing::{CLOSINGS, Closing, Sums};
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::ledger::{Entry, LEDGER};
use crate::domain::time::Timestamp;
use crate::store::query::Cursor;
use crate::store::{Commit, Guard, Outcome, Query, Unavailable, Version, document};

/// So many entries are read at once when they are added up.
const PAGE: usize = 1_000;
/// What is older than this has all been written: an entry has the time at which its command was
/// asked, and is durable soon after it or never.
const WRITTEN_AFTER: Duration = Duration::from_mins(10);

/// Some entries, and where they go on.
pub type Listed = (Vec<Entry>, Option<Cursor>);

/// A part of the entries of one order, or of all, the newest first.
///
/// # Errors
/// When the store does not say.
pub async fn list(
    engine: &Engine,
    order: Option<Id>,
    part: impl FnOnce(Query) -> Query,
) -> Result<Listed, Unavailable> {
    let all = order.map_or_else(every_entry, of_order);
    let page = engine.store.find(part(all.descending())).await?;
    let entries = page.documents.iter().filter_map(|row| document::decode(row).ok());
    Ok((entries.collect(), page.next))
}

/// What every account has by the entries of one order, and how many there are.
///
/// # Errors
/// When the store does not say.
pub async fn sums_of(engine: &Engine, order: Id) -> Result<(Sums, u64), Unavailable> {
    let (mut sums, mut entries) = (Sums::default(), 0);
    each(engine, of_order(order), |entry| {
        entries += 1;
        sums.add(entry.account, entry.currency, entry.minor);
    })
    .await?;
    Ok((sums, entries))
}

/// What the accounts of every kind have, and how many entries there are. Reads no more than what
/// was written since the books were last closed.
///
/// # Errors
/// When the store does not say.
pub async fn sums(engine: &Engine) -> Result<Closing, Unavailable> {
    let (_, mut closing) = last(engine).await?;
    let since = every_entry().between(Some(at(closing.until)), None);
    each(engine, since, |entry| closing.take(&entry)).await?;
    Ok(closing)
}

/// Closes the books up to a time by which everything has been written. Says how many entries were
/// taken in.
///
/// # Errors
/// When the store does not say, or does not take it.
pub async fn close(engine: &Engine) -> Result<usize, Unavailable> {
    let now = engine.clock.now();
    let (version, known) = last(engine).await?;
    let before = known.entries;
    let mut closing = counted(engine, known, now).await?;
    let until = now.before(WRITTEN_AFTER).max(closing.until);
    let since = every_entry().between(Some(at(closing.until)), Some(at(until)));
    each(engine, since, |entry| closing.take(&entry)).await?;
    closing.until = until;
    save(engine, version, &closing).await?;
    Ok(usize::try_from(closing.entries.saturating_sub(before)).unwrap_or(usize::MAX))
}

/// The last closing, or an empty one if it is to be counted again and lacks an entry: a machine
/// that stood still may have written one after its time.
async fn counted(engine: &Engine, mut closing: Closing, now: Timestamp) -> Result<Closing, Unavailable> {
    if !closing.is_to_be_counted(now) {
        return Ok(closing);
    }
    let within = every_entry().between(None, Some(at(closing.until)));
    let entries = engine.store.count(within).await?;
    if entries != closing.entries {
        warn!(entries, known = closing.entries, "the books are added up anew");
        closing = Closing::default();
    }
    closing.is_counted(now);
    Ok(closing)
}

async fn last(engine: &Engine) -> Result<(Version, Closing), Unavailable> {
    let Some(found) = engine.store.load(&CLOSINGS, key(), &[]).await?.document else {
        return Ok((0, Closing::default()));
    };
    let closing = document::decode(&found);
    let closing =
        closing.map_err(|error| Unavailable(format!("the closing of the books cannot be read: {error}")))?;
    Ok((document::version(&found), closing))
}

async fn save(engine: &Engine, expect: Version, closing: &Closing) -> Result<(), Unavailable> {
    let id = engine.id().into();
    let guard = Guard {
        collection: &CLOSINGS,
        key: key(),
        expect,
        put: Some(document::of_entity(&key(), expect + 1, id, closing)),
    };
    let commit = Commit {
        id,
        guard: Some(guard),
        writes: Vec::new(),
    };
    match engine.committer.commit(commit).await {
        // Another runtime has closed them just now, which is as good.
        Outcome::Stored | Outcome::Conflict => Ok(()),
        other => Err(Unavailable(format!("the books were not closed: {other:?}"))),
    }
}

async fn each(engine: &Engine, of: Query, mut take: impl FnMut(Entry)) -> Result<(), Unavailable> {
    let mut after = None;
    loop {
        let page = engine.store.find(of.clone().limit(PAGE).after(after)).await?;
        let entries = page.documents.iter().filter_map(|row| document::decode(row).ok());
        entries.for_each(&mut take);
        if page.next.is_none() {
            return Ok(());
        }
        after = page.next;
    }
}

fn of_order(order: Id) -> Query {
    Query::by_index(&LEDGER, "order", vec![ObjectId::from(order).into()])
}

fn every_entry() -> Query {
    Query::by_index(&LEDGER, "newest", Vec::new())
}

fn key() -> Key {
    Key::Name("books".into())
}

fn at(time: Timestamp) -> Bson {
    bson::DateTime::from_millis(time.millis()).into()
}
