//! From a cart to an order that stands, and to its end: with crowds, with changes of mind, with
//! every step failing in turn and every step taken twice.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::checkout::NoOrder;
use bazaar::actors::engine::Bounds;
use bazaar::actors::holds::Way;
use bazaar::domain::id::Id;
use bazaar::domain::order::{Command, Order, Reason, Status, Task};
use bazaar::store::Store;
use futures_util::future::join_all;
use tokio::time::sleep;

use crate::support::faulty::Faulty;
use crate::support::market::{HOLD, Market};
use crate::support::node::{embedded, id, on_one_thread};

pub(crate) const TENT: u64 = 1;
pub(crate) const LAMP: u64 = 2;
pub(crate) const ANNA: u64 = 100;
pub(crate) const BERT: u64 = 101;

pub(crate) async fn market(store: Arc<dyn Store>, tents: u64, lamps: u64) -> Market {
    let market = Market::here(store, Bounds::default(), 1, HOLD);
    market.put_up(id(TENT), tents).await;
    market.put_up(id(LAMP), lamps).await;
    market
}

async fn market_of(tents: u64, lamps: u64) -> Market {
    market(Arc::new(Faulty::new()), tents, lamps).await
}

fn short_of(outcome: &Result<bazaar::actors::checkout::Placed, NoOrder>) -> Vec<(Id, u32, u64)> {
    match outcome {
        Err(NoOrder::Short { lines, .. }) => lines
            .iter()
            .map(|line| (line.product_id, line.requested, line.available))
            .collect(),
        other => panic!("there is enough: {other:?}"),
    }
}

#[test]
fn the_last_unit_goes_to_one_of_a_crowd() {
    on_one_thread(async {
        let market = market_of(3, 0).await;
        for buyer in 0..50 {
            market.add(id(ANNA + buyer), id(TENT), 1).await;
        }
        let orders = (0..50).map(|buyer| market.order(id(ANNA + buyer)));
        let orders = join_all(orders).await;
        let standing = orders.iter().flatten();
        assert!(
            standing
                .clone()
                .all(|placed| placed.seen.order.status == Some(Status::Pending))
        );
        assert_eq!(standing.count(), 3);
        for refused in orders.iter().filter(|order| order.is_err()) {
            assert_eq!(short_of(refused), [(id(TENT), 1, 0)]);
        }
        assert_eq!(market.numbers(id(TENT)).await, (3, 3, 0));
        assert_eq!(market.in_cart(id(ANNA)).await, [1], "nobody's cart loses a line");
    });
}

#[test]
fn an_order_holds_all_of_its_lines_or_none() {
    on_one_thread(async {
        let market = market_of(5, 1).await;
        market.add(id(ANNA), id(TENT), 2).await;
        market.add(id(ANNA), id(LAMP), 2).await;
        let refused = market.order(id(ANNA)).await;
        assert_eq!(short_of(&refused), [(id(LAMP), 2, 1)]);
        assert_eq!(market.numbers(id(TENT)).await, (5, 0, 0));
        assert_eq!(market.numbers(id(LAMP)).await, (1, 0, 0));
    });
}

