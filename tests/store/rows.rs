//! Rows beside the things: written with them or by themselves.

use bazaar::domain::entity::{Key, RowWrite};
use bazaar::store::{Commit, CommitId, Guard, Outcome, Version};
use bson::doc;

use crate::contract;
use crate::documents::{NOTES, THINGS, WITH_PARTS, With, id, make, note, thing};
use crate::opened::Opened;

contract! {
    async fn a_row_that_had_to_be_absent_is_given_as_it_stands(opened: Opened) {
        opened.given(vec![rows().put_note("key", doc! { "outcome": "first" })]).await;
        let outcomes = opened.batch(vec![
            make(1, doc! { "n": 1 }).insert_note("key", doc! { "outcome": "second" }),
            make(2, doc! { "n": 1 }).insert_note("another key", doc! { "outcome": "first" }),
        ]).await;
        let [Outcome::Exists { collection, key, row }, Outcome::Stored] = &outcomes[..] else {
            panic!("{outcomes:?}");
        };
        assert_eq!((*collection, key), ("notes", &Key::Name("key".into())));
        assert_eq!(row.get_str("outcome").unwrap(), "first");
        assert_eq!(thing(&*opened.store, 1).await, None, "nothing of the commit stands");
    }

    async fn of_two_inserts_of_one_row_in_one_batch_one_stands(opened: Opened) {
        let outcomes = opened.batch(vec![
            make(1, doc! { "n": 1 }).insert_note("key", doc! { "by": 1 }),
            make(2, doc! { "n": 1 }).insert_note("key", doc! { "by": 2 }),
        ]).await;
        let [Outcome::Stored, Outcome::Exists { row, .. }] = &outcomes[..] else {
            panic!("{outcomes:?}");
        };
        assert_eq!(row.get_i32("by").unwrap(), 1);
        assert_eq!(thing(&*opened.store, 2).await, None);
    }

    async fn a_row_is_put_over_another_and_deleted(opened: Opened) {
        opened.given(vec![rows().put_note("a", doc! { "n": 1 }).put_note("b", doc! { "n": 1 })]).await;
        opened.given(vec![rows().put_note("a", doc! { "n": 2 }).with(&NOTES, name("b"), RowWrite::Delete)]).await;
        assert_eq!(note(&*opened.store, "a").await.unwrap().get_i32("n").unwrap(), 2);
        assert_eq!(note(&*opened.store, "b").await, None);
        // Deleting what is gone is no fault.
        opened.given(vec![rows().with(&NOTES, name("b"), RowWrite::Delete)]).await;
    }

    async fn of_two_puts_of_one_row_in_one_batch_the_later_one_counts(opened: Opened) {
        opened.given(vec![rows().put_note("a", doc! { "n": 1 }), rows().put_note("a", doc! { "n": 2 })]).await;
        assert_eq!(note(&*opened.store, "a").await.unwrap().get_i32("n").unwrap(), 2);
    }

    async fn a_row_is_deleted_only_at_the_version_it_was_read_at(opened: Opened) {
        opened.given(vec![rows().put_note("a", doc! { "version": 7_i64 }).put_note("b", doc! {})]).await;
        opened.given(vec![rows().put_note("a", doc! { "version": 8_i64 })]).await;
        let outcomes = opened.batch(vec![delete_at("a", 7), delete_at("b", 0)]).await;
        assert!(matches!(outcomes[..], [Outcome::Conflict, Outcome::Stored]), "{outcomes:?}");
        assert!(note(&*opened.store, "a").await.is_some(), "it was written anew meanwhile");
        assert_eq!(note(&*opened.store, "b").await, None);
        opened.given(vec![delete_at("a", 8)]).await;
        assert_eq!(note(&*opened.store, "a").await, None);
    }

    async fn a_thing_is_loaded_with_its_own_parts_alone(opened: Opened) {
        opened.given(vec![
            make(1, doc! { "n": 1 }).put_part(1, "a", doc! { "n": 1 }).put_part(1, "b", doc! { "n": 2 }),
            make(2, doc! { "n": 1 }).put_part(2, "a", doc! { "n": 3 }),
        ]).await;
        let loaded = opened.store.load(&THINGS, id(1).into(), WITH_PARTS).await.unwrap();
        assert!(loaded.document.is_some());
        let parts: Vec<_> = loaded.rows.iter().map(|(of, row)| (*of, row.get_i32("n").unwrap())).collect();
        assert_eq!(parts, [("parts", 1), ("parts", 2)]);
        assert_eq!(loaded.rows[0].1.get_str("_id").unwrap(), format!("{}/a", id(1)));
        let nothing = opened.store.load(&THINGS, id(3).into(), WITH_PARTS).await.unwrap();
        assert!(nothing.document.is_none() && nothing.rows.is_empty());
    }
}

fn rows() -> Commit {
    Commit::of_rows(CommitId::new(), Vec::new())
}

fn delete_at(note: &str, version: Version) -> Commit {
    let guard = Guard {
        collection: &NOTES,
        key: name(note),
        expect: version,
        put: None,
    };
    let delete = rows().with(&NOTES, name(note), RowWrite::Delete);
    Commit {
        guard: Some(guard),
        ..delete
    }
}

fn name(name: &str) -> Key {
    Key::Name(name.to_owned())
}
