//! Finding by index and by name, page by page, in both directions.

use bazaar::domain::entity::{Key, RowWrite};
use bazaar::store::{Commit, CommitId, Query};
use bson::{Bson, RawBsonRef, doc};

use crate::contract;
use crate::documents::{NOTES, THINGS, With, change, id, make};
use crate::opened::Opened;

contract! {
    async fn documents_come_in_the_order_of_the_index(opened: Opened) {
        given_ten(&opened).await;
        let page = opened.store.find(open_ones()).await.unwrap();
        assert_eq!(numbers(&page.documents), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "due in reverse");
        let page = opened.store.find(open_ones().descending()).await.unwrap();
        assert_eq!(numbers(&page.documents), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(page.next, None, "nothing comes after all of them");
    }

    async fn pages_go_on_where_the_one_before_ended(opened: Opened) {
        given_ten(&opened).await;
        for descending in [false, true] {
            let mut query = open_ones().limit(3);
            query.descending = descending;
            let (mut found, mut pages) = (Vec::new(), 0);
            loop {
                let page = opened.store.find(query.clone()).await.unwrap();
                found.extend(numbers(&page.documents));
                pages += 1;
                let Some(next) = page.next else { break };
                query = query.after(Some(next));
            }
            if descending {
                found.reverse();
            }
            assert_eq!(found, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "descending: {descending}");
            assert_eq!(pages, 4);
        }
    }

    async fn a_page_that_ends_with_the_last_one_has_no_next(opened: Opened) {
        given_ten(&opened).await;
        let page = opened.store.find(open_ones().limit(10)).await.unwrap();
        assert_eq!((page.documents.len(), page.next), (10, None));
        let page = opened.store.find(open_ones().limit(9)).await.unwrap();
        assert!(page.next.is_some());
    }

    async fn many_in_one_place_are_all_found_once(opened: Opened) {
        opened.given((0..25).map(|n| make(n, doc! { "n": n, "status": "open", "due": 7 })).collect()).await;
        for descending in [false, true] {
            let mut query = open_ones().limit(4);
            query.descending = descending;
            let mut found = Vec::new();
            loop {
                let page = opened.store.find(query.clone()).await.unwrap();
                found.extend(numbers(&page.documents));
                let Some(next) = page.next else { break };
                query = query.after(Some(next));
            }
            if descending {
                found.reverse();
            }
            assert_eq!(found, (0..25).collect::<Vec<_>>(), "by key where the place is shared");
        }
    }

    async fn those_that_lack_a_later_field_come_first(opened: Opened) {
        opened.given(vec![
            make(1, doc! { "n": 1, "status": "open", "due": 1 }),
            make(2, doc! { "n": 2, "status": "open" }),
            make(3, doc! { "n": 3, "status": "open", "due": Bson::Null }),
            make(4, doc! { "n": 4, "due": 4 }),
            make(5, doc! { "n": 5, "status": Bson::Null, "due": 4 }),
        ]).await;
        for limit in [1, 2, 10] {
            assert_eq!(walk(&opened, open_ones().limit(limit)).await, [2, 3, 1]);
            assert_eq!(walk(&opened, open_ones().limit(limit).descending()).await, [1, 3, 2]);
        }
        let all = Query::by_index(&THINGS, "status_due", vec![]);
        assert_eq!(walk(&opened, all.clone()).await, [2, 3, 1], "without a status it is not in the index");
        assert_eq!(opened.store.count(all).await.unwrap(), 3);
    }

    async fn a_range_holds_its_start_and_not_its_end(opened: Opened) {
        given_ten(&opened).await;
        let between = |from: Option<i64>, until: Option<i64>| open_ones().between(from.map(Bson::Int64), until.map(Bson::Int64));
        assert_eq!(walk(&opened, between(Some(-3), Some(0))).await, [3, 2, 1]);
        assert_eq!(walk(&opened, between(Some(-3), None).limit(2)).await, [3, 2, 1, 0]);
        assert_eq!(walk(&opened, between(None, Some(-7)).limit(2)).await, [9, 8]);
        assert_eq!(walk(&opened, between(Some(-3), Some(0)).descending().limit(1)).await, [1, 2, 3]);
        assert_eq!(walk(&opened, between(Some(0), Some(-3))).await, [0; 0], "a range that ends before it starts");
        assert_eq!(walk(&opened, between(Some(5), Some(5))).await, [0; 0]);
        assert_eq!(opened.store.count(between(Some(-3), Some(0))).await.unwrap(), 3);
        assert_eq!(opened.store.count(between(Some(0), Some(-3))).await.unwrap(), 0);
    }

    async fn a_range_is_of_values_and_not_of_their_absence(opened: Opened) {
        opened.given(vec![
            make(1, doc! { "n": 1, "status": "open", "due": 1 }),
            make(2, doc! { "n": 2, "status": "open" }),
        ]).await;
        let due = open_ones().between(None, Some(Bson::Int64(9)));
        assert_eq!(walk(&opened, due.clone()).await, [1]);
        assert_eq!(opened.store.count(due).await.unwrap(), 1);
    }

    async fn a_place_among_unique_ones_is_found(opened: Opened) {
        opened.given((0..5).map(|n| make(n, doc! { "n": n, "email": format!("{n}@example.org") })).collect()).await;
        let one = Query::by_index(&THINGS, "email", vec![Bson::from("3@example.org")]);
        assert_eq!(walk(&opened, one.clone()).await, [3]);
        assert_eq!(opened.store.count(one).await.unwrap(), 1);
        let nobody = Query::by_index(&THINGS, "email", vec![Bson::from("7@example.org")]);
        assert_eq!(walk(&opened, nobody).await, [0; 0]);
        let all = Query::by_index(&THINGS, "email", vec![]);
        assert_eq!(walk(&opened, all.clone().limit(2)).await, [0, 1, 2, 3, 4]);
        assert_eq!(walk(&opened, all.limit(2).descending()).await, [4, 3, 2, 1, 0]);
    }

    async fn a_change_moves_a_document_in_the_index(opened: Opened) {
        given_ten(&opened).await;
        opened.given(vec![change(4, 1, doc! { "n": 4, "status": "done", "due": 1 })]).await;
        assert_eq!(walk(&opened, open_ones()).await, [9, 8, 7, 6, 5, 3, 2, 1, 0]);
        assert_eq!(walk(&opened, Query::by_index(&THINGS, "status_due", vec![Bson::from("done")])).await, [4]);
    }

    async fn some_are_passed_over_and_all_are_counted(opened: Opened) {
        given_ten(&opened).await;
        let page = opened.store.find(open_ones().skip(4).limit(2)).await.unwrap();
        assert_eq!(numbers(&page.documents), [5, 4]);
        assert_eq!(opened.store.count(open_ones().skip(4).limit(2)).await.unwrap(), 10);
        let page = opened.store.find(open_ones().skip(40)).await.unwrap();
        assert!(page.documents.is_empty() && page.next.is_none());
        let page = opened.store.find(open_ones().limit(0)).await.unwrap();
        assert!(page.documents.is_empty());
    }

    async fn names_are_found_by_how_they_start(opened: Opened) {
        let mut commit = Commit::of_rows(CommitId::new(), Vec::new());
        for (n, name) in (0..).zip(["a", "mail/1", "mail/2", "mail/ü", "mail0", "z"]) {
            commit = commit.put_note(name, doc! { "n": n });
        }
        opened.given(vec![commit]).await;
        let mails = Query::by_name(&NOTES, "mail/");
        assert_eq!(walk(&opened, mails.clone().limit(2)).await, [1, 2, 3]);
        assert_eq!(walk(&opened, mails.clone().limit(2).descending()).await, [3, 2, 1]);
        assert_eq!(opened.store.count(mails).await.unwrap(), 3);
        assert_eq!(walk(&opened, Query::by_name(&NOTES, "")).await, [0, 1, 2, 3, 4, 5]);
        let gone = Commit::of_rows(CommitId::new(), Vec::new()).with(&NOTES, Key::Name("mail/2".into()), RowWrite::Delete);
        opened.given(vec![gone]).await;
        assert_eq!(walk(&opened, Query::by_name(&NOTES, "mail/")).await, [1, 3]);
    }

    async fn keys_are_answered_each_in_its_place(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 }), make(3, doc! { "n": 3 })]).await;
        opened.given(vec![change(3, 1, doc! { "n": 3 })]).await;
        let keys = [3, 2, 1, 3].map(|n| id(n).into());
        let found = opened.store.get(&THINGS, keys.to_vec()).await.unwrap();
        let found: Vec<_> = found.iter().map(|found| found.as_ref().map(|found| numbers(std::slice::from_ref(found))[0])).collect();
        assert_eq!(found, [Some(3), None, Some(1), Some(3)]);
        let documents = [3, 2, 1, 3].map(|n| (&THINGS, id(n).into()));
        assert_eq!(opened.store.versions(documents.to_vec()).await.unwrap(), [2, 0, 1, 2]);
        assert_eq!(opened.store.get(&THINGS, vec![]).await.unwrap(), []);
    }

    async fn a_cursor_of_another_query_leads_nowhere(opened: Opened) {
        given_ten(&opened).await;
        let elsewhere = opened.store.find(open_ones().limit(1)).await.unwrap().next;
        assert!(elsewhere.is_some());
        let shut = Query::by_index(&THINGS, "status_due", vec![Bson::from("shut")]);
        let last = open_ones().between(Some(Bson::Int64(-3)), Some(Bson::Int64(0)));
        for query in [shut, last] {
            let query = query.after(elsewhere.clone());
            assert_eq!(walk(&opened, query.clone()).await, [0; 0]);
            assert_eq!(walk(&opened, query.descending()).await, [0; 0]);
        }
    }

    async fn a_cursor_that_no_page_gave_finds_something_or_nothing(opened: Opened) {
        given_ten(&opened).await;
        for noise in [vec![], vec![0], vec![0xFF; 40], b"status_due\0".to_vec(), vec![0x30; 9], vec![0x60; 3]] {
            let cursor = Some(bazaar::store::query::Cursor(noise));
            assert!(opened.store.find(open_ones().after(cursor.clone())).await.is_ok());
            assert!(opened.store.find(open_ones().descending().after(cursor)).await.is_ok());
        }
    }

    async fn a_cursor_never_leads_out_of_what_was_asked_for(opened: Opened) {
        given_ten(&opened).await;
        let shut_ones = || Query::by_index(&THINGS, "status_due", vec![Bson::from("shut")]);
        opened.given(vec![
            make(11, doc! { "n": 11, "status": "later", "due": 0 }),
            make(12, doc! { "n": 12, "status": "zero", "due": 0 }),
        ]).await;
        // The places of documents that some other query gives, in both directions.
        let all = Query::by_index(&THINGS, "status_due", vec![]).limit(1);
        for mut elsewhere in [all.clone(), all.descending()] {
            while let Some(cursor) = opened.store.find(elsewhere.clone()).await.unwrap().next {
                for query in [shut_ones(), shut_ones().descending()] {
                    let page = opened.store.find(query.after(Some(cursor.clone()))).await.unwrap();
                    let found = numbers(&page.documents);
                    assert!(found.iter().all(|n| *n == 10), "{found:?} after {cursor:?}");
                }
                elsewhere = elsewhere.after(Some(cursor));
            }
        }
    }
}

