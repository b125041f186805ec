//! The books of a simulated shop, read from its store: what must be true of them at every moment,
//! and what when everything has come to rest.

use std::collections::BTreeMap;

use bazaar::domain::entity::Entity;
use bazaar::domain::id::Id;
use bazaar::domain::ledger::{Entry, LEDGER};
use bazaar::domain::order::{ORDERS, Order, Status, Task};
use bazaar::domain::payment::{self, Bond, PAYMENTS, Payment};
use bazaar::domain::stock::{HOLDS, Stock, TICKETS};
use bazaar::store::document;
use bson::{RawDocument, RawDocumentBuf};

use crate::support::disk::Disk;

/// Everything that the store says of stocks and orders.
pub(super) struct Books {
    stocks: BTreeMap<Id, [i64; 3]>,
    /// By product and order: how many are held, and how many of them are shared.
    holds: BTreeMap<(Id, Id), (i64, i64)>,
    /// By product and order: how many were sold and not taken back.
    sales: BTreeMap<(Id, Id), i64>,
    pub(super) orders: BTreeMap<Id, Order>,
    payments: BTreeMap<Id, Payment>,
    ledger: Vec<Entry>,
}

fn number(row: &RawDocument, field: &str) -> i64 {
    match row.get(field) {
        Ok(Some(bson::RawBsonRef::Int32(number))) => number.into(),
        Ok(Some(bson::RawBsonRef::Int64(number))) => number,
        other => panic!("{field} is {other:?}"),
    }
}

/// The product and the order of a side row.
fn place(row: &RawDocumentBuf) -> (Id, Id) {
    let key = row.get_str("_id").expect("a key");
    let (product, order) = key.split_once('/').expect("a part of something");
    (product.parse().expect("an id"), order.parse().expect("an id"))
}

impl Books {
    pub(super) fn read(disk: &Disk) -> Self {
        let id = |row: &RawDocumentBuf| Id::from(row.get_object_id("_id").expect("an id"));
        let stocks = disk.all(Stock::COLLECTION).map(|row| {
            (
                id(row),
                ["onHand", "reserved", "sold"].map(|name| number(row, name)),
            )
        });
        let holds = disk.all(&HOLDS).map(|row| {
            let shared = row.get_document("shared").ok();
            let shared = shared.map_or(0, |shared| number(shared, "quantity"));
            (place(row), (number(row, "quantity"), shared))
        });
        let sold = |row: &&RawDocumentBuf| row.get_str("fate").is_ok_and(|fate| fate == "sold");
        let sales = disk
            .all(&TICKETS)
            .filter(sold)
            .map(|row| (place(row), number(row, "quantity")));
        let orders = disk.all(&ORDERS).map(|row| {
            let order: Order = document::decode(row).expect("an order");
            (id(row), order)
        });
        Self {
            stocks: stocks.collect(),
            holds: holds.collect(),
            sales: sales.collect(),
            orders: orders.collect(),
            payments: disk
                .all(&PAYMENTS)
                .map(|row| (id(row), document::decode(row).expect("a payment")))
                .collect(),
            ledger: disk
                .all(&LEDGER)
                .map(|row| document::decode(row).expect("an entry"))
                .collect(),
        }
    }

    /// The first thing that is wrong at this moment.
    pub(super) fn fault(&self, received: &BTreeMap<Id, i64>) -> Option<String> {
        let stocks = self
            .stocks
            .iter()
            .find_map(|(product, numbers)| self.of_stock(*product, *numbers, received));
        let orders = || self.orders.values().find_map(|order| self.of_order(order));
        let unpaid = || self.more_than_one_unpaid();
        stocks
            .or_else(orders)
            .or_else(unpaid)
            .or_else(|| self.of_ledger())
    }

    /// A cart has one order at a time: a newer one stands when the older one is over.
    fn more_than_one_unpaid(&self) -> Option<String> {
        let mut unpaid = BTreeMap::new();
        let waits = |order: &&Order| order.status == Some(Status::Pending) && order.task.is_none();
        self.orders.values().filter(waits).find_map(|order| {
            let other: &Order = unpaid.insert(order.user, order)?;
            Some(format!(
                "two orders of one cart wait to be paid: {other:?} and {order:?}"
            ))
        })
    }

