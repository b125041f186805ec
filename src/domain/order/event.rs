//! What happens to an order.

use serde::Serialize;

use super::{Address, Order, Parcel, Reason};
use crate::domain::entity;
use crate::domain::id::Id;

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Its stock is held; it waits for payment.
    Created(Box<Order>),
    /// It is paid, and its stock is sold.
    Confirmed(Box<Order>),
    /// It had expired, and is paid after all.
    Revived(Box<Order>),
    /// It is over.
    Cancelled(Box<Order>),
    /// All of it is on its way.
    Shipped(Box<Order>),
    /// All of it is there.
    Delivered(Box<Order>),
    /// The parcels of one seller have come further.
    #[serde(rename_all = "camelCase")]
    ParcelsAdvanced {
        /// The seller; none when an administrator did it for all.
        seller: Option<Id>,
        /// How far.
        to: Parcel,
    },
    /// It goes somewhere else.
    Readdressed(Address),
}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "ORDER_CREATED",
            Self::Confirmed(_) => "ORDER_CONFIRMED",
            Self::Revived(_) => "ORDER_REVIVED",
            Self::Cancelled(_) => "ORDER_CANCELLED",
            Self::Shipped(_) => "ORDER_SHIPPED",
            Self::Delivered(_) => "ORDER_DELIVERED",
            Self::ParcelsAdvanced { .. } => "ORDER_PARCELS_ADVANCED",
            Self::Readdressed(_) => "ORDER_READDRESSED",
        }
    }

    fn is_audited(&self, _: Option<Id>) -> bool {
        match self {
            Self::Cancelled(order) => order.reason == Some(Reason::ByAdmin),
            // An administrator said so, for the parcels of all sellers.
            Self::ParcelsAdvanced { seller, .. } => seller.is_none(),
            _ => false,
        }
    }
}
