//! A store that fails at every step of a checkout in turn, in every way in which it can.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::domain::cart::Command;
use bazaar::domain::order::Status;
use bazaar::domain::quantity::Quantity;
use tokio::time::sleep;

use crate::checkout::{ANNA, BERT, LAMP, TENT, market};
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::Market;
use crate::support::node::{id, on_one_thread};

/// What goes wrong with one batch.
pub(crate) fn fates() -> [fn() -> Fate; 4] {
    [
        || Fate::Unavailable,
        || Fate::LandsAsConflict,
        || Fate::InDoubt {
            lands: true,
            after: Duration::from_millis(700),
        },
        || Fate::InDoubt {
            lands: false,
            after: Duration::from_millis(700),
        },
    ]
}

/// Does something with a fresh marketplace while the n-th batch from then on goes wrong, and then
/// lets whoever looks after orders finish. Says whether there was an n-th batch.
async fn with_a_fault<F>(n: usize, fate: Fate, act: impl FnOnce(Market) -> F) -> (Market, bool)
where
    F: Future<Output = ()>,
{
    let store = Faulty::new();
    let market = market(Arc::new(store.clone()), 4, 4).await;
    market.add(id(ANNA), id(TENT), 2).await;
    market.add(id(ANNA), id(LAMP), 1).await;
    market.add(id(BERT), id(LAMP), 1).await;
    (0..n).for_each(|_| store.next(Fate::Calm));
    store.next(fate);
    let keeper = market.keeper();
    act(market.clone()).await;
    let came_up = store.forget_script() == 0;
    sleep(Duration::from_secs(30)).await;
    keeper.stop().await;
    (market, came_up)
}

#[test]
fn whichever_step_of_a_checkout_fails_the_order_stands_or_nothing_is_held() {
    for fate in fates() {
        for n in 0.. {
            let came_up = on_one_thread(async {
                let (market, came_up) = with_a_fault(n, fate(), |market| async move {
                    let _answer = market.order(id(ANNA)).await;
                })
                .await;
                let again = market
                    .order(id(ANNA))
                    .await
                    .expect("the store is well again")
                    .seen
                    .order;
                assert_eq!(
                    (again.status, again.task),
                    (Some(Status::Pending), None),
                    "batch {n}"
                );
                assert_eq!(market.numbers(id(TENT)).await, (4, 2, 0), "batch {n}");
                assert_eq!(market.numbers(id(LAMP)).await, (4, 1, 0), "batch {n}");
                came_up
            });
            if !came_up {
                assert!(n > 3, "a checkout of two lines has more steps than {n}");
                break;
            }
        }
    }
}

#[test]
fn whichever_step_of_a_change_of_mind_fails_one_order_stands() {
    for fate in fates() {
        for n in 0.. {
            let came_up = on_one_thread(async {
                let (market, came_up) = with_a_fault(n, fate(), |market| async move {
                    let _answer = market.order(id(ANNA)).await;
                    let more = Command::Add {
                        offer: Market::offer(id(TENT)),
                        quantity: Quantity::ONE,
                    };
                    let ask = Ask::new(more, market.engine.now(Some(id(ANNA))));
                    let _answer = market.carts.ask(id(ANNA), ask).await;
                    let _answer = market.order(id(ANNA)).await;
                })
                .await;
                let order = market
                    .order(id(ANNA))
                    .await
                    .expect("the store is well again")
                    .seen
                    .order;
                let tents: u64 = market.in_cart(id(ANNA)).await[0].into();
                assert_eq!(order.status, Some(Status::Pending), "batch {n}");
                sleep(Duration::from_secs(30)).await;
                assert_eq!(market.numbers(id(TENT)).await, (4, tents, 0), "batch {n}");
                assert_eq!(market.numbers(id(LAMP)).await, (4, 1, 0), "batch {n}");
                came_up
            });
            if !came_up {
                break;
            }
        }
    }
}

#[test]
fn whichever_step_of_a_payment_or_a_cancellation_fails_it_is_done_in_the_end() {
    for fate in fates() {
        for n in 0.. {
            let came_up = on_one_thread(async {
                let (market, came_up) = with_a_fault(n, fate(), |market| async move {
                    let Ok(placed) = market.order(id(ANNA)).await else {
                        return;
                    };
                    let order = placed.seen.order.id;
                    let _answer = market.pay(order).await;
                    sleep(Duration::from_secs(30)).await;
                    let _answer = market.cancel(order).await;
                })
                .await;
                let (on_hand, reserved, sold) = market.numbers(id(TENT)).await;
                let lamps = market.numbers(id(LAMP)).await;
                let held_sold_or_back = [
                    ((4, 2, 0), (4, 1, 0)),
                    ((2, 0, 2), (3, 0, 1)),
                    ((4, 0, 0), (4, 0, 0)),
                ];
                assert!(
                    held_sold_or_back.contains(&((on_hand, reserved, sold), lamps)),
                    "batch {n}: {on_hand} on hand, {reserved} reserved, {sold} sold, {lamps:?} lamps"
                );
                came_up
            });
            if !came_up {
                break;
            }
        }
    }
}
