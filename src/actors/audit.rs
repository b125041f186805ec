//! The audit: counts afresh from the orders what has to be held and what was sold, and compares
//! it with what the stocks say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::engine::Engine;
use crate::domain::collection::Collection;
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::order::{ORDERS, Order, Status};
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
        if audit.stands {
            break;
        }
        audit = count(engine).await?;
    }
    Ok(audit)
}

async fn count(engine: &Engine) -> Result<Audit, Unavailable> {
    let mut recounts: BTreeMap<Id, Recount> = BTreeMap::new();
    // Unpaid orders and those in motion are due, and paid ones are in their buyers' lists.
    each::<Order>(engine, &ORDERS, "due", |order| {
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