fn open_ones() -> Query {
    Query::by_index(&THINGS, "status_due", vec![Bson::from("open")])
}

/// Ten open things, the later made the sooner due, and one that is not open.
async fn given_ten(opened: &Opened) {
    let mut things: Vec<_> = (0..10)
        .map(|n| make(n, doc! { "n": n, "status": "open", "due": -i64::from(n) }))
        .collect();
    things.push(make(10, doc! { "n": 10, "status": "shut", "due": 0 }));
    opened.given(things).await;
}

async fn walk(opened: &Opened, mut query: Query) -> Vec<u32> {
    let mut found = Vec::new();
    loop {
        let page = opened.store.find(query.clone()).await.unwrap();
        found.extend(numbers(&page.documents));
        let Some(next) = page.next else { return found };
        query = query.after(Some(next));
    }
}

fn numbers(documents: &[bson::RawDocumentBuf]) -> Vec<u32> {
    let number = |document: &bson::RawDocumentBuf| match document.get("n") {
        Ok(Some(RawBsonRef::Int32(n))) => u32::try_from(n).unwrap(),
        Ok(Some(RawBsonRef::Int64(n))) => u32::try_from(n).unwrap(),
        other => panic!("{other:?} is no number"),
    };
    documents.iter().map(number).collect()
}
