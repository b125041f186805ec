//! The events that people should hear of, read from the feed. What cannot be read is passed over
//! and logged: it would hold up everybody's letters for ever.

use bson::{Bson, Document};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tracing::error;

use crate::domain::account::Profile;
use crate::domain::id::Id;
use crate::domain::money::{Currency, Money};
use crate::domain::order::Order;
use crate::events::event::Event;

/// Where the events below are found.
pub(super) const TOPICS: [&str; 6] = [
    "user.created",
    "password.reset_asked",
    "product.created",
    "order.*",
    "payment.*",
    "webhook.disabled",
];

/// Something that somebody should hear of.
pub(super) enum News {
    /// Somebody has come in.
    Registered(Box<Profile>),
    /// Somebody wants a new password.
    ResetAsked(Id),
    /// A seller has put up a product.
    Launched(Box<Launched>),
    /// An order has come further.
    Order(Step, Box<Order>),
    /// A webhook is not told any more.
    WebhookOff(Box<WebhookOff>),
    /// A payment has come further.
    Payment(Payment, Box<Paid>),
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Confirmed,
    Cancelled,
    Shipped,
    Delivered,
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payment {
    Initiated,
    Completed,
    Failed,
}

/// A product that was put up.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Launched {
    pub(super) product_id: Id,
    pub(super) seller_id: Id,
    pub(super) listing: Listing,
}

/// What is said of a product.
#[derive(Deserialize)]
pub(super) struct Listing {
    pub(super) title: String,
    pub(super) price: Money,
}

/// A webhook that is not told any more.
#[derive(Deserialize)]
pub(super) struct WebhookOff {
    pub(super) id: Id,
    pub(super) owner: Id,
}

/// A payment.
pub(super) struct Paid {
    pub(super) user: Id,
    pub(super) order: Id,
    /// The payment, as its provider calls it.
    pub(super) payment: String,
    pub(super) amount: Option<Money>,
}

impl News {
    /// What an event tells that somebody should hear.
    pub(super) fn read(event: &Event) -> Option<Self> {
        Some(match event.name.as_str() {
            "USER_CREATED" => Self::Registered(read(event)?),
            "PASSWORD_RESET_ASKED" => Self::ResetAsked(event.entity),
            "PRODUCT_CREATED" => Self::Launched(read(event)?),
            "WEBHOOK_DISABLED" => Self::WebhookOff(read(event)?),
            "ORDER_CONFIRMED" => Self::Order(Step::Confirmed, read(event)?),
            "ORDER_CANCELLED" => Self::Order(Step::Cancelled, read(event)?),
            "ORDER_SHIPPED" => Self::Order(Step::Shipped, read(event)?),
            "ORDER_DELIVERED" => Self::Order(Step::Delivered, read(event)?),
            "PAYMENT_INITIATED" => Self::Payment(Payment::Initiated, Paid::read(event)?),
            "PAYMENT_COMPLETED" => Self::Payment(Payment::Completed, Paid::read(event)?),
            "PAYMENT_FAILED" => Self::Payment(Payment::Failed, Paid::read(event)?),
            _ => return None,
        })
    }
}

impl Paid {
    fn read(event: &Event) -> Option<Box<Self>> {
        let data = &event.data;
        let user = id_in(data, &["user", "userId"]).or(event.by);
        let (Some(user), Some(order)) = (user, id_in(data, &["orderId", "order"])) else {
            error!(
                event = event.id,
                "a payment without its buyer or order is told to nobody"
            );
            return None;
        };
        let payment = ["paymentId", "id"].iter().find_map(|name| text_in(data, name));
        Some(Box::new(Self {
            user,
            order,
            payment: payment.unwrap_or_else(|| event.entity.to_string()),
            amount: amount_in(data),
        }))
    }
}

fn read<T: DeserializeOwned>(event: &Event) -> Option<Box<T>> {
    // By its bytes, because that is how ids and times are written in the store.
    let bytes = bson::serialize_to_vec(&event.data).ok()?;
    bson::deserialize_from_slice(&bytes)
        .map(Box::new)
        .inspect_err(
            |error| error!(event = event.id, %error, "an event that cannot be read is told to nobody"),
        )
        .ok()
}

fn id_in(data: &Document, names: &[&str]) -> Option<Id> {
    names.iter().find_map(|name| match data.get(name)? {
        Bson::ObjectId(id) => Some(Id::from(*id)),
        Bson::String(text) => text.parse().ok(),
        _ => None,
    })
}

fn text_in(data: &Document, name: &str) -> Option<String> {
    match data.get(name)? {
        Bson::String(text) if !text.is_empty() => Some(text.clone()),
        Bson::ObjectId(id) => Some(id.to_string()),
        _ => None,
    }
}

/// An amount as it is stored, or as it stands on the wire: in major units beside its currency.
fn amount_in(data: &Document) -> Option<Money> {
    if let Ok(price) = data.get_document("price") {
        let minor = price.get_i64("minor").ok()?;
        return Some(Money::of_minor(
            minor,
            price.get_str("currency").ok()?.parse().ok()?,
        ));
    }
    let currency: Currency = data.get_str("currency").ok()?.parse().ok()?;
    let written = match data.get("amount")? {
        Bson::Double(amount) => format!("{amount:.2}"),
        amount => amount.to_string(),
    };
    Money::parse(written.trim_matches('"'), currency).ok()
}
