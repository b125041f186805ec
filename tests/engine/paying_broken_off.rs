//! A runtime that dies at every step of a payment in turn, just before the step is written or just
//! after, and another one that finds what it has left. By the next look at the provider everything
//! is where it belongs.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::actors::engine::Bounds;
use bazaar::domain::id::Id;
use bazaar::domain::order::Status as OrderStatus;
use bazaar::domain::payment::{Command, Status};
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

use crate::checkout::{ANNA, TENT};
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::{HOLD, LOOK_EVERY, Market};
use crate::support::node::{Node, id, single_threaded};
use crate::support::till::Till;

/// No story takes so many steps.
const STEPS_MAX: usize = 100;
/// By then the provider has been asked again. The older a payment is the rarer that is, and this
/// one is as old as an order that has expired.
const ROUND: Duration = LOOK_EVERY.saturating_mul(2);

/// What is done when the runtime dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Anna makes her order payable, pays it and shows that.
    Pay,
    /// She pays it, and the provider says so.
    Hear,
    /// She promises to pay the courier.
    Promise,
    /// Her order expires, although it was payable.
    Expire,
    /// She pays after that.
    PayLate,
    /// She cancels an order that she has paid.
    Cancel,
    /// An administrator gives the money back.
    Refund,
}

const STORIES: [Story; 7] = [
    Story::Pay,
    Story::Hear,
    Story::Promise,
    Story::Expire,
    Story::PayLate,
    Story::Cancel,
    Story::Refund,
];

/// What comes before the runtime is in danger.
async fn prepare(story: Story, market: &Market, till: &Till, order: Id) -> Option<String> {
    if matches!(story, Story::Pay | Story::Promise) {
        return None;
    }
    let opened = market.begin(market.see(order).await.order).await;
    let opened = opened.expect("it is payable");
    match story {
        Story::Cancel | Story::Refund => {
            let payment = till.pay(&opened);
            let paid = market.verify(id(ANNA), &opened, &payment).await;
            paid.expect("it is paid");
        }
        Story::PayLate => sleep(HOLD + Duration::from_secs(1)).await,
        Story::Expire => sleep(HOLD.saturating_sub(Duration::from_secs(1))).await,
        Story::Pay | Story::Hear | Story::Promise => {}
    }
    Some(opened)
}

/// Whoever does these things may hear nothing any more.
async fn play(story: Story, market: &Market, till: &Till, order: Id, opened: Option<String>) {
    let seen = || async { market.see(order).await.order };
    match (story, opened) {
        (Story::Pay, _) => {
            if let Ok(opened) = market.begin(seen().await).await {
                let payment = till.pay(&opened);
                let _answer = market.verify(id(ANNA), &opened, &payment).await;
            }
        }
        (Story::Hear | Story::PayLate, Some(opened)) => {
            let payment = till.pay(&opened);
            let _answer = market.hear("evt_1", &payment).await;
        }
        (Story::Promise, _) => drop(market.promise(seen().await).await),
        (Story::Cancel, _) => drop(market.cancel(order).await),
        (Story::Refund, _) => {
            let ask = Ask::new(Command::Refund, market.engine.now(None));
            drop(market.paying.refund_all(order, ask).await);
        }
        (Story::Expire, _) | (_, None) => {}
    }
    // What follows by itself, and the time that an order may still have.
    sleep(Duration::from_secs(10)).await;
}

/// One runtime, until what is done on it is done. The time goes on from one to the next.
async fn live<T>(
    store: &Faulty,
    till: &Till,
    (dawn, seed): (Instant, u64),
    what: impl AsyncFnOnce(Market) -> T,
) -> T {
    let local = LocalSet::new();
    local
        .run_until(async {
            let store = Arc::new(store.clone());
            let node = Node::later(store, Bounds::default(), seed, dawn.elapsed());
            what(Market::paid_at(&node.engine, HOLD, till)).await
        })
        .await
}

/// Plays a story on a runtime that dies at its n-th step. Says whether it had so many.
async fn dies(story: Story, n: usize, lands: bool) -> bool {
    let (disk, till, dawn) = (Faulty::new(), Till::default(), Instant::now());
    let first_life = live(&disk, &till, (dawn, 1), async |market: Market| {
        market.put_up(id(TENT), 4).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let order = market
            .order(id(ANNA))
            .await
            .expect("there are enough")
            .seen
            .order
            .id;
        let keeper = market.keeper();
        let opened = prepare(story, &market, &till, order).await;
        let (come, end) = oneshot::channel();
        (0..n).for_each(|_| disk.next(Fate::Calm));
        disk.next(Fate::Last { lands, come });
        let died = tokio::select! {
            biased;
            // Nothing is told if the story ends before.
            end = end => end.is_ok(),
            () = play(story, &market, &till, order, opened) => false,
        };
        drop(keeper);
        (order, died)
    });
    let (order, died) = Box::pin(first_life).await;
    disk.forget_script();
    live(&disk, &till, (dawn, 2), async |market: Market| {
        let keeper = market.keeper();
        sleep(ROUND).await;
        keeper.stop().await;
        let what = format!("{story:?}, dead at step {n}, which landed: {lands}");
        is_settled(&market, &till, order, &what).await;
    })
    .await;
    died
}

async fn is_settled(market: &Market, till: &Till, order: Id, what: &str) {
    let payment = market.payment(order).await;
    let order = market.see(order).await.order;
    let kept = till.kept().get(&order.id.to_string()).copied().unwrap_or(0);
    let what = format!("{what}: {kept} kept, {order:?}, {payment:?}");
    assert_eq!(order.task, None, "{what}");
    assert!(!till.gave_too_much() && till.receipts().len() <= 1, "{what}");
    let total = order.bill.expect("it was placed").total.minor();
    let status = payment.as_ref().map(|payment| payment.status);
    let (money, stock) = match order.status {
        Some(OrderStatus::Confirmed) => (total, (2, 0, 2)),
        Some(OrderStatus::Pending) => (0, (4, 2, 0)),
        _ => (0, (4, 0, 0)),
    };
    let promised = payment.is_some_and(|payment| payment.on_delivery);
    let money = if promised { 0 } else { money };
    assert_eq!((kept, market.numbers(id(TENT)).await), (money, stock), "{what}");
    let expected: &[Option<Status>] = match order.status {
        Some(OrderStatus::Confirmed) if promised => &[Some(Status::Pending)],
        Some(OrderStatus::Confirmed) => &[Some(Status::Successful)],
        Some(OrderStatus::Pending) => &[None, Some(Status::Pending)],
        _ => &[
            None,
            Some(Status::Pending),
            Some(Status::Failed),
            Some(Status::Refunded),
        ],
    };
    assert!(expected.contains(&status), "{what}");
}

#[test]
fn whenever_a_runtime_dies_the_next_one_settles_what_it_has_left_within_a_round() {
    for story in STORIES {
        for lands in [false, true] {
            let steps = (0..STEPS_MAX).take_while(|n| single_threaded(true).block_on(dies(story, *n, lands)));
            let steps = steps.count();
            assert!((1..STEPS_MAX).contains(&steps), "{story:?} has {steps} steps");
        }
    }
}
