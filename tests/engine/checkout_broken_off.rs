//! A checkout that breaks off between its first two steps: the cart names an order that nobody has
//! written down. Nothing is held for it and nobody was told of it, so nobody has to look for it
//! either; whoever asks next, or comes with the same key again, has it placed or replaced.

use std::sync::Arc;

use bazaar::actors::ask::{Ask, AskError};
use bazaar::actors::checkout::NoOrder;
use bazaar::domain::cart::{Command, Refusal};
use bazaar::domain::id::Id;
use bazaar::domain::order::{Reason, Status};

use crate::checkout::{ANNA, LAMP, TENT, market};
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::Market;
use crate::support::node::{id, on_one_thread};

const NEVER_PLACED: u64 = 7;

/// Anna wants two tents, and her checkout ends with its first step.
async fn broken_off(market: &Market) {
    market.add(id(ANNA), id(TENT), 2).await;
    let first = Command::CheckOut {
        order: id(NEVER_PLACED),
        over: None,
        lack: None,
    };
    let ask = Ask::new(first, market.engine.now(Some(id(ANNA))));
    let named = market.carts.ask(id(ANNA), ask).await.expect("the cart is there");
    let order = named.reply.checkout.map(|checkout| checkout.order);
    assert_eq!(order, Some(id(NEVER_PLACED)));
    assert!(!is_there(market, id(NEVER_PLACED)).await);
    assert_eq!(market.numbers(id(TENT)).await, (4, 0, 0), "nothing is held");
}

async fn is_there(market: &Market, order: Id) -> bool {
    let seen = market.checkout.orders().see(order).await;
    seen.expect("an answer").is_some()
}

async fn a_market() -> Market {
    market(Arc::new(Faulty::new()), 4, 4).await
}

#[test]
fn the_next_click_places_the_order_that_the_cart_has_named() {
    on_one_thread(async {
        let market = a_market().await;
        broken_off(&market).await;
        for _ in 0..2 {
            let placed = market.order(id(ANNA)).await.expect("there is enough");
            assert_eq!(placed.seen.order.id, id(NEVER_PLACED));
            assert_eq!(placed.seen.order.status, Some(Status::Pending));
            assert_eq!(market.numbers(id(TENT)).await, (4, 2, 0));
        }
    });
}

#[test]
fn a_changed_cart_makes_another_order_and_the_first_never_comes() {
    on_one_thread(async {
        let market = a_market().await;
        broken_off(&market).await;
        market.add(id(ANNA), id(LAMP), 1).await;
        let placed = market.order(id(ANNA)).await.expect("there is enough");
        assert_ne!(placed.seen.order.id, id(NEVER_PLACED));
        assert_eq!(placed.seen.order.status, Some(Status::Pending));
        let never = market.see(id(NEVER_PLACED)).await.order;
        assert_eq!(
            (never.status, never.reason, never.task),
            (Some(Status::Cancelled), Some(Reason::Superseded), None)
        );
        assert_eq!(market.numbers(id(TENT)).await, (4, 2, 0));
        assert_eq!(market.numbers(id(LAMP)).await, (4, 1, 0));
    });
}

#[test]
fn an_emptied_cart_makes_no_order_and_a_filled_one_does() {
    on_one_thread(async {
        let market = a_market().await;
        broken_off(&market).await;
        let ask = Ask::new(Command::Clear, market.engine.now(Some(id(ANNA))));
        market.carts.ask(id(ANNA), ask).await.expect("the cart is there");
        let nothing = market
            .order(id(ANNA))
            .await
            .expect_err("there is nothing to order");
        let empty = AskError::Refused {
            refusal: Refusal::Empty,
            replayed: false,
        };
        assert_eq!(nothing, NoOrder::Cart(empty));
        market.add(id(ANNA), id(LAMP), 3).await;
        let placed = market.order(id(ANNA)).await.expect("there is enough");
        assert_eq!(placed.seen.order.status, Some(Status::Pending));
        assert_eq!(market.numbers(id(TENT)).await, (4, 0, 0));
        assert_eq!(market.numbers(id(LAMP)).await, (4, 3, 0));
    });
}

#[test]
fn the_same_request_again_places_the_order_that_it_named() {
    on_one_thread(async {
        let store = Faulty::new();
        let market = market(Arc::new(store.clone()), 4, 4).await;
        market.add(id(ANNA), id(TENT), 2).await;
        store.next(Fate::Calm);
        store.next(Fate::Unavailable);
        let lost = market.order_once(id(ANNA), NEVER_PLACED).await;
        assert!(lost.is_err(), "the order could not be written: {lost:?}");
        assert!(!is_there(&market, id(NEVER_PLACED)).await);
        let placed = market.order_once(id(ANNA), NEVER_PLACED).await;
        let placed = placed.expect("there is enough");
        assert!(placed.created && placed.seen.order.id == id(NEVER_PLACED));
        assert_eq!(placed.seen.order.status, Some(Status::Pending));
        assert_eq!(market.numbers(id(TENT)).await, (4, 2, 0));
    });
}
