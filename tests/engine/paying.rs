//! From an order to money and back: with buyers who pay late, twice and in two places, with a
//! provider that does not answer, and with every step failing in turn.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::actors::engine::Bounds;
use bazaar::actors::paying::NoPayment;
use bazaar::domain::id::Id;
use bazaar::domain::order::{Reason, Status as OrderStatus};
use bazaar::domain::payment::{Bond, Command, Payment, Status};
use bazaar::services::payments::Failure;
use futures_util::future::join_all;
use tokio::time::sleep;

use crate::checkout::{ANNA, BERT, LAMP, TENT};
use crate::support::faulty::Faulty;
use crate::support::market::{HOLD, LOOK_EVERY, Market};
use crate::support::node::{id, on_one_thread};
use crate::support::till::{Mood, Till};

/// A shop with some tents, and Anna's order of two of them.
pub(crate) async fn ordered(till: &Till, tents: u64) -> (Market, Id) {
    let market = Market::with_till(Arc::new(Faulty::new()), Bounds::default(), 1, HOLD, till);
    market.put_up(id(TENT), tents).await;
    market.put_up(id(LAMP), 5).await;
    market.add(id(ANNA), id(TENT), 2).await;
    let order = market
        .order(id(ANNA))
        .await
        .expect("there are enough")
        .seen
        .order
        .id;
    (market, order)
}

pub(crate) async fn statuses(market: &Market, order: Id) -> (Option<OrderStatus>, Status) {
    let payment = market.payment(order).await.expect("there is a payment");
    (market.see(order).await.order.status, payment.status)
}

async fn refund(market: &Market, order: Id) -> Payment {
    let ask = Ask::new(Command::Refund, market.engine.now(None));
    market
        .paying
        .refund_all(order, ask)
        .await
        .expect("it was paid")
        .reply
}

pub(crate) async fn begin(market: &Market, order: Id) -> Result<String, NoPayment> {
    market.begin(market.see(order).await.order).await
}

pub(crate) async fn promise(market: &Market, order: Id) -> Result<Payment, NoPayment> {
    market.promise(market.see(order).await.order).await
}

#[test]
fn an_order_is_confirmed_when_its_buyer_shows_that_it_was_paid() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let opened = begin(&market, order).await.unwrap();
        let payment = till.pay(&opened);
        let paid = market.verify(id(ANNA), &opened, &payment).await.unwrap();
        assert_eq!((paid.status, paid.bond), (Status::Successful, Bond::Tied));
        assert_eq!(market.see(order).await.order.status, Some(OrderStatus::Confirmed));
        assert_eq!(market.numbers(id(TENT)).await, (3, 0, 2));
        assert!(market.in_cart(id(ANNA)).await.is_empty());
        let again = market.verify(id(ANNA), &opened, &payment).await.unwrap();
        assert_eq!(again, paid, "a second time changes nothing");
    });
}

#[test]
fn a_hundred_clicks_open_one_order_at_the_provider() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let clicks = join_all((0..100).map(|_| begin(&market, order))).await;
        let names: Vec<_> = clicks.into_iter().map(Result::unwrap).collect();
        assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
        assert_eq!(till.receipts().len(), 1);
    });
}

#[test]
fn an_order_that_was_opened_without_an_answer_is_found_and_not_opened_again() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        till.next(Mood::DoneInSilence);
        let opened = begin(&market, order).await.unwrap();
        assert_eq!(begin(&market, order).await.unwrap(), opened);
        assert_eq!(till.receipts().len(), 1);
    });
}

#[test]
fn a_provider_that_is_down_leaves_the_order_payable() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        till.next(Mood::Away);
        let down = begin(&market, order).await.unwrap_err();
        assert!(
            matches!(down, NoPayment::Provider(Failure::Unavailable(_))),
            "{down:?}"
        );
        let opened = begin(&market, order).await.unwrap();
        till.next(Mood::LostInSilence);
        let payment = till.pay(&opened);
        market.verify(id(ANNA), &opened, &payment).await.unwrap();
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Successful)
        );
    });
}

