//! What a paid order costs the store. A commit is work, and a batch that nothing else can share is
//! time in which a buyer waits for the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bazaar::actors::engine::Bounds;

use crate::checkout::{ANNA, LAMP, TENT};
use crate::support::faulty::Faulty;
use crate::support::market::{HOLD, Market};
use crate::support::node::{id, on_one_thread};
use crate::support::till::Till;

/// Commits and batches.
pub(crate) type Cost = (u64, u64);

/// What this costs when nobody else does anything.
pub(crate) async fn cost<T>(market: &Market, act: impl Future<Output = T>) -> (T, Cost) {
    let written = || {
        let tally = market.engine.committer.tally();
        let count = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        (count(&tally.commits), count(&tally.batches))
    };
    let before = written();
    let came = act.await;
    market.engine.quiet().await;
    let after = written();
    (came, (after.0 - before.0, after.1 - before.1))
}

#[test]
fn nobody_waits_for_the_disk_more_often_than_the_steps_depend_on_each_other() {
    on_one_thread(async {
        let till = Till::default();
        let market = Market::with_till(Arc::new(Faulty::new()), Bounds::default(), 1, HOLD, &till);
        market.put_up(id(TENT), 5).await;
        market.put_up(id(LAMP), 5).await;
        market.add(id(ANNA), id(TENT), 2).await;
        market.add(id(ANNA), id(LAMP), 1).await;
        let order = market.order(id(ANNA)).await.expect("there are enough").seen.order;

        // That it is being opened, and that it was.
        let (opened, opening) = cost(&market, market.begin(order.clone())).await;
        let opened = opened.expect("it is payable");
        assert_eq!(opening, (2, 2), "to make it payable");

        // The capture; the order's word; two sales, the cart and the payment at once; the order.
        let payment = till.pay(&opened);
        let (paid, verifying) = cost(&market, market.verify(id(ANNA), &opened, &payment)).await;
        paid.expect("it is paid");
        assert_eq!(verifying, (7, 4), "to pay it");

        // Nothing of it is not known.
        for event in ["evt_1", "evt_1", "evt_2"] {
            let (heard, hearing) = cost(&market, market.hear(event, &payment)).await;
            heard.expect("it is heard");
            assert_eq!(hearing, (0, 0), "to hear of it, by {event}");
        }
    });
}
