//! A store and a provider that fail at every step of a payment in turn, in every way in which
//! they can. Whatever it is, in the end the money is where the goods are not.

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::ask::Ask;
use bazaar::actors::engine::Bounds;
use bazaar::domain::id::Id;
use bazaar::domain::payment::{Command, Status};
use tokio::time::sleep;

use crate::checkout::{ANNA, TENT};
use crate::checkout_faults::fates;
use crate::support::faulty::{Fate, Faulty};
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};
use crate::support::till::{Mood, Till};

/// So long after the last fault everything has come to its end.
const SETTLED: Duration = Duration::from_mins(40);
/// No story takes so many steps.
const STEPS_MAX: usize = 1_000;

/// What a buyer does with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Pays it.
    Pay,
    /// Pays it, and nobody says so.
    PayInSilence,
    /// Pays it, and cancels it then.
    Cancel,
    /// Pays it when it has expired.
    PayLate,
    /// Pays it, and an administrator gives the money back.
    Refund,
    /// Pays it twice.
    PayTwice,
}

const STORIES: [Story; 6] = [
    Story::Pay,
    Story::PayInSilence,
    Story::Cancel,
    Story::PayLate,
    Story::Refund,
    Story::PayTwice,
];

/// Plays a story after Anna has ordered two tents of four. A buyer who hears nothing tries again.
async fn play(story: Story, market: &Market, till: &Till, order: Id) {
    let Some(opened) = opened(market, order).await else {
        return;
    };
    if story == Story::PayLate {
        sleep(HOLD).await;
    }
    let payment = till.pay(&opened);
    let second = (story == Story::PayTwice).then(|| till.pay(&opened));
    if story != Story::PayInSilence {
        let _answer = market.verify(id(ANNA), &opened, &payment).await;
    }
    if let Some(second) = second {
        let _answer = market.hear("evt_second", &second).await;
    }
    sleep(Duration::from_secs(30)).await;
    match story {
        Story::Cancel => drop(market.cancel(order).await),
        Story::Refund => {
            let ask = Ask::new(Command::Refund, market.engine.now(None));
            drop(market.paying.refund_all(order, ask).await);
        }
        Story::Pay | Story::PayInSilence | Story::PayLate | Story::PayTwice => {}
    }
}

async fn opened(market: &Market, order: Id) -> Option<String> {
    for _ in 0..4 {
        let seen = market.checkout.orders().see(order).await.ok().flatten();
        if let Some(seen) = seen
            && let Ok(opened) = market.begin(seen.order).await
        {
            return Some(opened);
        }
        sleep(Duration::from_secs(12)).await;
    }
    None
}

/// Plays a story while something goes wrong, and checks how it ends. Says whether the fault came up.
fn check(story: Story, n: usize, wrong: &dyn Fn(&Faulty, &Till, usize)) -> bool {
    on_one_thread(async {
        let (faulty, till) = (Faulty::new(), Till::default());
        let market = Market::with_till(Arc::new(faulty.clone()), Bounds::default(), 1, HOLD, &till);
        market.put_up(id(TENT), 4).await;
        market.add(id(ANNA), id(TENT), 2).await;
        let order = market.order(id(ANNA)).await.expect("there are enough").seen.order;
        let keeper = market.keeper();
        wrong(&faulty, &till, n);
        play(story, &market, &till, order.id).await;
        let came_up = faulty.forget_script() + till.forget_script() == 0;
        sleep(SETTLED).await;
        keeper.stop().await;

        let order = market.see(order.id).await.order;
        let payment = market.payment(order.id).await;
        let total = order.bill.expect("it was placed").total.minor();
        let kept = till.kept().get(&order.id.to_string()).copied().unwrap_or(0);
        let what = format!("{story:?}, fault {n}: {kept} of {total} kept, {order:?}, {payment:?}");
        assert_eq!(order.task, None, "{what}");
        assert!(!till.gave_too_much() && till.receipts().len() <= 1, "{what}");
        let status = payment.as_ref().map(|payment| payment.status);
        if order.is_bought() {
            assert_eq!((kept, status), (total, Some(Status::Successful)), "{what}");
            assert_eq!(market.numbers(id(TENT)).await, (2, 0, 2), "{what}");
        } else {
            assert_eq!(kept, 0, "{what}");
            assert!(
                !matches!(status, Some(Status::Successful | Status::Refunding)),
                "{what}"
            );
            assert_eq!(market.numbers(id(TENT)).await, (4, 0, 0), "{what}");
        }
        came_up
    })
}

/// Every step of a story fails in turn, until there are no more.
fn at_every_step(story: Story, wrong: &dyn Fn(&Faulty, &Till, usize)) {
    let steps = (0..STEPS_MAX).take_while(|n| check(story, *n, wrong)).count();
    assert!((1..STEPS_MAX).contains(&steps), "{story:?} has {steps} steps");
}

#[test]
fn whichever_write_of_a_payment_fails_the_money_is_where_the_goods_are_not() {
    for story in STORIES {
        for fate in fates() {
            at_every_step(story, &|store, _, n| {
                (0..n).for_each(|_| store.next(Fate::Calm));
                store.next(fate());
            });
        }
    }
}

#[test]
fn whichever_call_to_the_provider_fails_the_money_is_where_the_goods_are_not() {
    for story in STORIES {
        for mood in [Mood::Away, Mood::DoneInSilence, Mood::LostInSilence] {
            at_every_step(story, &|_, till, n| {
                (0..n).for_each(|_| till.next(Mood::Good));
                till.next(mood);
            });
        }
    }
}
