//! The audit: counts afresh from the orders what has to be held and what was sold, and compares
//! it with what the stocks say. It stops nobody: a stock that changed meanwhile is not judged.

use std::collections::BTreeMap;
use std::ops::Not;

use serde::Serialize;

use super::engine::Engine;
use crate::domain::collection::Collection;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::order::{ORDERS, Order, Status};
use crate::domain::reservation::{RESERVATIONS, Reservation, State};
use crate::domain::stock::{Count, Stock};
use crate::store::{Query, Unavailable, Version, document};

/// So many documents are read at once.
const PAGE: usize = 1_000;

/// While it counts people go on buying: what moves, and what does not agree, is counted so often.
const TIMES: usize = 3;

/// What came of it.
#[derive(Debug)]
pub struct Audit {
    /// Every product.
    pub products: Vec<Audited>,
    /// Whether all of them agree, but for those that moved.
    pub stands: bool,
}

/// One product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Audited {
    /// The product.
    pub product_id: Id,
    /// What its stock says.
    #[serde(flatten)]
    pub count: Count,
    /// What was counted.
    pub recount: Recount,
    /// Whether the stock changed while it was counted: its numbers are then of different moments,
    /// and nothing can be concluded from them.
    #[serde(skip_serializing_if = "Not::not")]
    pub moving: bool,
}

/// What orders and reservations come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recount {
    /// What has to be held for those that are not paid.
    pub reserved: u64,
    /// What was sold to those that are.
    pub sold: u64,
    /// What is just being held, given back, sold or taken back for others: some of it may have
    /// arrived and some not.
    pub in_motion: u64,
}

/// Counts everything.
///
/// # Errors
/// When the store does not say.
pub async fn audit(engine: &Engine) -> Result<Audit, Unavailable> {
    let mut audit = count(engine).await?;
    for _ in 1..TIMES {
        if audit.stands && !audit.products.iter().any(|one| one.moving) {
            break;
        }
        audit = count(engine).await?;
    }
    Ok(audit)
}

async fn count(engine: &Engine) -> Result<Audit, Unavailable> {
    let mut before = BTreeMap::new();
    each::<Stock>(engine, Stock::COLLECTION, "seller", |stock, version| {
        before.insert(stock.product(), version);
    })
    .await?;
    let mut recounts: BTreeMap<Id, Recount> = BTreeMap::new();
    // Unpaid orders and those in motion are due, and paid ones are in their buyers' lists.
    each::<Order>(engine, &ORDERS, "due", |order, _| {
        for line in &order.lines {
            let (recount, many) = (recounts.entry(line.product).or_default(), line.quantity.get());
            match (order.task, order.status) {
                (Some(_), _) => recount.in_motion += u64::from(many),
                (None, Some(Status::Pending)) => recount.reserved += u64::from(many),
                (None, _) => {}
            }
        }
    })
    .await?;
    each::<Order>(engine, &ORDERS, "buyer", |order, _| {
        if matches!(
            order.status,
            Some(Status::Confirmed | Status::Shipped | Status::Delivered)
        ) {
            for line in &order.lines {
                recounts.entry(line.product).or_default().sold += u64::from(line.quantity.get());
            }
        }
    })
    .await?;
    each::<Reservation>(engine, &RESERVATIONS, "due", |kept, _| {
        for item in &kept.items {
            let (recount, many) = (recounts.entry(item.product_id).or_default(), item.quantity.get());
            match kept.state {
                State::Held => recount.reserved += u64::from(many),
                State::Holding | State::Releasing => recount.in_motion += u64::from(many),
                State::Over => {}
            }
        }
    })
    .await?;
    let mut products = Vec::new();
    each::<Stock>(engine, Stock::COLLECTION, "seller", |stock, version| {
        let product_id = stock.product();
        products.push(Audited {
            product_id,
            count: stock.count(),
            recount: recounts.get(&product_id).copied().unwrap_or_default(),
            moving: before.get(&product_id) != Some(&version),
        });
    })
    .await?;
    let stands = products.iter().all(|one| one.moving || one.agrees());
    Ok(Audit { products, stands })
}

impl Audited {
    /// A stock has what it must have, and of what is in motion some or all.
    fn agrees(&self) -> bool {
        let Recount {
            reserved,
            sold,
            in_motion,
        } = self.recount;
        (reserved..=reserved + in_motion).contains(&self.count.reserved)
            && (sold..=sold + in_motion).contains(&self.count.sold)
            && self.count.reserved <= self.count.on_hand
    }
}

/// Reads all of a collection in the order of one of its indexes.
async fn each<E: Entity>(
    engine: &Engine,
    collection: &'static Collection,
    index: &'static str,
    mut see: impl FnMut(E, Version),
) -> Result<(), Unavailable> {
    let mut after = None;
    loop {
        let query = Query::by_index(collection, index, Vec::new()).limit(PAGE);
        let page = engine.store.find(query.after(after)).await?;
        for row in &page.documents {
            if let Ok(entity) = document::decode(row) {
                see(entity, document::version(row));
            }
        }
        if page.next.is_none() {
            return Ok(());
        }
        after = page.next;
    }
}
