//! The parts of a letter: its subject, its sentences, its facts, and what its reader may do.

use super::one_line;
use crate::domain::letter::{Content, Item};
use crate::domain::money::Money;
use crate::domain::order::Reason;
use crate::services::reset_links::ResetLinks;

/// A letter in parts.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) subject: String,
    pub(super) sentences: Vec<String>,
    pub(super) facts: Vec<(String, String)>,
    /// What the reader may do, and where.
    pub(super) action: Option<(String, String)>,
}

impl Sheet {
    pub(super) fn of(content: &Content, links: &ResetLinks) -> Self {
        match content {
            Content::Welcome => Self::new("Welcome to Our Service")
                .say("Thank you for registering with us!")
                .say("Your account is ready. Have a look around."),
            Content::PasswordReset { account, seed } => Self::new("Your New Password")
                .say("Somebody, hopefully you, wants a new password for your account.")
                .say("The link is good once and for an hour. If it was not you, there is nothing to do.")
                .offer("Choose a new password", links.link(*account, seed)),
            Content::PaymentInitiated { order, amount } => Self::new("Payment Initiated")
                .say("Your payment is being processed.")
                .fact("Order", order)
                .price("Amount", *amount),
            Content::PaymentSuccessful {
                order,
                payment,
                amount,
            } => Self::new("Payment Successful")
                .say("We have received your payment.")
                .fact("Order", order)
                .fact("Payment", payment)
                .price("Amount", *amount),
            Content::PaymentFailed { order } => Self::new("Payment Failed")
                .say("Your payment could not be processed.")
                .say("Nothing was charged. You can try again as long as your order stands.")
                .fact("Order", order),
            Content::ProductLaunched {
                product,
                title,
                price,
            } => Self::new("New Product Launched")
                .say("Your latest product is in the catalogue from now on.")
                .fact("Product", &one_line(title))
                .price("Price", Some(*price))
                .fact("Id", product),
            Content::OrderConfirmed { order, items, total } => Self::new("Order Confirmed")
                .say("Your order is paid and confirmed. We will tell you when it is on its way.")
                .fact("Order", order)
                .items(items)
                .price("Total", *total),
            Content::OrderCancelled { order, reason } => Self::new("Order Cancelled")
                .say(cancelled(*reason))
                .say("If you have paid for it, you get your money back.")
                .fact("Order", order),
            Content::OrderShipped { order, items } => Self::new("Order Shipped")
                .say("Your order is on its way.")
                .fact("Order", order)
                .items(items),
            Content::OrderDelivered { order, items } => Self::new("Order Delivered")
                .say("Your order has been delivered. We hope you like it.")
                .fact("Order", order)
                .items(items),
        }
    }

    fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            ..Self::default()
        }
    }

    fn say(mut self, sentence: &str) -> Self {
        self.sentences.push(sentence.to_owned());
        self
    }

    fn fact(mut self, what: &str, value: &impl ToString) -> Self {
        self.facts.push((what.to_owned(), value.to_string()));
        self
    }

    fn price(self, what: &str, price: Option<Money>) -> Self {
        match price {
            Some(price) => self.fact(what, &price),
            None => self,
        }
    }

    fn items(self, items: &[Item]) -> Self {
        items.iter().fold(self, |sheet, item| {
            let what = format!("{} × {}", item.quantity, one_line(&item.title));
            let total = item.total.map_or_else(String::new, |total| total.to_string());
            sheet.fact(&what, &total)
        })
    }

    fn offer(mut self, what: &str, link: String) -> Self {
        self.action = Some((what.to_owned(), link));
        self
    }
}

fn cancelled(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::ByBuyer) => "Your order is cancelled, as you asked.",
        Some(Reason::ByAdmin) => "Your order was cancelled by the shop.",
        Some(Reason::Expired) => "Your order was not paid in time and is cancelled.",
        Some(Reason::Superseded) => "Your order was replaced by a newer one.",
        None => "Your order is cancelled.",
    }
}
