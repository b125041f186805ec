//! What stands of a batch, and what does not.

use bazaar::store::Outcome;
use bson::doc;
use futures_util::FutureExt;

use crate::contract;
use crate::documents::{THINGS, With, beside, change, id, make, note, thing};
use crate::opened::Opened;

contract! {
    async fn a_commit_at_the_wrong_version_conflicts_and_takes_no_other_with_it(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 }), make(2, doc! { "n": 1 })]).await;
        opened.given(vec![change(2, 1, doc! { "n": 2 })]).await;

        let outcomes = opened.batch(vec![
            change(1, 1, doc! { "n": 10 }),
            change(2, 1, doc! { "n": 10 }).put_note("of the loser", doc! {}),
            make(3, doc! { "n": 10 }),
        ]).await;

        assert!(matches!(outcomes[..], [Outcome::Stored, Outcome::Conflict, Outcome::Stored]), "{outcomes:?}");
        assert_eq!(number(&opened, 1).await, Some(10));
        assert_eq!(number(&opened, 2).await, Some(2), "the loser changed nothing");
        assert_eq!(number(&opened, 3).await, Some(10));
        assert_eq!(note(&*opened.store, "of the loser").await, None, "nor did its rows");
    }

    async fn something_that_is_there_cannot_be_made_again(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 })]).await;
        let outcome = opened.commit(make(1, doc! { "n": 2 })).await;
        assert!(matches!(outcome, Outcome::Conflict), "{outcome:?}");
        assert_eq!(number(&opened, 1).await, Some(1));
    }

    async fn something_that_is_not_there_cannot_be_changed(opened: Opened) {
        let outcome = opened.commit(change(1, 3, doc! { "n": 4 })).await;
        assert!(matches!(outcome, Outcome::Conflict), "{outcome:?}");
        assert_eq!(thing(&*opened.store, 1).await, None);
    }

    async fn of_two_commits_to_one_version_in_one_batch_one_stands(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 })]).await;
        let outcomes = opened.batch(vec![change(1, 1, doc! { "n": 20 }), change(1, 1, doc! { "n": 21 })]).await;
        assert!(matches!(outcomes[..], [Outcome::Stored, Outcome::Conflict]), "{outcomes:?}");
        assert_eq!(number(&opened, 1).await, Some(20));
    }

    async fn a_commit_may_rest_on_one_before_it_in_the_batch(opened: Opened) {
        let outcomes = opened.batch(vec![
            make(1, doc! { "n": 1 }),
            change(1, 1, doc! { "n": 2 }),
            change(1, 2, doc! { "n": 3 }),
        ]).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stored)), "{outcomes:?}");
        assert_eq!(number(&opened, 1).await, Some(3));
        let opened = opened.reopen().await;
        assert_eq!(number(&opened, 1).await, Some(3));
    }

    async fn half_a_batch_in_conflict_leaves_the_other_half(opened: Opened) {
        opened.given((0..200).map(|n| make(n, doc! { "n": 0 })).collect()).await;
        opened.given((0..200).filter(|n| n % 2 == 0).map(|n| change(n, 1, doc! { "n": 1 })).collect()).await;
        let outcomes = opened.batch((0..200).map(|n| change(n, 1, doc! { "n": 2 })).collect()).await;
        for (n, outcome) in outcomes.iter().enumerate() {
            let stands = matches!(outcome, Outcome::Stored);
            assert_eq!(stands, n % 2 == 1, "{n}: {outcome:?}");
        }
    }

    async fn ten_thousand_documents_go_through_one_batch(opened: Opened) {
        let text = "x".repeat(400);
        let fields = |n| doc! { "n": n, "email": format!("{n}@example.org"), "text": &text };
        opened.given((0..10_000).map(|n| make(n, fields(i64::from(n)))).collect()).await;
        let all = (0..10_000).map(|n| (&THINGS, id(n).into())).collect();
        let versions = opened.store.versions(all).await.unwrap();
        assert_eq!(versions, vec![1; 10_000]);
    }

    async fn what_no_store_takes_is_rejected_alone(opened: Opened) {
        let too_large = "x".repeat(17 << 20);
        let outcomes = opened.batch(vec![
            make(1, doc! { "n": 1 }),
            make(2, doc! { "n": 1, "text": too_large }),
            make(3, doc! { "n": 1, "email": 0.5 }),
            make(4, doc! { "n": 1 }),
        ]).await;
        assert!(
            matches!(outcomes[..], [Outcome::Stored, Outcome::Rejected(_), Outcome::Rejected(_), Outcome::Stored]),
            "{outcomes:?}",
        );
        assert_eq!(thing(&*opened.store, 2).await, None);
        assert_eq!(thing(&*opened.store, 3).await, None);
    }

    async fn a_document_under_a_key_that_is_not_its_own_is_rejected(opened: Opened) {
        let mut commit = make(1, doc! { "n": 1 });
        if let Some(guard) = &mut commit.guard {
            guard.key = id(2).into();
        }
        let outcome = opened.commit(commit).await;
        assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome:?}");
    }

    async fn an_email_that_another_has_is_taken(opened: Opened) {
        opened.given(vec![make(1, doc! { "email": "anna@example.org" })]).await;
        let outcomes = opened.batch(vec![
            make(2, doc! { "email": "anna@example.org" }),
            make(3, doc! { "email": "bert@example.org" }),
        ]).await;
        assert!(matches!(outcomes[..], [Outcome::Taken("email"), Outcome::Stored]), "{outcomes:?}");
        assert_eq!(thing(&*opened.store, 2).await, None);
    }

    async fn of_two_registrations_of_one_email_in_one_batch_one_stands(opened: Opened) {
        let outcomes = opened.batch(vec![
            make(1, doc! { "email": "anna@example.org" }),
            make(2, doc! { "email": "anna@example.org" }),
        ]).await;
        assert!(matches!(outcomes[..], [Outcome::Stored, Outcome::Taken("email")]), "{outcomes:?}");
    }

    async fn one_s_own_email_is_not_taken(opened: Opened) {
        opened.given(vec![make(1, doc! { "email": "anna@example.org", "n": 1 })]).await;
        opened.given(vec![change(1, 1, doc! { "email": "anna@example.org", "n": 2 })]).await;
        assert_eq!(number(&opened, 1).await, Some(2));
    }

    async fn an_email_that_was_given_up_is_free_again(opened: Opened) {
        opened.given(vec![make(1, doc! { "email": "anna@example.org" })]).await;
        opened.given(vec![change(1, 1, doc! { "email": "anna@example.com" })]).await;
        opened.given(vec![make(2, doc! { "email": "anna@example.org" })]).await;
        let outcome = opened.commit(make(3, doc! { "email": "anna@example.com" })).await;
        assert!(matches!(outcome, Outcome::Taken("email")), "{outcome:?}");
    }

    async fn those_without_an_email_do_not_compete(opened: Opened) {
        opened.given(vec![
            make(1, doc! { "n": 1 }),
            make(2, doc! { "n": 1 }),
            make(3, doc! { "email": bson::Bson::Null }),
            make(4, doc! { "email": bson::Bson::Null }),
        ]).await;
    }

    async fn five_hundred_at_once_for_one_email_are_one(opened: Opened) {
        let outcomes = opened.batch((0..500).map(|n| make(n, doc! { "email": "anna@example.org" })).collect()).await;
        let stored = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Stored)).count();
        let taken = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Taken("email"))).count();
        assert_eq!((stored, taken), (1, 499));
    }

    async fn rows_alone_stand_only_beside_the_version_they_rest_on(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 })]).await;
        let before = thing(&*opened.store, 1).await;
        let outcomes = opened.batch(vec![
            beside(1, 1).put_note("right", doc! {}),
            beside(1, 2).put_note("wrong", doc! {}),
            beside(2, 0).put_note("right, of nothing", doc! {}),
            beside(1, 0).put_note("wrong, of nothing", doc! {}),
        ]).await;
        assert!(
            matches!(outcomes[..], [Outcome::Stored, Outcome::Conflict, Outcome::Stored, Outcome::Conflict]),
            "{outcomes:?}",
        );
        assert_eq!(thing(&*opened.store, 1).await, before, "the thing is left as it is");
        assert_eq!(thing(&*opened.store, 2).await, None);
        assert!(note(&*opened.store, "right").await.is_some());
        assert!(note(&*opened.store, "right, of nothing").await.is_some());
        assert_eq!(note(&*opened.store, "wrong").await, None);
        assert_eq!(note(&*opened.store, "wrong, of nothing").await, None);
    }

    async fn rows_alone_see_a_version_that_moved_in_the_same_batch(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 1 })]).await;
        let outcomes = opened.batch(vec![
            change(1, 1, doc! { "n": 2 }),
            beside(1, 1).put_note("late", doc! {}),
        ]).await;
        assert!(matches!(outcomes[..], [Outcome::Stored, Outcome::Conflict]), "{outcomes:?}");
        assert_eq!(note(&*opened.store, "late").await, None);
    }

    async fn a_batch_that_nobody_waits_for_lands_whole_or_not_at_all(opened: Opened) {
        let store = &opened.store;
        let things = || (0..50).map(|n| (&THINGS, id(n).into())).collect();
        let forgotten = store.commit((0..50).map(|n| make(n, doc! {})).collect());
        let _ = forgotten.now_or_never();
        for _ in 0..20 {
            let versions = store.versions(things()).await.unwrap();
            assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
        }
    }

    async fn many_writers_of_one_thing_take_every_version_once(opened: Opened) {
        opened.given(vec![make(1, doc! { "n": 0 })]).await;
        let writers = (0..4).map(|_| {
            let store = std::sync::Arc::clone(&opened.store);
            tokio::spawn(async move {
                for _ in 0..10 {
                    loop {
                        let version = store.versions(vec![(&THINGS, id(1).into())]).await.unwrap()[0];
                        let next = change(1, version, doc! { "n": i64::try_from(version).unwrap() });
                        match store.commit(vec![next]).await.remove(0) {
                            Outcome::Stored => break,
                            Outcome::Conflict => {}
                            other => panic!("{other:?}"),
                        }
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert_eq!(number(&opened, 1).await, Some(40), "no two of 40 changes met at one version");
    }
}

async fn number(opened: &Opened, n: u32) -> Option<i64> {
    let found = thing(&*opened.store, n).await?;
    match found.get("n")? {
        bson::Bson::Int32(number) => Some(i64::from(*number)),
        bson::Bson::Int64(number) => Some(*number),
        other => panic!("{other} is no number"),
    }
}