    fn of_stock(&self, product: Id, numbers: [i64; 3], received: &BTreeMap<Id, i64>) -> Option<String> {
        let [on_hand, reserved, sold] = numbers;
        let mine = |(of, _): &(Id, Id)| *of == product;
        let twofold: i64 = self
            .holds
            .iter()
            .filter(|(key, _)| mine(key))
            .map(|(_, (held, shared))| 2 * held - shared)
            .sum();
        let sales: i64 = self
            .sales
            .iter()
            .filter(|(key, _)| mine(key))
            .map(|(_, sale)| sale)
            .sum();
        let wrong = if on_hand < reserved {
            "is oversold"
        } else if twofold != 2 * reserved {
            "has holds that are not what is reserved"
        } else if sales != sold {
            "has tickets that are not what is sold"
        } else if on_hand + sold != received[&product] {
            "has lost or found some"
        } else {
            return None;
        };
        Some(format!(
            "{product} {wrong}: {on_hand} on hand, {reserved} reserved, {sold} sold, {:?}",
            self.holds
        ))
    }

    fn of_order(&self, order: &Order) -> Option<String> {
        let held = |line: &bazaar::domain::order::Line| {
            self.holds.get(&(line.product, order.id)).map(|(held, _)| *held)
        };
        let sold = |line: &bazaar::domain::order::Line| self.sales.get(&(line.product, order.id)).copied();
        let wrong = order.lines.iter().find_map(|line| {
            let wanted = Some(i64::from(line.quantity.get()));
            match (order.status, order.task) {
                (Some(Status::Pending), None) if held(line) != wanted => {
                    Some("stands, but its stock is not held")
                }
                (Some(Status::Pending), Some(Task::Sell)) if held(line) != wanted && sold(line) != wanted => {
                    Some("is paid, but its stock is gone")
                }
                (Some(Status::Confirmed), None) if sold(line) != wanted => {
                    Some("is confirmed, but nothing was sold")
                }
                (None | Some(Status::Cancelled), None) if held(line).is_some() || sold(line).is_some() => {
                    Some("is over, but its stock is not back")
                }
                _ => None,
            }
        });
        let line = |wrong| {
            format!(
                "order {} {wrong}: {order:?}, {:?}, {:?}",
                order.id, self.holds, self.sales
            )
        };
        wrong.map(line)
    }

    fn of_ledger(&self) -> Option<String> {
        let sum: i64 = self.ledger.iter().map(|entry| entry.minor).sum();
        (sum != 0).then(|| format!("the ledger comes to {sum}: {:?}", self.ledger))
    }

    /// What is wrong with the money when everything is at rest: what the provider has kept of an
    /// order's money is the order's total if its buyer gets it and did not promise to pay at the
    /// door, and nothing otherwise; and nobody owes a buyer anything.
    pub(super) fn fault_of_money(&self, kept: &BTreeMap<String, i64>) -> Option<String> {
        let open = self.payments.values().find(|payment| {
            let busy = matches!(payment.bond, Bond::Tying | Bond::Untying);
            busy || payment.owed().is_some() || payment.status == payment::Status::Refunding
        });
        if let Some(open) = open {
            return Some(format!("a payment never ends: {open:?}"));
        }
        let wrong = self.orders.values().find_map(|order| {
            let payment = self.payments.get(&order.id);
            let at_the_door = payment.is_some_and(|payment| payment.on_delivery);
            let total = order.bill.map_or(0, |bill| bill.total.minor());
            let wanted = if order.is_bought() && !at_the_door {
                total
            } else {
                0
            };
            let kept = kept.get(&order.id.to_string()).copied().unwrap_or(0);
            (kept != wanted).then(|| format!("{kept} was kept for {order:?}, {payment:?}"))
        });
        let mut owed: BTreeMap<String, i64> = BTreeMap::new();
        for entry in &self.ledger {
            *owed.entry(entry.account.to_string()).or_default() += entry.minor;
        }
        owed.retain(|account, minor| account.starts_with("buyer:") && *minor != 0);
        wrong.or_else(|| (!owed.is_empty()).then(|| format!("buyers are owed {owed:?}")))
    }

    /// What is not at rest although everything should be.
    pub(super) fn unfinished(&self) -> Option<String> {
        let busy = |order: &&Order| order.task.is_some() || order.status == Some(Status::Pending);
        let order = self
            .orders
            .values()
            .find(busy)
            .map(|order| format!("never ends: {order:?}"));
        let held = || (!self.holds.is_empty()).then(|| format!("held for ever: {:?}", self.holds));
        order.or_else(held)
    }
}
