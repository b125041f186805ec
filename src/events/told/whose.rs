//! Whose an event is among the sellers: of an order a seller hears no more than of the own lines,
//! and of what is between a buyer and the shop, payments and accounts, nothing.

use std::collections::BTreeSet;

use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::order::Order;
use crate::domain::webhook::Webhook;
use crate::events::event::Event;

/// The sellers that an event is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// These.
    Sellers(BTreeSet<Id>),
    /// Those of the order that it happened to; the event does not say who they are.
    OfOrder,
    /// The one of the product that it happened to; the event does not say who that is.
    OfProduct,
    /// None.
    Nobodys,
}

/// Whose an event is.
#[must_use]
pub fn whose(event: &Event) -> Whose {
    let one = |field| named(event, field).map(Whose::Sellers);
    match event.kind.as_str() {
        Order::KIND => match event.data::<Order>() {
            Some(order) => Whose::Sellers(order.lines.iter().map(|line| line.seller).collect()),
            None => one("seller").unwrap_or(Whose::OfOrder),
        },
        "product" => one("seller").unwrap_or(Whose::OfProduct),
        "stock" => Whose::OfProduct,
        Webhook::KIND => one("owner").unwrap_or(Whose::Nobodys),
        _ => Whose::Nobodys,
    }
}

fn named(event: &Event, field: &str) -> Option<BTreeSet<Id>> {
    let id = event.data.get_object_id(field).ok()?;
    Some(BTreeSet::from([Id::from(id)]))
}
