//! Razorpay's names for things. An attempt is named after its order, and so it can be found.

use crate::domain::id::Id;

/// Digits of an id.
const ID_DIGITS: usize = 24;

/// One attempt of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempted {
    /// The order.
    pub order: Id,
    /// The place of the attempt among the order's.
    pub attempt: usize,
}

/// The name of an order: `order_` and its id.
#[must_use]
pub fn order_id(id: Id) -> String {
    format!("order_{id}")
}

/// The id in the name of an order.
#[must_use]
pub fn parse_order(name: &str) -> Option<Id> {
    name.strip_prefix("order_")?.parse().ok()
}

impl Attempted {
    /// The name of the payment.
    #[must_use]
    pub fn payment_id(self) -> String {
        format!("pay_{}{:02}", self.order, self.attempt)
    }

    /// The name of one of its refunds: each is whole, and all before it came to nothing.
    #[must_use]
    pub fn refund_id(self, number: usize) -> String {
        let first = format!("rfnd_{}{:02}", self.order, self.attempt);
        if number == 0 {
            first
        } else {
            format!("{first}{number:02}")
        }
    }
}

/// The attempt in the name of a payment.
#[must_use]
pub fn parse_attempt(name: &str) -> Option<Attempted> {
    let (id, attempt) = name.strip_prefix("pay_")?.split_at_checked(ID_DIGITS)?;
    let named = Attempted {
        order: id.parse().ok()?,
        attempt: attempt.parse().ok()?,
    };
    (named.payment_id() == name).then_some(named)
}
