//! What each piece of news comes to in a letter.

use super::is_told;
use super::news::{News, Payment, Step};
use crate::domain::account::Profile;
use crate::domain::letter::{Content, Item};

/// The letter to whom the news are about; none where a letter would only annoy.
pub(super) fn of(news: &News) -> Option<Content> {
    Some(match news {
        News::Registered(_) => Content::Welcome,
        News::Launched(launched) => Content::ProductLaunched {
            product: launched.product_id,
            title: launched.listing.title.clone(),
            price: launched.listing.price,
        },
        News::Order(Step::Confirmed, order) => Content::OrderConfirmed {
            order: order.id,
            items: Item::all_of(order),
            total: order.bill.map(|bill| bill.total),
        },
        News::Order(Step::Cancelled, order) if is_told(order) => Content::OrderCancelled {
            order: order.id,
            reason: order.reason,
        },
        // The seed of a link is in the account alone, and of an order that was replaced its buyer knows.
        News::ResetAsked(_) | News::WebhookOff(_) | News::Order(Step::Cancelled, _) => return None,
        News::Order(Step::Shipped, order) => Content::OrderShipped {
            order: order.id,
            items: Item::all_of(order),
        },
        News::Order(Step::Delivered, order) => Content::OrderDelivered {
            order: order.id,
            items: Item::all_of(order),
        },
        News::Payment(Payment::Initiated, paid) => Content::PaymentInitiated {
            order: paid.order,
            amount: paid.amount,
        },
        News::Payment(Payment::Completed, paid) => Content::PaymentSuccessful {
            order: paid.order,
            payment: paid.payment.clone(),
            amount: paid.amount,
        },
        News::Payment(Payment::Failed, paid) => Content::PaymentFailed { order: paid.order },
    })
}

/// Whether it is worth a text message.
pub(super) fn is_urgent(content: &Content) -> bool {
    matches!(
        content,
        Content::OrderConfirmed { .. } | Content::OrderShipped { .. } | Content::OrderDelivered { .. }
    )
}

/// How somebody is called in a letter.
pub(super) fn name_of(profile: &Profile) -> String {
    let name = &profile.full_name;
    let whole = format!("{} {}", name.first_name.trim(), name.last_name.trim());
    match whole.trim() {
        "" => profile.username.clone(),
        whole => whole.to_owned(),
    }
}
