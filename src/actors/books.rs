//! The books of the shop, as payments have written them.

use std::collections::BTreeMap;

use bson::oid::ObjectId;

use super::engine::Engine;
use crate::domain::id::Id;
use crate::domain::ledger::{Account, Entry, LEDGER};
use crate::domain::money::Currency;
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, document};

/// So many entries are read at once when all of them are added up.
const PAGE: usize = 1_000;

/// Some entries, where they go on, and how many there are in all.
pub type Listed = (Vec<Entry>, Option<Cursor>, u64);

/// What every account has, in minor units of each currency.
pub type Totals = BTreeMap<(Account, Currency), i64>;

/// A part of the entries of one order, or of all, the newest first.
///
/// # Errors
/// When the store does not say.
pub async fn list(
    engine: &Engine,
    order: Option<Id>,
    part: impl FnOnce(Query) -> Query,
) -> Result<Listed, Unavailable> {
    let all = query(order);
    let page = engine.store.find(part(all.clone().descending())).await?;
    let total = engine.store.count(all).await?;
    let entries = page.documents.iter().filter_map(|row| document::decode(row).ok());
    Ok((entries.collect(), page.next, total))
}

/// Adds up the entries of one order, or of all. It reads every one of them, page by page.
///
/// # Errors
/// When the store does not say.
pub async fn totals(engine: &Engine, order: Option<Id>) -> Result<Totals, Unavailable> {
    let (mut totals, mut after) = (Totals::new(), None);
    loop {
        let page = engine.store.find(query(order).limit(PAGE).after(after)).await?;
        let entries = page
            .documents
            .iter()
            .filter_map(|row| document::decode::<Entry>(row).ok());
        for entry in entries {
            let total: &mut i64 = totals.entry((entry.account, entry.currency)).or_default();
            *total = total.saturating_add(entry.minor);
        }
        if page.next.is_none() {
            return Ok(totals);
        }
        after = page.next;
    }
}

/// Whether nothing was lost and nothing found: what all accounts have is nothing.
#[must_use]
pub fn balance(totals: &Totals) -> bool {
    Currency::ALL.iter().all(|currency| {
        let of_it = totals.iter().filter(|((_, of), _)| of == currency);
        of_it.map(|(_, minor)| i128::from(*minor)).sum::<i128>() == 0
    })
}

fn query(order: Option<Id>) -> Query {
    match order {
        Some(order) => Query::by_index(&LEDGER, "order", vec![ObjectId::from(order).into()]),
        None => Query::by_index(&LEDGER, "newest", Vec::new()),
    }
}
