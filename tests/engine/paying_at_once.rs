//! A provider and a buyer who say at the same moment that an order is paid.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::Bounds;
use bazaar::domain::order::Status as OrderStatus;
use bazaar::domain::payment::Status;
use futures_util::join;
use tokio::time::sleep;

use crate::checkout::{ANNA, TENT};
use crate::paying::{begin, statuses};
use crate::support::faulty::Faulty;
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};
use crate::support::till::Till;

/// So long takes whatever the store does.
const SLOW: Duration = Duration::from_millis(10);

#[test]
fn whoever_hears_that_he_has_paid_finds_his_order_confirmed() {
    for late in 0..80 {
        on_one_thread(async {
            let (faulty, till) = (Faulty::new(), Till::default());
            let market = Market::with_till(Arc::new(faulty.clone()), Bounds::default(), 1, HOLD, &till);
            market.put_up(id(TENT), 5).await;
            market.add(id(ANNA), id(TENT), 2).await;
            let order = market
                .order(id(ANNA))
                .await
                .expect("there are enough")
                .seen
                .order
                .id;
            let opened = begin(&market, order).await.unwrap();
            let payment = till.pay(&opened);
            faulty.slow_down(SLOW);
            let shown = async {
                sleep(Duration::from_millis(late)).await;
                market.verify(id(ANNA), &opened, &payment).await.unwrap();
                statuses(&market, order).await
            };
            let (heard, found) = join!(market.hear("evt_1", &payment), shown);
            heard.unwrap();
            let paid = (Some(OrderStatus::Confirmed), Status::Successful);
            assert_eq!(found, paid, "shown {late} ms after the provider spoke");
        });
    }
}
