//! What a new start of the runtime finds.

use bazaar::store::{Outcome, Query};
use bson::{Bson, doc};

use crate::contract;
use crate::documents::{THINGS, WITH_PARTS, With, change, id, make, note, thing};
use crate::opened::Opened;

contract! {
    async fn everything_is_there_after_a_new_start(opened: Opened) {
        opened.given(vec![make(1, doc! { "email": "anna@example.org", "status": "open" }).put_part(1, "a", doc! { "n": 1 }).event(1, 1)]).await;
        opened.given(vec![change(1, 1, doc! { "email": "anna@example.com", "status": "open" }).insert_note("key", doc! {}).event(1, 2)]).await;

        let opened = opened.reopen().await;

        let found = thing(&*opened.store, 1).await.expect("the thing");
        assert_eq!(found.get_str("email").unwrap(), "anna@example.com");
        assert_eq!(found.get_i64("version").unwrap(), 2);
        assert!(note(&*opened.store, "key").await.is_some());
        let loaded = opened.store.load(&THINGS, id(1).into(), WITH_PARTS).await.unwrap();
        assert_eq!(loaded.rows.len(), 1);
        let open = Query::by_index(&THINGS, "status_due", vec![Bson::from("open")]);
        assert_eq!(opened.store.count(open).await.unwrap(), 1);
        let taken = opened.commit(make(2, doc! { "email": "anna@example.com" })).await;
        assert!(matches!(taken, Outcome::Taken("email")), "{taken:?}");
        let stale = opened.commit(change(1, 1, doc! {})).await;
        assert!(matches!(stale, Outcome::Conflict), "{stale:?}");
        let feed = opened.store.feed(None, 10).await.unwrap();
        assert_eq!(feed.events.len(), 2);
    }

    async fn preparing_twice_does_no_harm(opened: Opened) {
        opened.given(vec![make(1, doc! { "email": "anna@example.org" })]).await;
        opened.store.prepare(crate::documents::COLLECTIONS).await.unwrap();
        assert!(thing(&*opened.store, 1).await.is_some());
        assert!(opened.store.health().await.is_ok());
    }
}
