//! What the store knows beside an event, for those who cannot ask: who the buyer is, what was
//! ordered, what there is of a product. Read for many events at once, and past the owners: an
//! event is told a moment later anyhow, and nobody has to be woken for it.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::account::{ACCOUNTS, Profile};
use crate::domain::collection::Collection;
use crate::domain::entity::{Entity, Key};
use crate::domain::id::Id;
use crate::domain::order::{ORDERS, Order};
use crate::domain::stock::{Count, Stock};
use crate::events::event::Event;
use crate::events::told::told;
use crate::store::{Store, Unavailable, document};

/// An account but for its secrets, which are not even read.
#[derive(Deserialize)]
struct Account {
    profile: Profile,
}

/// What some events are about, beside what they say themselves.
#[derive(Default)]
pub(super) struct Joined {
    people: HashMap<Id, Profile>,
    orders: HashMap<Id, Order>,
    counts: HashMap<Id, Count>,
}

impl Joined {
    /// Reads it for these events.
    pub(super) async fn read(store: &dyn Store, events: &[Event]) -> Result<Self, Unavailable> {
        let (mut users, mut orders, mut products) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for event in events {
            match event.kind.as_str() {
                "order" | "payment" => users.extend(reference(event, "user")),
                "product" => {
                    users.extend(reference(event, "seller"));
                    products.insert(event.entity);
                }
                _ => {}
            }
            if event.kind == "payment" {
                orders.extend(order_of(event));
            }
        }
        let orders = found::<Order>(store, &ORDERS, orders).await?;
        users.extend(orders.values().map(|order| order.user));
        let people = found::<Account>(store, &ACCOUNTS, users).await?;
        let counts = found::<Stock>(store, Stock::COLLECTION, products).await?;
        Ok(Self {
            people: people
                .into_iter()
                .map(|(id, account)| (id, account.profile))
                .collect(),
            orders,
            counts: counts
                .into_iter()
                .map(|(id, stock)| (id, stock.count()))
                .collect(),
        })
    }

    /// Whom an event concerns: the buyer of an order or payment, the seller of a product.
    pub(super) fn person(&self, event: &Event) -> Option<&Profile> {
        let whose = match event.kind.as_str() {
            "product" => reference(event, "seller"),
            _ => reference(event, "user").or_else(|| self.order(event).map(|order| order.user)),
        };
        self.people.get(&whose?)
    }

    /// The order that a payment is for.
    pub(super) fn order(&self, event: &Event) -> Option<&Order> {
        self.orders.get(&order_of(event)?)
    }

    /// What there is of a product.
    pub(super) fn count(&self, event: &Event) -> Option<Count> {
        self.counts.get(&event.entity).copied()
    }
}

/// The order that a payment is for.
fn order_of(event: &Event) -> Option<Id> {
    reference(event, "orderId").or_else(|| reference(event, "order"))
}

/// The thing that a field of an event names.
fn reference(event: &Event, field: &str) -> Option<Id> {
    event.data.get_object_id(field).ok().map(Id::from)
}

async fn found<T: DeserializeOwned>(
    store: &dyn Store,
    collection: &'static Collection,
    ids: BTreeSet<Id>,
) -> Result<HashMap<Id, T>, Unavailable> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let rows = store
        .get(collection, ids.iter().copied().map(Key::Id).collect())
        .await?;
    let rows = ids.into_iter().zip(rows);
    Ok(rows
        .filter_map(|(id, row)| Some((id, document::decode(&row?).ok()?)))
        .collect())
}

/// What an event tells, with what there is of a product beside it.
pub(super) fn thing(event: &Event, joined: &Joined) -> serde_json::Map<String, Value> {
    let mut thing = told(event);
    if let Some(count) = joined.count(event) {
        thing.insert("stock".into(), count.on_hand.into());
        thing.insert("available".into(), count.available.into());
    }
    thing
}
