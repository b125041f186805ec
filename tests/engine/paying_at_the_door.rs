//! Buyers who turn to the courier while a provider is still being asked.

use std::time::Duration;

use bazaar::actors::ask::AskError;
use bazaar::actors::paying::NoPayment;
use bazaar::domain::order::Status as OrderStatus;
use bazaar::domain::payment::{Refusal, Status};
use bazaar::services::payments::CASH_ON_DELIVERY;
use tokio::time::{Instant, sleep};

use crate::checkout::{ANNA, TENT};
use crate::paying::{begin, ordered, promise, statuses};
use crate::support::market::LOOK_EVERY;
use crate::support::node::{id, on_one_thread};
use crate::support::till::{Mood, Till};

/// So long does the provider take to answer.
const LATE: Duration = Duration::from_secs(20);

#[test]
fn whoever_turns_to_the_courier_does_not_wait_for_the_provider() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        till.next(Mood::Late(LATE));
        let start = Instant::now();
        let turns = async {
            sleep(Duration::from_secs(1)).await;
            let promised = promise(&market, order).await.expect("the courier is there");
            assert_eq!(promised.method, CASH_ON_DELIVERY);
            assert!(start.elapsed() < LATE, "it has waited for somebody else's call");
            assert_eq!(
                statuses(&market, order).await,
                (Some(OrderStatus::Confirmed), Status::Pending)
            );
        };
        let (by_card, ()) = futures_util::join!(begin(&market, order), turns);
        // Whoever had asked for the card hears that the order is not to be paid by card any more.
        let said = by_card.expect_err("the buyer pays the courier");
        let refusal = Refusal::NotNow(Status::Pending);
        assert_eq!(
            said,
            NoPayment::Payment(AskError::Refused {
                refusal,
                replayed: false
            })
        );

        // What had been opened is paid all the same, in another tab, and goes back.
        till.pay("order_0000000000");
        sleep(LOOK_EVERY * 2).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Pending)
        );
        assert_eq!(till.kept()[&order.to_string()], 0);
        assert_eq!(market.numbers(id(TENT)).await, (3, 0, 2));
        assert!(market.in_cart(id(ANNA)).await.is_empty());
        keeper.stop().await;
    });
}