#[test]
fn a_second_click_finds_the_order_of_the_first() {
    on_one_thread(async {
        let market = market_of(5, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let clicks = join_all((0..10).map(|_| market.order(id(ANNA)))).await;
        let orders: Vec<_> = clicks.into_iter().map(|placed| placed.unwrap()).collect();
        assert_eq!(orders.iter().filter(|placed| placed.created).count(), 1);
        let first = orders[0].seen.order.id;
        assert!(orders.iter().all(|placed| placed.seen.order.id == first));
        assert_eq!(market.numbers(id(TENT)).await, (5, 2, 0));
    });
}

#[test]
fn a_hundred_repeats_of_one_request_make_one_order() {
    on_one_thread(async {
        let market = market_of(5, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let repeats = join_all((0..100).map(|_| market.order_once(id(ANNA), 7))).await;
        let orders: Vec<_> = repeats.into_iter().map(|placed| placed.unwrap()).collect();
        assert!(
            orders
                .iter()
                .all(|placed| placed.created && placed.seen.order.id == id(7))
        );
        assert_eq!(orders.iter().filter(|placed| !placed.replayed).count(), 1);
        assert_eq!(market.numbers(id(TENT)).await, (5, 2, 0));
        market.add(id(ANNA), id(TENT), 1).await;
        let late = market.order_once(id(ANNA), 7).await.unwrap();
        assert_eq!(
            (late.seen.order.id, late.replayed),
            (id(7), true),
            "a repeat knows nothing of the changed cart"
        );
        assert_eq!(market.numbers(id(TENT)).await, (5, 2, 0));
    });
}

#[test]
fn a_changed_cart_takes_its_buyers_own_last_unit_over() {
    on_one_thread(async {
        let market = market_of(2, 5).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.unwrap().seen.order;
        market.add(id(ANNA), id(LAMP), 1).await;
        let second = market.order(id(ANNA)).await.unwrap().seen.order;
        assert_eq!(second.status, Some(Status::Pending));
        let first = market.see(first.id).await.order;
        assert_eq!(
            (first.status, first.reason, first.task),
            (Some(Status::Cancelled), Some(Reason::Superseded), None)
        );
        assert_eq!(market.numbers(id(TENT)).await, (2, 2, 0));
        assert_eq!(market.numbers(id(LAMP)).await, (5, 1, 0));
    });
}

#[test]
fn an_order_stands_until_the_one_in_its_place_does() {
    on_one_thread(async {
        let market = market_of(2, 1).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.unwrap().seen.order;
        market.add(id(ANNA), id(LAMP), 2).await;
        assert_eq!(short_of(&market.order(id(ANNA)).await), [(id(LAMP), 2, 1)]);
        assert_eq!(market.see(first.id).await.order.status, Some(Status::Pending));
        assert_eq!(market.numbers(id(TENT)).await, (2, 2, 0));
        assert_eq!(market.numbers(id(LAMP)).await, (1, 0, 0));
        // The cart goes back to what there is: its own tents are there for it still.
        let fewer = bazaar::domain::cart::Command::SetQuantity {
            offer: Market::offer(id(LAMP)),
            quantity: bazaar::domain::quantity::Quantity::ONE,
        };
        let ask = bazaar::actors::ask::Ask::new(fewer, market.engine.now(Some(id(ANNA))));
        market.carts.ask(id(ANNA), ask).await.unwrap();
        let third = market.order(id(ANNA)).await.unwrap().seen.order;
        assert_eq!(third.replaces, Some(first.id));
        assert_eq!(market.see(first.id).await.order.reason, Some(Reason::Superseded));
        assert_eq!(market.numbers(id(TENT)).await, (2, 2, 0));
    });
}

#[test]
fn a_cancelled_order_gives_its_stock_back_and_the_same_cart_makes_another() {
    on_one_thread(async {
        let market = market_of(2, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.unwrap().seen.order;
        let cancelled = market.cancel(first.id).await.unwrap();
        assert_eq!((cancelled.reason, cancelled.task), (Some(Reason::ByBuyer), None));
        assert_eq!(market.numbers(id(TENT)).await, (2, 0, 0));
        let second = market.order(id(ANNA)).await.unwrap();
        assert!(second.created && second.seen.order.id != first.id);
        assert_eq!(market.numbers(id(TENT)).await, (2, 2, 0));
    });
}

#[test]
fn what_is_paid_is_sold_and_leaves_the_cart() {
    on_one_thread(async {
        let market = market_of(5, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let order = market.order(id(ANNA)).await.unwrap().seen.order;
        market.add(id(ANNA), id(TENT), 1).await;
        let paid = market.pay(order.id).await.unwrap();
        assert_eq!((paid.status, paid.task), (Some(Status::Confirmed), None));
        assert_eq!(market.numbers(id(TENT)).await, (3, 0, 2));
        assert_eq!(
            market.in_cart(id(ANNA)).await,
            [1],
            "what was put in since stays in"
        );
        let back = market.cancel(order.id).await.unwrap();
        assert_eq!((back.status, back.task), (Some(Status::Cancelled), None));
        assert_eq!(market.numbers(id(TENT)).await, (5, 0, 0));
    });
}

#[test]
fn an_unpaid_order_gives_its_stock_back_to_the_second() {
    on_one_thread(async {
        let market = market_of(2, 0).await;
        let keeper = market.keeper();
        market.add(id(ANNA), id(TENT), 2).await;
        let order = market.order(id(ANNA)).await.unwrap().seen.order;
        sleep(HOLD.saturating_sub(Duration::from_secs(1))).await;
        assert_eq!(market.see(order.id).await.order.status, Some(Status::Pending));
        sleep(Duration::from_millis(1_500)).await;
        let expired = market.see(order.id).await.order;
        assert_eq!((expired.reason, expired.task), (Some(Reason::Expired), None));
        assert_eq!(market.numbers(id(TENT)).await, (2, 0, 0));
        keeper.stop().await;
    });
}

#[test]
fn an_order_expires_although_the_runtime_that_made_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let order = on_one_thread(async {
        let market = market(embedded(folder.path()), 2, 0).await;
        market.add(id(ANNA), id(TENT), 2).await;
        market.order(id(ANNA)).await.unwrap().seen.order
    });
    on_one_thread(async {
        let market = Market::here(embedded(folder.path()), Bounds::default(), 2, HOLD);
        sleep(HOLD * 2).await; // longer than the order holds its stock
        let keeper = market.keeper();
        sleep(Duration::from_millis(500)).await;
        assert_eq!(market.see(order.id).await.order.reason, Some(Reason::Expired));
        assert_eq!(market.numbers(id(TENT)).await, (2, 0, 0));
        keeper.stop().await;
    });
}

#[test]
fn every_task_of_an_order_may_be_done_twice() {
    on_one_thread(async {
        let market = market_of(4, 4).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let mut known: Vec<Order> = Vec::new();
        let order = market.order(id(ANNA)).await.unwrap().seen.order;
        let as_if = |task, status| {
            let mut then = order.clone();
            (then.task, then.status) = (Some(task), status);
            then
        };
        known.push(as_if(Task::Hold, None));
        twice(&market, &known, (4, 2, 0)).await;
        market.pay(order.id).await.unwrap();
        known.push(as_if(Task::Sell, Some(Status::Pending)));
        twice(&market, &known, (2, 0, 2)).await;
        market.cancel(order.id).await.unwrap();
        known.push(as_if(Task::Return, Some(Status::Cancelled)));
        twice(&market, &known, (4, 0, 0)).await;
    });
}

/// Somebody who knows the order as it was at some time before does what was to be done then.
async fn twice(market: &Market, known: &[Order], numbers: (u64, u64, u64)) {
    let before = market.see(known[0].id).await;
    for order in known {
        let stale = bazaar::actors::orders::Seen {
            order: order.clone(),
            version: 1,
        };
        let _outcome = market.checkout.drive(stale, Way::Runtime).await;
        assert_eq!(market.see(order.id).await, before, "after {:?} again", order.task);
        assert_eq!(
            market.numbers(id(TENT)).await,
            numbers,
            "after {:?} again",
            order.task
        );
    }
}

#[test]
fn an_order_that_is_being_paid_keeps_what_a_newer_one_wanted() {
    on_one_thread(async {
        let market = market_of(4, 5).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let first = market.order(id(ANNA)).await.unwrap().seen.order;
        let paying = market
            .checkout
            .orders()
            .tell(first.id, Command::Pay { captured: true }, None)
            .await
            .unwrap();
        market.add(id(ANNA), id(LAMP), 1).await;
        // The newer order finds the older one half paid and drives it to its end first. What was
        // bought with that is not ordered again, although there are more of it.
        let second = market.order(id(ANNA)).await.unwrap().seen.order;
        let first = market.checkout.drive(paying, Way::Runtime).await.unwrap().order;
        assert_eq!(first.status, Some(Status::Confirmed));
        assert_eq!(market.in_cart(id(ANNA)).await, [1], "only the lamp is left");
        let ordered: Vec<_> = second.lines.iter().map(|line| line.product).collect();
        assert_eq!(ordered, [id(LAMP)]);
        assert_eq!(market.numbers(id(TENT)).await, (2, 0, 2));
    });
}
