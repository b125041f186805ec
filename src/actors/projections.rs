//! Keeps the sellers' desks up to date: every event of an order, and of money that goes back, is
//! posted to the desks of the order's sellers. Being told twice or in another order does no harm.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, try_join_all};
use serde::Deserialize;
use tracing::error;

use super::desks::Desks;
use super::orders::Orders;
use crate::domain::desk::{Command, Sale};
use crate::domain::id::Id;
use crate::domain::order::Order;
use crate::events::consumer::{Consumer, Reach, Retry};
use crate::events::event::Event;

/// The consumer that keeps the desks.
pub struct Projections {
    desks: Desks,
    orders: Orders,
}

/// What an event of money that goes back says of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    order_id: Id,
    of_the_order: bool,
}

impl Projections {
    /// Keeps these desks by what happens to these orders.
    #[must_use]
    pub fn new(desks: Desks, orders: Orders) -> Arc<Self> {
        Arc::new(Self { desks, orders })
    }

    /// What an event means for the desks.
    async fn sales(&self, event: &Event) -> Result<Vec<Sale>, Retry> {
        match event.name.as_str() {
            "ORDER_CREATED" | "ORDER_CONFIRMED" | "ORDER_REVIVED" | "ORDER_CANCELLED" | "ORDER_SHIPPED"
            | "ORDER_DELIVERED" => {
                let order: Option<Order> = read(event);
                Ok(order.map_or_else(Vec::new, |order| Sale::all_of(&order, event.version, false)))
            }
            "PAYMENT_REFUNDING" | "PAYMENT_REFUNDED" => self.refunded(event).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The event does not say whose the order was.
    async fn refunded(&self, event: &Event) -> Result<Vec<Sale>, Retry> {
        let Some(sent) = read::<Sent>(event).filter(|sent| sent.of_the_order) else {
            return Ok(Vec::new());
        };
        let seen = self.orders.see(sent.order_id).await.map_err(Retry::from)?;
        Ok(seen.map_or_else(Vec::new, |seen| Sale::all_of(&seen.order, seen.version, true)))
    }

    /// All at once, because what waits at one desk is taken in by one commit.
    async fn post(&self, sales: Vec<Sale>) -> Result<(), Retry> {
        let known = self
            .desks
            .postings(sales.iter().map(|sale| (sale.seller, sale.order)));
        let known = known.await?;
        let news = sales.into_iter().zip(known).filter_map(|(sale, known)| {
            // What is posted stays so: nobody need be woken to hear it again.
            let told =
                known.is_some_and(|known| known.posted >= sale.version && (known.refunded || !sale.refunded));
            (!told).then(|| self.desks.tell(Command::Post(Box::new(sale))))
        });
        try_join_all(news).await.map(drop).map_err(Retry::from)
    }
}

impl Consumer for Projections {
    fn name(&self) -> &'static str {
        "projections"
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }

    fn topics(&self) -> &'static [&'static str] {
        &["order.*", "payment.refunding", "payment.refunded"]
    }

    fn consume<'a>(&'a self, events: &'a [Event]) -> BoxFuture<'a, Result<(), Retry>> {
        async move {
            let mut sales = Vec::new();
            for event in events {
                sales.extend(self.sales(event).await?);
            }
            self.post(sales).await
        }
        .boxed()
    }
}

fn read<T: serde::de::DeserializeOwned>(event: &Event) -> Option<T> {
    let read = event.data();
    if read.is_none() {
        error!(event = event.id, "an event that cannot be read reaches no desk");
    }
    read
}
