//! Counts afresh from orders and payments what every seller has sold, and compares it with what
//! the desks say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ask::AskError;
use super::desks::Desks;
use super::payments::Payments;
use crate::domain::desk::{DESKS, Day, DaySums, Desk, Refusal, Takings};
use crate::domain::id::Id;
use crate::domain::money::Money;
use crate::domain::order::{ORDERS, Order};
use crate::domain::payment::Status;
use crate::store::{Query, Unavailable, document};

/// So many documents are read at once.
const PAGE: usize = 500;

/// While it counts people go on buying: what does not agree is counted so often.
const TIMES: usize = 3;

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Recounted {
    /// Every seller who has sold something, or whose desk says so.
    pub sellers: Vec<Compared>,
    /// Whether all desks agree.
    #[serde(rename = "ok")]
    pub stands: bool,
}

/// One seller.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// The seller.
    pub seller: Id,
    /// What the desk says.
    pub desk: Count,
    /// What was counted.
    pub recount: Count,
}

/// What was sold, in all, on each day and of each product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    sales: u64,
    orders: u64,
    revenue: Takings,
    days: BTreeMap<String, (u64, Takings)>,
    products: BTreeMap<Id, (u64, Takings)>,
}

/// Counts everything, and compares.
///
/// # Errors
/// `Overloaded`, `Unavailable` or `Failed`.
pub async fn recount(desks: &Desks, payments: &Payments) -> Result<Recounted, AskError<Refusal>> {
    let mut recounted = once(desks, payments).await?;
    for _ in 1..TIMES {
        if recounted.stands {
            break;
        }
        recounted = once(desks, payments).await?;
    }
    Ok(recounted)
}

async fn once(desks: &Desks, payments: &Payments) -> Result<Recounted, AskError<Refusal>> {
    let mut counts = count(payments).await.map_err(unavailable)?;
    for seller in sellers(desks).await.map_err(unavailable)? {
        counts.entry(seller).or_default();
    }
    let mut sellers = Vec::new();
    for (seller, recount) in counts {
        let desk = desks.see(seller, Count::of).await?;
        sellers.push(Compared {
            seller,
            desk,
            recount,
        });
    }
    let stands = sellers.iter().all(|one| one.desk == one.recount);
    Ok(Recounted { sellers, stands })
}

async fn count(payments: &Payments) -> Result<BTreeMap<Id, Count>, Unavailable> {
    let store = &payments.owners().engine().store;
    let mut counts: BTreeMap<Id, Count> = BTreeMap::new();
    let mut query = Query::by_index(&ORDERS, "buyer", Vec::new()).limit(PAGE);
    loop {
        let page = store.find(query.clone()).await?;
        let orders = page.documents.iter().filter_map(|row| document::decode(row).ok());
        let bought: Vec<Order> = orders.filter(Order::is_bought).collect();
        let paid = payments.of(bought.iter().map(|order| order.id)).await?;
        for (order, payment) in bought.iter().zip(paid) {
            let back =
                payment.is_some_and(|paid| matches!(paid.status, Status::Refunding | Status::Refunded));
            take(&mut counts, order, back);
        }
        if page.next.is_none() {
            return Ok(counts);
        }
        query = query.after(page.next);
    }
}

fn take(counts: &mut BTreeMap<Id, Count>, order: &Order, refunded: bool) {
    let mut sellers: Vec<_> = order.lines.iter().map(|line| line.seller).collect();
    sellers.sort_unstable();
    sellers.dedup();
    for seller in sellers {
        counts.entry(seller).or_default().orders += 1;
    }
    let day = Day::of(order.created_at).to_string();
    for line in &order.lines {
        let earned = line.total().ok().filter(|_| !refunded);
        let count = counts.entry(line.seller).or_default();
        count.sell(&day, line.product, line.quantity.get().into(), earned);
    }
}

async fn sellers(desks: &Desks) -> Result<Vec<Id>, Unavailable> {
    let store = &desks.owners().engine().store;
    let (mut sellers, mut after) = (Vec::new(), None);
    loop {
        let query = Query::by_index(&DESKS, "seller", Vec::new()).limit(PAGE);
        let page = store.find(query.after(after)).await?;
        let found = page
            .documents
            .iter()
            .filter_map(|row| row.get_object_id("seller").ok());
        sellers.extend(found.map(Id::from));
        if page.next.is_none() {
            return Ok(sellers);
        }
        after = page.next;
    }
}

impl Count {
    fn sell(&mut self, day: &str, product: Id, sold: u64, earned: Option<Money>) {
        let earned = earned.map(Takings::from).unwrap_or_default();
        self.sales += sold;
        self.revenue.add(&earned);
        let parts = [
            self.days.entry(day.to_owned()).or_default(),
            self.products.entry(product).or_default(),
        ];
        for (sum, takings) in parts {
            *sum += sold;
            takings.add(&earned);
        }
    }

    /// What a desk says.
    fn of(desk: &Desk) -> Self {
        let day = |day: &DaySums| (day.day.to_string(), (day.sums.sales, day.sums.revenue.clone()));
        let products = desk
            .products()
            .map(|one| (one.product, (one.sold, one.revenue.clone())));
        Self {
            sales: desk.sums.sales,
            orders: desk.sums.orders,
            revenue: desk.sums.revenue.clone(),
            days: desk.days().map(day).collect(),
            products: products.collect(),
        }
    }
}

fn unavailable(Unavailable(why): Unavailable) -> AskError<Refusal> {
    AskError::Unavailable(why)
}
