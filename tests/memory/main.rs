//! What sleep is worth: things that nobody asks for any more cost no memory. A process of its
//! own, because what other tests hold would be counted with it.

#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

#[path = "../support/bomb.rs"]
mod bomb;
mod pictures;

use std::sync::Arc;
use std::time::Duration;

use bazaar::actors::engine::Bounds;
use futures_util::future::join_all;
use support::faulty::Faulty;
use support::node::{Node, id, on_one_thread};

const THINGS: u64 = 100_000;
const SLACK: u64 = 16 << 20;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[test]
fn a_hundred_thousand_that_fell_asleep_leave_memory_as_it_was() {
    on_one_thread(async {
        let node = Node::here(Arc::new(Faulty::new()), Bounds::default(), 1);
        let fresh = resident();
        for _ in 0..3 {
            let awake = wake_all_and_let_sleep(&node).await - fresh;
            let asleep = resident_when_at_rest(fresh + SLACK) - fresh;
            println!(
                "awake: {} bytes each; asleep: {asleep} bytes in all",
                awake / THINGS
            );
            assert!(asleep < SLACK, "{asleep} bytes stayed behind");
        }
    });
}

/// Says how much memory there was in hand while they were awake.
async fn wake_all_and_let_sleep(node: &Node) -> u64 {
    for thousand in 0..THINGS / 1_000 {
        let looks = (0..1_000).map(|n| node.total(id(thousand * 1_000 + n)));
        for look in join_all(looks).await {
            look.expect("every owner wakes");
        }
    }
    assert_eq!(node.counters.awake() as u64, THINGS);
    let awake = resident();
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(node.counters.sweep() as u64, THINGS);
    assert_eq!(node.counters.awake(), 0);
    // Owners end on their own thread, which is this one: they have their turn now.
    tokio::time::sleep(Duration::from_millis(1)).await;
    awake
}

/// The allocator gives back what is free a moment later, and only when it is asked for something.
fn resident_when_at_rest(wanted: u64) -> u64 {
    for _ in 0..500 {
        let crumbs: Vec<_> = (1..1_000_usize).map(Vec::<u8>::with_capacity).collect();
        drop(std::hint::black_box(crumbs));
        if resident() < wanted {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    resident()
}

/// The memory that this process has in hand.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.expect("the second number is the resident set") * 4_096
}
