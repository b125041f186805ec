//! The tools of a buyer's orders.

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::{Basis, Job, Question};
use super::{Audience, Desk, Effect, Outcome, Subject, Trouble, arguments};
use crate::actors::ask::Ask;
use crate::actors::checkout::Wanted;
use crate::actors::orders::Seen;
use crate::domain::id::Id;
use crate::domain::order::{Authority, Order, Status};

/// So many of the latest orders are told.
const ORDERS_MAX: usize = 10;
const NO_ORDERS: &str = "You have not ordered anything yet.";

/// `placeOrder`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {}

/// `myOrders`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mine {}

/// `cancelOrder`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Cancel {
    #[serde(deserialize_with = "arguments::named")]
    order_id: Id,
}

impl Job for Place {
    const NAME: &'static str = "placeOrder";
    const TITLE: &'static str = "Order what is in the cart";
    const DESCRIPTION: &'static str = "Orders what is in the user's cart. The user is asked to confirm \
        first, by the shop itself.";
    const EFFECT: Effect = Effect::Spends;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Orders;

    fn parameters() -> Value {
        arguments::none()
    }

    async fn question(&self, desk: &Desk) -> Result<Question, Trouble> {
        let quote = desk.shop.checkout.quote(desk.person()?.id).await?;
        let lines = quote.lines.iter().map(|line| {
            let (quantity, title, price) = (line.quantity.get(), &line.title, line.price);
            format!("{quantity} × {title} at {price}")
        });
        let lines: Vec<_> = lines.collect();
        Ok(Question {
            words: format!("Order {}, for {} in all?", lines.join(", "), quote.bill.total),
            basis: Basis::Quote(quote),
        })
    }

    async fn run(&self, desk: &Desk, basis: Basis) -> Result<Outcome, Trouble> {
        let Basis::Quote(quote) = basis else {
            return Err(Trouble::Failed);
        };
        let buyer = desk.person()?.id;
        let profile = desk.shop.accounts.profile(buyer).await?;
        let own = profile.map(|(profile, _)| profile.addresses).unwrap_or_default();
        let wanted = Wanted {
            buyer,
            id: desk.shop.engine().id(),
            once: None,
            address: own.into_iter().find(|address| address.is_default).map(Into::into),
            agreed: Some(quote),
        };
        let placed = desk.shop.checkout.order(&wanted).await?;
        let order = &placed.seen.order;
        let before = if placed.created {
            "Ordered"
        } else {
            "Ordered before"
        };
        let sentence = format!(
            "{before}: {}. It is held for you until {}; pay for it by then.",
            summary(order),
            order.expires_at,
        );
        let data = json!({ "order": shown(order) });
        Ok(Outcome { data, sentence })
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        let newest = |query: crate::store::Query| query.limit(1);
        let orders = desk.shop.checkout.orders();
        let (found, ..) = orders.list(desk.person()?.id, None, newest).await?;
        Ok(found.first().map_or_else(
            || NO_ORDERS.to_owned(),
            |Seen { order, .. }| {
                let (told, since) = (summary(order), order.created_at);
                format!("Your newest order is of {since}: {told}.")
            },
        ))
    }
}

impl Job for Mine {
    const NAME: &'static str = "myOrders";
    const TITLE: &'static str = "Show the orders";
    const DESCRIPTION: &'static str = "Tells the user's latest orders with their ids and how far they have \
        come, the newest first.";
    const EFFECT: Effect = Effect::Reads;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Orders;

    fn parameters() -> Value {
        arguments::none()
    }

    async fn run(&self, desk: &Desk, _: Basis) -> Result<Outcome, Trouble> {
        let buyer = desk.person()?.id;
        let part = |query: crate::store::Query| query.limit(ORDERS_MAX);
        let (found, _, total) = desk.shop.checkout.orders().list(buyer, None, part).await?;
        let sentence = if found.is_empty() {
            NO_ORDERS.to_owned()
        } else {
            let told: Vec<_> = found.iter().map(|seen| summary(&seen.order)).collect();
            format!("Your orders, the newest first: {}.", told.join("; "))
        };
        let orders: Vec<_> = found.iter().map(|seen| shown(&seen.order)).collect();
        let data = json!({ "orders": orders, "total": total });
        Ok(Outcome { data, sentence })
    }
}

impl Job for Cancel {
    const NAME: &'static str = "cancelOrder";
    const TITLE: &'static str = "Cancel an order";
    const DESCRIPTION: &'static str = "Cancels an order of the user's that is not on its way yet. The user \
        is asked to confirm first, by the shop itself.";
    const EFFECT: Effect = Effect::Spends;
    const AUDIENCE: Audience = Audience::Buyers;
    const SUBJECT: Subject = Subject::Orders;

    fn parameters() -> Value {
        arguments::object(&json!({ "orderId": arguments::id("the order") }), &["orderId"])
    }

    async fn question(&self, desk: &Desk) -> Result<Question, Trouble> {
        let Seen { order, version } = self.own(desk).await?;
        match order.status {
            Some(Status::Pending | Status::Confirmed) => Ok(Question {
                words: format!("Cancel {}?", summary(&order)),
                basis: Basis::Order(version),
            }),
            _ => Err(Trouble::Refused(format!("it is too late: {}", summary(&order)))),
        }
    }

    async fn run(&self, desk: &Desk, basis: Basis) -> Result<Outcome, Trouble> {
        let Basis::Order(version) = basis else {
            return Err(Trouble::Failed);
        };
        let order = self.own(desk).await?.order;
        let now = desk.shop.engine().now(Some(order.user));
        let ask = |command| Ask::new(command, now).if_match(Some(vec![version]));
        let answer = desk.shop.checkout.cancel(order.id, Authority::Buyer, ask).await?;
        let order = &answer.reply;
        let sentence = format!("Cancelled: {}.", summary(order));
        let data = json!({ "order": shown(order) });
        Ok(Outcome { data, sentence })
    }

    async fn stands(&self, desk: &Desk) -> Result<String, Trouble> {
        let order = self.own(desk).await?.order;
        Ok(format!("Yours is {}.", summary(&order)))
    }
}

impl Cancel {
    /// Somebody else's order is as good as none: its id may have been guessed.
    async fn own(&self, desk: &Desk) -> Result<Seen, Trouble> {
        let buyer = desk.person()?.id;
        let seen = desk.shop.checkout.orders().see(self.order_id).await?;
        seen.filter(|seen| seen.order.stood() && seen.order.user == buyer)
            .ok_or(Trouble::NotFound("order"))
    }
}

/// `order 6553… of 2 × Tent for 9999.00 INR, pending`.
fn summary(order: &Order) -> String {
    let lines = order
        .lines
        .iter()
        .map(|line| format!("{} × {}", line.quantity.get(), line.title));
    let lines: Vec<_> = lines.collect();
    let total = order
        .bill
        .map_or(String::new(), |bill| format!(" for {}", bill.total));
    let status = order.status.map_or("not placed", Status::name).to_lowercase();
    format!("order {} of {}{total}, {status}", order.id, lines.join(", "))
}

fn shown(order: &Order) -> Value {
    let items = order.lines.iter().map(|line| {
        json!({
            "productId": line.product, "title": line.title, "price": line.price, "quantity": line.quantity,
        })
    });
    json!({
        "id": order.id,
        "status": order.status,
        "reason": order.reason,
        "items": items.collect::<Vec<_>>(),
        "total": order.bill.map(|bill| bill.total),
        "createdAt": order.created_at,
        "expiresAt": order.expires_at,
    })
}
