//! What things are called on the broker.

/// The exchange that every event goes to, under its topic.
pub(super) const EVENTS: &str = "bazaar.events";
/// The exchange, and the queue behind it, of messages that nobody could take.
pub(super) const DEAD_LETTERS: &str = "bazaar.dead-letters";
/// The queue that collects what others say of payments.
pub(super) const PAYMENT_RESULTS: &str = "bazaar.payment-results";

/// The fanouts of those who hear of all orders, and of all payments.
pub(super) const ORDER_EVENTS: &str = "order_events";
/// See [`ORDER_EVENTS`].
pub(super) const PAYMENT_EVENTS: &str = "payment_events";

/// The queue of one of our own consumers.
pub(super) fn queue_of(consumer: &str) -> String {
    format!("bazaar.{consumer}")
}

/// A queue that consumers of the systems before this one listen on.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeedQueue {
    /// Its name.
    pub(super) name: &'static str,
    /// The event that it wants.
    pub(super) event: &'static str,
    /// What it wants to read of it.
    pub(super) wants: Wants,
}

/// What is written into a seed queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// What a mail to somebody needs.
    Letter,
    /// All of the thing itself.
    Thing,
}

/// Every seed queue.
pub(super) const SEED_QUEUES: [SeedQueue; 15] = [
    letter("AUTH_NOTIFICATION.USER_CREATED", "USER_CREATED"),
    thing("AUTH_SELLER_DASHBOARD.USER_CREATED", "USER_CREATED"),
    letter("PRODUCT_NOTIFICATION.PRODUCT_CREATED", "PRODUCT_CREATED"),
    thing("PRODUCT_SELLER_DASHBOARD.PRODUCT_CREATED", "PRODUCT_CREATED"),
    thing("ORDER_SELLER_DASHBOARD.ORDER_CREATED", "ORDER_CREATED"),
    thing("PAYMENT_SELLER_DASHBOARD.PAYMENT_CREATED", "PAYMENT_CREATED"),
    thing("PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATED", "PAYMENT_UPDATED"),
    // Half of the dashboards listen for it under this name.
    thing("PAYMENT_SELLER_DASHBOARD.PAYMENT_UPDATE", "PAYMENT_UPDATED"),
    letter("PAYMENT_NOTIFICATION.PAYMENT_INITIATED", "PAYMENT_INITIATED"),
    letter("PAYMENT_NOTIFICATION.PAYMENT_COMPLETED", "PAYMENT_COMPLETED"),
    letter("PAYMENT_NOTIFICATION.PAYMENT_FAILED", "PAYMENT_FAILED"),
    letter("ORDER_NOTIFICATION.ORDER_CREATED", "ORDER_CREATED"),
    letter("ORDER_NOTIFICATION.ORDER_CANCELLED", "ORDER_CANCELLED"),
    letter("ORDER_NOTIFICATION.ORDER_SHIPPED", "ORDER_SHIPPED"),
    letter("ORDER_NOTIFICATION.ORDER_DELIVERED", "ORDER_DELIVERED"),
];

const fn letter(name: &'static str, event: &'static str) -> SeedQueue {
    let wants = Wants::Letter;
    SeedQueue { name, event, wants }
}

const fn thing(name: &'static str, event: &'static str) -> SeedQueue {
    let wants = Wants::Thing;
    SeedQueue { name, event, wants }
}