#[test]
fn a_call_of_which_nothing_is_known_is_not_made_again_at_once() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        till.next(Mood::LostInSilence);
        assert!(begin(&market, order).await.is_err());
        assert_eq!(
            begin(&market, order).await,
            Err(NoPayment::Busy),
            "it may still arrive"
        );
        sleep(Duration::from_secs(10)).await;
        begin(&market, order).await.unwrap();
        assert_eq!(till.receipts().len(), 1);
    });
}

#[test]
fn what_was_not_signed_pays_nothing() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        market.add(id(BERT), id(TENT), 1).await;
        let other = market.order(id(BERT)).await.unwrap().seen.order.id;
        let (opened, others) = (
            begin(&market, order).await.unwrap(),
            begin(&market, other).await.unwrap(),
        );
        let paid = till.pay(&others);
        let stands = async || {
            let payment = market.payment(order).await.expect("it was begun");
            (payment.summary(), payment.bond, payment.captures)
        };
        let before = stands().await;
        for (order, payment, signed) in [
            (&opened, &paid, Till::signature(&others, &paid)),
            (&opened, &paid, String::new()),
            (&paid, &opened, Till::signature(&paid, &opened)),
        ] {
            let shown = bazaar::actors::paying::Verified {
                order: order.clone(),
                payment: payment.clone(),
                signature: signed,
            };
            let refused = market.paying.verify("razorpay", id(ANNA), &shown, None).await;
            assert_eq!(refused.unwrap_err(), NoPayment::Forged);
        }
        assert_eq!(stands().await, before);
        let stranger = market.verify(id(ANNA), &others, &paid).await;
        assert_eq!(stranger.unwrap_err(), NoPayment::NotYours);
    });
}

#[test]
fn a_cancelled_order_is_back_on_the_shelf_at_once_and_its_money_goes_back() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        let payment = till.pay(&opened);
        market.verify(id(ANNA), &opened, &payment).await.unwrap();
        till.next(Mood::Away);
        market.cancel(order).await.unwrap();
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Refunding)
        );
        assert_eq!(market.numbers(id(TENT)).await, (5, 0, 0));
        sleep(LOOK_EVERY).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Refunded)
        );
        assert_eq!(till.kept()[&order.to_string()], 0);
        let late = market.verify(id(ANNA), &opened, &payment).await;
        assert_eq!(late.map(|payment| payment.status), Ok(Status::Refunded));
        keeper.stop().await;
    });
}

#[test]
fn a_refund_whose_answer_is_lost_is_made_once() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        let payment = till.pay(&opened);
        market.verify(id(ANNA), &opened, &payment).await.unwrap();
        (0..3).for_each(|_| till.next(Mood::DoneInSilence));
        let asked = refund(&market, order).await;
        assert_eq!(asked.status, Status::Refunding);
        sleep(LOOK_EVERY).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Refunded)
        );
        assert_eq!(
            (till.kept()[&order.to_string()], till.gave_too_much()),
            (0, false)
        );
        assert_eq!(
            refund(&market, order).await.status,
            Status::Refunded,
            "again changes nothing"
        );
        keeper.stop().await;
    });
}

#[test]
fn money_that_comes_after_an_order_expired_brings_it_back() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        sleep(HOLD + Duration::from_secs(1)).await;
        assert_eq!(market.see(order).await.order.reason, Some(Reason::Expired));
        let payment = till.pay(&opened);
        market.hear("evt_1", &payment).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Successful)
        );
        assert_eq!(market.numbers(id(TENT)).await, (3, 0, 2));
        assert!(market.in_cart(id(ANNA)).await.is_empty());
        keeper.stop().await;
    });
}

