//! What each piece of news comes to in inboxes: the buyer's, and those of the sellers.

use std::collections::BTreeSet;

use super::is_told;
use super::news::{News, Paid, Payment, Step};
use crate::actors::derived_id::id_of;
use crate::domain::id::Id;
use crate::domain::inbox::Notice;
use crate::domain::order::{Order, Task};
use crate::events::event::Event;

/// The notices, each with the user that it is for.
pub(super) fn of(news: &News, event: &Event) -> Vec<(Id, Notice)> {
    match news {
        News::Registered(_) | News::ResetAsked(_) => Vec::new(),
        News::Launched(launched) => {
            let text = format!("{} is in the catalogue from now on.", launched.listing.title);
            let about = About::product(launched.product_id);
            vec![notice(
                event,
                launched.seller_id,
                "New product launched",
                text,
                about,
            )]
        }
        News::WebhookOff(off) => {
            let text = format!(
                "Nothing is sent to your webhook {} any more, because it took nothing. Please mend it and \
                 enable it again.",
                off.id
            );
            vec![notice(
                event,
                off.owner,
                "Webhook disabled",
                text,
                About::default(),
            )]
        }
        News::Order(step, order) => of_order(*step, order, event),
        News::Payment(payment, paid) => of_payment(*payment, paid, event).into_iter().collect(),
    }
}

/// What a notice is about.
#[derive(Clone, Copy, Default)]
struct About {
    order: Option<Id>,
    product: Option<Id>,
}

impl About {
    fn order(order: Id) -> Self {
        Self {
            order: Some(order),
            product: None,
        }
    }

    fn product(product: Id) -> Self {
        Self {
            order: None,
            product: Some(product),
        }
    }
}

fn of_order(step: Step, order: &Order, event: &Event) -> Vec<(Id, Notice)> {
    let (title, text) = match step {
        Step::Confirmed => ("Order confirmed", "Your order is paid and confirmed."),
        Step::Cancelled => ("Order cancelled", "Your order is cancelled."),
        Step::Shipped => ("Order shipped", "Your order is on its way."),
        Step::Delivered => ("Order delivered", "Your order has been delivered."),
    };
    if !is_told(order) {
        return Vec::new();
    }
    let about = About::order(order.id);
    let mut notices = vec![notice(event, order.user, title, text.into(), about)];
    let to_sellers = match step {
        Step::Confirmed => Some("New order"),
        // Sellers never heard of an order that was not paid.
        Step::Cancelled if order.task == Some(Task::Return) => Some("Order cancelled"),
        Step::Cancelled | Step::Shipped | Step::Delivered => None,
    };
    if let Some(title) = to_sellers {
        let sellers: BTreeSet<_> = order.lines.iter().map(|line| line.seller).collect();
        let tell = |seller| notice(event, seller, title, lines_of(order, seller), about);
        notices.extend(sellers.into_iter().map(tell));
    }
    notices
}

/// What of an order is a seller's own.
fn lines_of(order: &Order, seller: Id) -> String {
    let lines = order.lines_of(seller);
    let lines: Vec<_> = lines
        .map(|line| format!("{} × {}", line.quantity.get(), line.title))
        .collect();
    lines.join(", ")
}

fn of_payment(payment: Payment, paid: &Paid, event: &Event) -> Option<(Id, Notice)> {
    let (title, text) = match payment {
        Payment::Initiated => return None, // the buyer is paying at this moment
        Payment::Completed => ("Payment successful", "We have received your payment."),
        Payment::Failed => ("Payment failed", "Your payment could not be processed."),
    };
    Some(notice(
        event,
        paid.user,
        title,
        text.into(),
        About::order(paid.order),
    ))
}

fn notice(event: &Event, user: Id, title: &str, text: String, about: About) -> (Id, Notice) {
    let notice = Notice {
        id: id_of(&["notice", &user.to_string(), &event.id]),
        topic: event.routing_key(),
        title: title.to_owned(),
        text,
        order: about.order,
        product: about.product,
        at: event.at,
        read: false,
    };
    (user, notice)
}
