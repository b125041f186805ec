//! The feed of events: every one of them, in order for each thing, from any position on.

use std::collections::HashMap;
use std::sync::Arc;

use bazaar::store::{FeedPosition, Store};
use bson::{RawDocumentBuf, doc};

use crate::contract;
use crate::documents::{With, change, make};
use crate::opened::Opened;

contract! {
    async fn the_feed_gives_every_event_in_order_from_the_oldest_on(opened: Opened) {
        history(&*opened.store, 0..3, 1..=5).await;
        let (events, _) = read(&*opened.store, None, 4).await;
        assert_eq!(events.len(), 15);
        in_order(&events);
    }

    async fn the_feed_goes_on_after_any_position(opened: Opened) {
        let (_, mut position) = read(&*opened.store, None, 10).await;
        let mut seen = Vec::new();
        for version in 1..=4 {
            history(&*opened.store, 0..3, version..=version).await;
            let (events, next) = read(&*opened.store, Some(position), 2).await;
            assert_eq!(events.len(), 3, "the news of this round and nothing else");
            seen.extend(events);
            position = next;
        }
        in_order(&seen);
        let (nothing, _) = read(&*opened.store, Some(position), 10).await;
        assert!(nothing.is_empty());
    }

    async fn a_position_holds_through_a_new_start(opened: Opened) {
        history(&*opened.store, 0..2, 1..=2).await;
        let (_, position) = read(&*opened.store, None, 10).await;
        history(&*opened.store, 0..2, 3..=3).await;
        let opened = opened.reopen().await;
        history(&*opened.store, 0..2, 4..=4).await;
        let (events, _) = read(&*opened.store, Some(position), 10).await;
        assert_eq!(events.len(), 4);
        in_order(&events);
    }

    async fn the_end_of_the_feed_is_after_all_that_was(opened: Opened) {
        history(&*opened.store, 0..2, 1..=2).await;
        let end = opened.store.feed_end().await.unwrap();
        let (nothing, _) = read(&*opened.store, Some(end.clone()), 10).await;
        assert!(nothing.is_empty());
        history(&*opened.store, 0..2, 3..=3).await;
        let (events, _) = read(&*opened.store, Some(end), 10).await;
        assert_eq!(events.len(), 2);
    }

    async fn whoever_waits_for_news_is_woken_by_them(opened: Opened) {
        let end = opened.store.feed_end().await.unwrap();
        let woken = tokio::spawn({
            let (store, end) = (Arc::clone(&opened.store), end.clone());
            async move {
                let mut position = end;
                loop {
                    let page = store.feed(Some(position), 10).await.unwrap();
                    if !page.events.is_empty() {
                        return page.events.len();
                    }
                    position = page.next;
                    store.news(position.clone()).await;
                }
            }
        });
        history(&*opened.store, 0..1, 1..=1).await;
        assert_eq!(woken.await.unwrap(), 1);
        // What was before the wait began counts as news too.
        opened.store.news(end).await;
    }

    async fn a_feed_read_while_it_grows_misses_nothing(opened: Opened) {
        let writer = tokio::spawn({
            let store = Arc::clone(&opened.store);
            async move { history(&*store, 0..4, 1..=30).await }
        });
        let (mut seen, mut position) = (Vec::new(), None);
        while !writer.is_finished() {
            let (events, next) = read(&*opened.store, position, 7).await;
            seen.extend(events);
            position = Some(next);
        }
        seen.extend(read(&*opened.store, position, 7).await.0);
        let distinct: std::collections::HashSet<_> = seen.iter().map(|event| event.get_str("_id").unwrap().to_owned()).collect();
        assert_eq!(distinct.len(), 120, "every event, some perhaps twice");
    }
}

/// Lets things live through versions, each told by an event in the batch that made it.
async fn history(store: &dyn Store, things: std::ops::Range<u32>, versions: std::ops::RangeInclusive<u64>) {
    for version in versions {
        let lives = |n| match version {
            1 => make(n, doc! {}).event(n, 1),
            _ => change(n, version - 1, doc! {}).event(n, version),
        };
        for outcome in store.commit(things.clone().map(lives).collect()).await {
            assert!(matches!(outcome, bazaar::store::Outcome::Stored), "{outcome:?}");
        }
    }
}

async fn read(
    store: &dyn Store,
    mut position: Option<FeedPosition>,
    limit: usize,
) -> (Vec<RawDocumentBuf>, FeedPosition) {
    let mut events = Vec::new();
    loop {
        let page = store.feed(position, limit).await.unwrap();
        assert!(page.events.len() <= limit);
        if page.events.is_empty() {
            return (events, page.next);
        }
        events.extend(page.events);
        position = Some(page.next);
    }
}

fn in_order(events: &[RawDocumentBuf]) {
    let mut last = HashMap::new();
    for event in events {
        let entity = event.get_object_id("entity").unwrap();
        let version = event.get_i64("version").unwrap();
        let before = last.insert(entity, version);
        assert!(
            before.is_none_or(|before| before < version),
            "{entity}: {version} after {before:?}"
        );
    }
}
