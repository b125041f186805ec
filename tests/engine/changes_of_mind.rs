//! Changes of mind that come while an order is still being placed and the one before it is paid.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::checkout::NoOrder;
use bazaar::domain::id::Id;
use bazaar::domain::order::{Status, Task};

use crate::checkout::{ANNA, LAMP, TENT, market};
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};

const SECOND: u64 = 7 << 8;
const THIRD: u64 = 8 << 8;

/// Anna has ordered two tents. Then she wants a lamp as well, and of that order nobody knows for a
/// while whether it was written; it was.
async fn half_way(store: &Faulty) -> (Market, Id) {
    let market = market(Arc::new(store.clone()), 9, 9).await;
    market.add(id(ANNA), id(TENT), 2).await;
    let first = market
        .order(id(ANNA))
        .await
        .expect("there are enough")
        .seen
        .order
        .id;
    market.add(id(ANNA), id(LAMP), 1).await;
    store.next(Fate::Calm);
    let (lands, after) = (true, Duration::from_millis(1));
    store.next(Fate::InDoubt { lands, after });
    let lost = market.order_once(id(ANNA), SECOND).await;
    assert!(matches!(lost, Err(NoOrder::Order(_))), "{lost:?}");
    tokio::time::sleep(Duration::from_millis(100)).await; // until it has landed
    assert_eq!(market.see(id(SECOND)).await.order.task, Some(Task::Hold));
    (market, first)
}

/// What is ordered, and how many.
fn lines(order: &bazaar::domain::order::Order) -> Vec<(Id, u32)> {
    let lines = order.lines.iter();
    lines.map(|line| (line.product, line.quantity.get())).collect()
}

#[test]
fn what_was_bought_before_the_cart_changed_again_stands_in_nobodys_way() {
    on_one_thread(async {
        let store = Faulty::new();
        let (market, first) = half_way(&store).await;
        let paid = market.pay(first).await.expect("it is sold");
        assert_eq!(paid.status, Some(Status::Confirmed));
        assert_eq!(market.in_cart(id(ANNA)).await, [1], "only the lamp is left");
        market.add(id(ANNA), id(LAMP), 1).await;
        let third = market.order_once(id(ANNA), THIRD).await;
        let third = third.expect("there are enough lamps").seen.order;
        assert_eq!((third.status, third.task), (Some(Status::Pending), None));
        assert_eq!(lines(&third), [(id(LAMP), 2)]);
        assert_eq!(market.numbers(id(TENT)).await, (7, 0, 2));
        assert_eq!(market.numbers(id(LAMP)).await, (9, 2, 0));
    });
}

#[test]
fn what_is_bought_while_a_third_order_is_placed_is_not_ordered_again() {
    on_one_thread(async {
        let store = Faulty::new();
        let (market, first) = half_way(&store).await;
        market.add(id(ANNA), id(LAMP), 1).await;
        // The cart names a third order; the second one cannot be driven on just now.
        store.next(Fate::Calm);
        store.next(Fate::Unavailable);
        let stuck = market.order_once(id(ANNA), THIRD).await;
        assert!(matches!(stuck, Err(NoOrder::Stuck(_))), "{stuck:?}");
        let paid = market.pay(first).await.expect("it is sold");
        assert_eq!(paid.status, Some(Status::Confirmed));
        assert_eq!(market.in_cart(id(ANNA)).await, [2], "the tents are hers");
        let third = market.order_once(id(ANNA), THIRD).await;
        let third = third.expect("there are enough lamps").seen.order;
        assert_eq!((third.status, third.task), (Some(Status::Pending), None));
        assert_eq!(lines(&third), [(id(LAMP), 2)]);
        assert_eq!(market.numbers(id(TENT)).await, (7, 0, 2));
        assert_eq!(market.numbers(id(LAMP)).await, (9, 2, 0));
    });
}

#[test]
fn an_order_that_expired_does_not_come_back_beside_one_that_was_begun_after_it() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = market(Arc::new(store.clone()), 9, 9).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.expect("there are enough");
        let first = first.seen.order.id;
        let keeper = market.keeper();
        tokio::time::sleep(HOLD + Duration::from_secs(1)).await;
        keeper.stop().await;
        assert!(market.see(first).await.order.may_revive());
        // The cart names the next order; that the first one is over for good cannot be written down.
        store.next(Fate::Calm);
        store.next(Fate::Unavailable);
        let stuck = market.order(id(ANNA)).await;
        assert!(matches!(stuck, Err(NoOrder::Stuck(_))), "{stuck:?}");
        let second = market.order(id(ANNA)).await.expect("there are enough");
        assert_eq!(second.seen.order.status, Some(Status::Pending));
        let late = market.pay(first).await;
        assert!(late.is_err(), "there is a newer one: {late:?}");
        assert_eq!(market.numbers(id(TENT)).await, (9, 2, 0));
    });
}

#[test]
fn a_buyer_has_again_what_his_cancelled_order_has_still_to_give_back() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = market(Arc::new(store.clone()), 2, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.expect("there are enough");
        store.next(Fate::Calm);
        store.next(Fate::Unavailable);
        let cancelled = market.cancel(first.seen.order.id).await.expect("it is");
        assert_eq!(cancelled.task, Some(Task::Release), "its tents are still held");
        let again = market.order(id(ANNA)).await.expect("they are hers");
        assert_eq!(again.seen.order.status, Some(Status::Pending));
        assert_eq!(market.numbers(id(TENT)).await, (2, 2, 0));
    });
}
