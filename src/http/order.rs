//! `order` on the wire: what is shown of an order and to whom, what is read of one, and how its
//! refusals are told.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fault::{Fault, Telling};
use super::fields::Wrong;
use super::payment::PaymentView;
use super::price::Amount;
use super::problem::Problem;
use super::users::NewAddress;
use crate::actors::ask::AskError;
use crate::actors::checkout::NoOrder;
use crate::actors::orders::Seen;
use crate::actors::stuck::Stuck;
use crate::domain::id::Id;
use crate::domain::money::{Money, MoneyError};
use crate::domain::order::{Address, Line, Order, Parcel, PriceChange, Reason, Refusal, Shortage, Status};
use crate::domain::payment::Payment;
use crate::domain::quantity::Quantity;
use crate::domain::time::Timestamp;
use crate::store::Version;

/// An order under its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderBody {
    /// The order.
    pub order: OrderView,
}

/// An order as its buyer and admins see it; a seller sees the own lines alone, and what they cost.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String)]
    user: Id,
    items: Vec<Item>,
    #[schema(value_type = Option<Amount>)]
    subtotal: Option<Money>,
    #[schema(value_type = Option<Amount>)]
    tax: Option<Money>,
    #[schema(value_type = Option<Amount>)]
    shipping: Option<Money>,
    #[schema(value_type = Option<Amount>)]
    total: Option<Money>,
    #[schema(value_type = String)]
    status: Option<Status>,
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    #[schema(value_type = Object)]
    shipping_address: Option<Address>,
    /// When it is given up if it is not paid.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// What is known of its payment, if anybody wanted to pay it.
    payment: Option<PaymentView>,
    #[schema(value_type = Vec<Object>)]
    price_changes: Vec<PriceChange>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// How many changes it has seen; its `ETag`.
    version: Version,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[schema(value_type = String)]
    product_id: Id,
    title: String,
    #[schema(value_type = Amount)]
    price: Money,
    #[schema(value_type = u32)]
    quantity: Quantity,
    #[schema(value_type = Option<Amount>)]
    line_total: Option<Money>,
    #[schema(value_type = String)]
    seller: Id,
    /// How far its parcel has come.
    #[schema(value_type = String)]
    parcel: Parcel,
}

impl OrderView {
    /// All of an order.
    #[must_use]
    pub fn whole(Seen { order, version }: Seen) -> Self {
        let items = order.lines.iter().map(Item::of).collect();
        let bill = order.bill;
        Self {
            subtotal: bill.map(|bill| bill.subtotal),
            tax: bill.map(|bill| bill.tax),
            shipping: bill.map(|bill| bill.shipping),
            total: bill.map(|bill| bill.total),
            price_changes: order.price_changes.clone(),
            ..Self::bare(order, version, items)
        }
    }

    /// The same with its payment.
    #[must_use]
    pub fn paid_by(mut self, payment: Option<&Payment>) -> Self {
        self.payment = payment.map(PaymentView::of);
        self
    }

    /// What a seller sees of an order.
    #[must_use]
    pub fn of_seller(Seen { order, version }: Seen, seller: Id) -> Self {
        let items = order.lines_of(seller).map(Item::of).collect();
        let subtotal = total_of(order.lines_of(seller)).ok().flatten();
        Self {
            subtotal,
            ..Self::bare(order, version, items)
        }
    }

    fn bare(order: Order, version: Version, items: Vec<Item>) -> Self {
        Self {
            id: order.id,
            user: order.user,
            items,
            subtotal: None,
            tax: None,
            shipping: None,
            total: None,
            status: order.status,
            reason: order.reason,
            shipping_address: order.address,
            expires_at: order.expires_at,
            payment: None,
            price_changes: Vec::new(),
            created_at: order.created_at,
            updated_at: order.updated_at,
            version,
        }
    }
}

fn total_of<'a>(lines: impl Iterator<Item = &'a Line>) -> Result<Option<Money>, MoneyError> {
    let mut sum: Option<Money> = None;
    for line in lines {
        let total = line.total()?;
        sum = Some(match sum {
            None => total,
            Some(sum) => sum.plus(total)?,
        });
    }
    Ok(sum)
}

impl Item {
    fn of(line: &Line) -> Self {
        Self {
            product_id: line.product,
            title: line.title.clone(),
            price: line.price,
            quantity: line.quantity,
            line_total: line.total().ok(),
            seller: line.seller,
            parcel: line.parcel,
        }
    }
}

/// Any status.
pub(super) fn status(value: &Value) -> Result<Status, Wrong> {
    let wanted = value.as_str().unwrap_or_default().to_uppercase();
    let all = [
        Status::Pending,
        Status::Confirmed,
        Status::Shipped,
        Status::Delivered,
        Status::Cancelled,
    ];
    let found = all.into_iter().find(|status| status.name() == wanted);
    found.ok_or_else(|| "must be PENDING, CONFIRMED, SHIPPED, DELIVERED or CANCELLED".into())
}

impl Telling for Refusal {
    fn problem(&self) -> Problem {
        let problem = |status, code| Problem::new(status, code, self.to_string());
        match self {
            Self::Unknown => problem(StatusCode::NOT_FOUND, "not_found"),
            Self::Over => problem(StatusCode::CONFLICT, "order_over"),
            Self::NotNow(_) => problem(StatusCode::CONFLICT, "not_now"),
            Self::AddressNeeded => problem(StatusCode::CONFLICT, "address_needed"),
            Self::NotYours => problem(StatusCode::FORBIDDEN, "forbidden"),
            Self::Mixed => problem(StatusCode::CONFLICT, "other_currency"),
            Self::TooLarge => problem(StatusCode::BAD_REQUEST, "too_dear"),
            Self::NotExpired => problem(StatusCode::CONFLICT, "not_expired"),
        }
    }
}

impl From<NoOrder> for Problem {
    fn from(why: NoOrder) -> Self {
        match why {
            NoOrder::Cart(error) => error.into(),
            NoOrder::Order(error) => error.into(),
            NoOrder::Short { lines, replayed } => {
                let problem = short(&lines);
                if replayed { problem.replayed() } else { problem }
            }
            NoOrder::Changed => {
                Problem::new(StatusCode::CONFLICT, "changed", "It is not what was agreed to.")
            }
            NoOrder::Stuck(stuck) => stuck.into(),
        }
    }
}

impl From<Stuck> for Problem {
    fn from(stuck: Stuck) -> Self {
        match stuck {
            Stuck::Overloaded => Fault::Overloaded.into(),
            Stuck::Unavailable(why) => Fault::Unavailable(why).into(),
            Stuck::Failed => AskError::<Refusal>::Failed.into(),
        }
    }
}

/// Names every line that there is too little of.
pub(super) fn short(lines: &[Shortage]) -> Problem {
    let why = "There is too little in stock. Nothing was reserved.";
    let lines = serde_json::to_value(lines).unwrap_or_default();
    Problem::new(StatusCode::CONFLICT, "short", why).member("items", lines)
}

impl From<NewAddress> for Address {
    fn from(new: NewAddress) -> Self {
        Self {
            street: new.street,
            city: new.city,
            state: new.state,
            country: new.country,
            zip: new.zip,
            phone: new.phone,
        }
    }
}
