//! The audit: counts afresh from the orders what has to be held and what was sold, and compares
//! it with what the stocks say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::engine::Engine;
use crate::domain::collection::Collection;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::order::{ORDERS, Order, Status, Task};
use crate::domain::reservation::{RESERVATIONS, Reservation, State};
use crate::domain::stock::{Count, Stock};
use crate::store::{Query, Unavailable, document};

/// So many documents are read at once.
const PAGE: usize = 1_000;

/// While it counts people go on buying: what does not agree is counted so often.
const TIMES: usize = 3;

/// What came of it.
#[derive(Debug)]
pub struct Audit {
    /// Every product.
    pub products: Vec<Audited>,
    /// Whether all of them agree.
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
}

/// What orders and reservations come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recount {
    /// What has to be held for those that are not paid.
    pub reserved: u64,
    /// What was sold to those that are.
    pub sold: u64,
}

/// Counts everything.
///
/// # Errors
/// When the store does not say.
pub async fn audit(engine: &Engine) -> Result<Audit, Unavailable> {
    let mut audit = count(engine).await?;
    for _ in 1..TIMES {
        if audit.stands {
            break;
        }
        audit = count(engine).await?;
    }
    Ok(audit)
}

async fn count(engine: &Engine) -> Result<Audit, Unavailable> {
    let mut recounts: BTreeMap<Id, Recount> = BTreeMap::new();
    // Unpaid orders are due, and paid ones are in their buyers' lists.
    each::<Order>(engine, &ORDERS, "due", |order| {
        if holds(&order) {
            for line in &order.lines {
                recounts.entry(line.product).or_default().reserved += u64::from(line.quantity.get());
            }
        }
    })
    .await?;
    each::<Order>(engine, &ORDERS, "buyer", |order| {
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
    each::<Reservation>(engine, &RESERVATIONS, "due", |kept| {
        if kept.state == State::Held {
            for item in &kept.items {
                recounts.entry(item.product_id).or_default().reserved += u64::from(item.quantity.get());
            }
        }
    })
    .await?;
    let mut products = Vec::new();
    each::<Stock>(engine, Stock::COLLECTION, "seller", |stock| {
        let product_id = stock.product();
        products.push(Audited {
            product_id,
            count: stock.count(),
            recount: recounts.get(&product_id).copied().unwrap_or_default(),
        });
    })
    .await?;
    let stands = products.iter().all(Audited::agrees);
    Ok(Audit { products, stands })
}

/// An order that waits for its payment. One that is being driven somewhere is neither held for
/// sure nor free for sure, and agrees when it has arrived.
fn holds(order: &Order) -> bool {
    order.status == Some(Status::Pending) && order.task.is_none_or(|task| task == Task::Sell)
}

impl Audited {
    fn agrees(&self) -> bool {
        let Recount { reserved, sold } = self.recount;
        (self.count.reserved, self.count.sold) == (reserved, sold)
            && self.count.reserved <= self.count.on_hand
    }
}

/// Reads all of a collection in the order of one of its indexes.
async fn each<E: Entity>(
    engine: &Engine,
    collection: &'static Collection,
    index: &'static str,
    mut see: impl FnMut(E),
) -> Result<(), Unavailable> {
    let mut after = None;
    loop {
        let query = Query::by_index(collection, index, Vec::new()).limit(PAGE);
        let page = engine.store.find(query.after(after)).await?;
        page.documents
            .iter()
            .filter_map(|row| document::decode(row).ok())
            .for_each(&mut see);
        if page.next.is_none() {
            return Ok(());
        }
        after = page.next;
    }
}
