//! What a provider says of a payment when it is asked, because nobody told us.

use std::time::Duration;

use bazaar::domain::order::Status as OrderStatus;
use bazaar::domain::payment::Status;
use tokio::time::sleep;

use crate::checkout::ANNA;
use crate::paying::{begin, ordered, statuses};
use crate::support::market::LOOK_EVERY;
use crate::support::node::{id, on_one_thread};
use crate::support::till::Till;

#[test]
fn a_payment_that_nobody_told_us_of_is_found_out() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        till.decline(&opened);
        till.pay(&opened);
        sleep(LOOK_EVERY + Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Successful)
        );
        keeper.stop().await;
    });
}

#[test]
fn money_that_cannot_be_taken_hides_none_that_was() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        till.set_aside(&opened);
        till.pay(&opened);
        sleep(LOOK_EVERY + Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Successful)
        );
        let payment = market.payment(order).await.unwrap();
        assert!(payment.due().is_some(), "what cannot be taken now is tried again");
        keeper.stop().await;
    });
}

#[test]
fn a_second_payment_that_nobody_told_us_of_goes_back_however_late_it_comes() {
    for late in [LOOK_EVERY * 2, Duration::from_hours(2), Duration::from_hours(119)] {
        on_one_thread(async {
            let till = Till::default();
            let (market, order) = ordered(&till, 5).await;
            let keeper = market.keeper();
            let opened = begin(&market, order).await.unwrap();
            let first = till.pay(&opened);
            market.verify(id(ANNA), &opened, &first).await.unwrap();
            sleep(late).await;
            till.pay(&opened);
            sleep(Duration::from_hours(5 * 24)).await;
            let payment = market.payment(order).await.unwrap();
            let kept = till.kept()[&order.to_string()];
            assert_eq!(kept, payment.price.minor(), "after {late:?}: {payment:?}");
            assert_eq!(
                statuses(&market, order).await,
                (Some(OrderStatus::Confirmed), Status::Successful)
            );
            assert_eq!(payment.due(), None, "{payment:?}");
            keeper.stop().await;
        });
    }
}