#[test]
fn money_that_comes_when_somebody_else_has_the_last_piece_goes_back() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 2).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        sleep(HOLD + Duration::from_secs(1)).await;
        market.add(id(BERT), id(TENT), 1).await;
        market.order(id(BERT)).await.unwrap();
        let payment = till.pay(&opened);
        market.hear("evt_1", &payment).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Refunded)
        );
        assert_eq!(market.numbers(id(TENT)).await, (2, 1, 0));
        assert_eq!(till.kept()[&order.to_string()], 0);
        keeper.stop().await;
    });
}

#[test]
fn money_that_comes_when_there_is_a_newer_order_goes_back() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let keeper = market.keeper();
        let opened = begin(&market, order).await.unwrap();
        sleep(HOLD + Duration::from_secs(1)).await;
        let newer = market.order(id(ANNA)).await.unwrap().seen.order.id;
        assert_ne!(newer, order);
        let payment = till.pay(&opened);
        market.hear("evt_1", &payment).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Refunded)
        );
        assert_eq!(
            market.numbers(id(TENT)).await,
            (5, 2, 0),
            "the newer one holds its own"
        );
        keeper.stop().await;
    });
}

#[test]
fn a_second_payment_of_the_same_order_goes_back() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let opened = begin(&market, order).await.unwrap();
        let (first, second) = (till.pay(&opened), till.pay(&opened));
        market.verify(id(ANNA), &opened, &first).await.unwrap();
        market.hear("evt_2", &second).await.unwrap();
        market.hear("evt_2", &second).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Confirmed), Status::Successful)
        );
        let price = market.payment(order).await.unwrap().price.minor();
        assert_eq!(till.kept()[&order.to_string()], price);
    });
}

#[test]
fn what_is_paid_at_the_door_is_confirmed_at_once_and_given_up_without_money() {
    on_one_thread(async {
        let till = Till::default();
        let (market, order) = ordered(&till, 5).await;
        let promised = promise(&market, order).await.unwrap();
        assert_eq!((promised.status, promised.bond), (Status::Pending, Bond::Tied));
        assert_eq!(
            promise(&market, order).await.unwrap(),
            promised,
            "a second click is the same"
        );
        assert_eq!(market.numbers(id(TENT)).await, (3, 0, 2));
        market.cancel(order).await.unwrap();
        assert_eq!(
            statuses(&market, order).await,
            (Some(OrderStatus::Cancelled), Status::Failed)
        );
        assert_eq!(market.numbers(id(TENT)).await, (5, 0, 0));
    });
}

#[test]
fn a_cancellation_and_a_payment_at_the_same_time_end_in_one_of_the_two() {
    for seed in 0..40 {
        on_one_thread(async {
            let till = Till::default();
            let (market, order) = ordered(&till, 5).await;
            let keeper = market.keeper();
            let opened = begin(&market, order).await.unwrap();
            let payment = till.pay(&opened);
            let pause = Duration::from_micros(seed * 50);
            let cancel = async {
                sleep(pause).await;
                market.cancel(order).await
            };
            let buyer = id(ANNA);
            let (paid, cancelled) = futures_util::join!(market.verify(buyer, &opened, &payment), cancel);
            sleep(LOOK_EVERY).await;
            let price = market.payment(order).await.unwrap().price.minor();
            let kept = till.kept()[&order.to_string()];
            match statuses(&market, order).await {
                (Some(OrderStatus::Confirmed), Status::Successful) => {
                    assert!(cancelled.is_err(), "{cancelled:?}");
                    assert_eq!((kept, market.numbers(id(TENT)).await), (price, (3, 0, 2)));
                }
                (Some(OrderStatus::Cancelled), Status::Refunded) => {
                    assert_eq!((kept, market.numbers(id(TENT)).await), (0, (5, 0, 0)));
                }
                other => panic!("{other:?} after {paid:?} and {cancelled:?}"),
            }
            keeper.stop().await;
        });
    }
}
