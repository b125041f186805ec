//! Ten thousand who listen to one product: what a change costs does not grow with them.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use bazaar::actors::live_stock::LiveStock;
use tokio::time::{Instant, sleep};

use crate::support::node::{id, on_one_thread};

const LISTENERS: usize = 10_000;
const CHANGES: u64 = 1_000;
const TENT: u64 = 1;

#[test]
fn ten_thousand_listeners_hear_of_a_thousand_changes_in_a_dozen_words() {
    on_one_thread(async {
        let live = LiveStock::start();
        let heard = Rc::new(Cell::new(0));
        let listeners = (0..LISTENERS).map(|_| {
            let (mut listener, heard) = (live.listen(id(TENT)), Rc::clone(&heard));
            tokio::task::spawn_local(async move {
                let mut times = 0;
                while listener.next().await.is_some_and(|available| available > 0) {
                    times += 1;
                }
                heard.set(heard.get() + 1);
                times + 1
            })
        });
        let listeners: Vec<_> = listeners.collect();
        assert_eq!(live.listeners(id(TENT)), LISTENERS);
        let start = Instant::now();
        for change in 1..=CHANGES {
            live.note(id(TENT), change, CHANGES - change);
            sleep(Duration::from_millis(1)).await;
        }
        for listener in listeners {
            let times = listener.await.expect("a listener hears the last number");
            assert!(times <= 12, "a second has room for ten: {times}");
        }
        let late = start.elapsed().saturating_sub(Duration::from_millis(CHANGES));
        assert!(
            late < Duration::from_millis(200),
            "the last word came {late:?} late"
        );
        assert_eq!(heard.get(), LISTENERS);
    });
}

#[test]
fn noting_a_change_touches_no_listener() {
    on_one_thread(async {
        let live = LiveStock::start();
        let mut listeners: Vec<_> = (0..LISTENERS).map(|_| live.listen(id(TENT))).collect();
        for change in 1..=CHANGES {
            live.note(id(TENT), change, change);
        }
        // Whoever tells them has had no turn yet, and then they hear the newest number alone.
        for listener in &mut listeners {
            assert_eq!(listener.next().await, Some(CHANGES));
        }
    });
}
