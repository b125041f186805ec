//! Requests to pay that are repeated under a key.

use bazaar::actors::ask::{AskError, Once};
use bazaar::actors::paying::{NoPayment, Wanted};
use bazaar::domain::order::{self, Status as OrderStatus};
use bazaar::domain::payment::{Refusal, Status};
use bazaar::services::payments::RAZORPAY;

use crate::paying::{ordered, statuses};
use crate::support::node::on_one_thread;
use crate::support::till::Till;

#[test]
fn a_request_is_answered_again_as_it_was_when_the_order_is_over() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let ask = async |key: &str| {
            let wanted = Wanted {
                order: market.see(order).await.order,
                method: RAZORPAY.into(),
                once: Some(Once {
                    key: key.into(),
                    body: String::new(),
                }),
            };
            market.paying.begin(&wanted).await
        };
        let begun = ask("early").await.expect("it waits for money");
        assert!(!begun.replayed);
        market.cancel(order).await.expect("nothing was paid");

        let refusal = Refusal::Order(order::Refusal::NotNow(Some(OrderStatus::Cancelled)));
        for replayed in [false, true, true] {
            let refused = ask("late").await.expect_err("the order is over");
            assert_eq!(
                refused,
                NoPayment::Payment(AskError::Refused { refusal, replayed })
            );
        }
        let again = ask("early").await.expect("it was answered before");
        assert!(again.replayed);
        assert_eq!(again.reply.provider_order(), begun.reply.provider_order());
        let stands = statuses(&market, order).await;
        assert_eq!(stands, (Some(OrderStatus::Cancelled), Status::Pending));
    });
}
