//! A thing and its parts are read as one commit left them, however many land meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bazaar::store::Outcome;
use bson::doc;

use crate::contract;
use crate::documents::{THINGS, WITH_PARTS, With, change, id, make};
use crate::opened::Opened;

const PARTS_EACH: usize = 5;
const LOADS: usize = 300;

contract! {
    async fn a_thing_and_its_parts_come_from_one_commit_while_batches_land(opened: Opened) {
        opened.given(vec![at_version(make(1, doc! {}), 1)]).await;
        let done = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (store, done) = (Arc::clone(&opened.store), Arc::clone(&done));
            async move {
                let mut version = 1;
                while !done.load(Ordering::Relaxed) {
                    let commit = at_version(change(1, version, doc! {}), version + 1);
                    let outcome = store.commit(vec![commit]).await.remove(0);
                    assert!(matches!(outcome, Outcome::Stored), "{outcome:?}");
                    version += 1;
                }
                version
            }
        });
        for _ in 0..LOADS {
            let loaded = opened.store.load(&THINGS, id(1).into(), WITH_PARTS).await.unwrap();
            let version = loaded.document.expect("the thing").get_i64("version").unwrap();
            assert_eq!(loaded.rows.len(), PARTS_EACH);
            for (_, part) in &loaded.rows {
                assert_eq!(part.get_i64("of").unwrap(), version, "a part of another version");
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(writer.await.unwrap() > 1, "something landed meanwhile");
    }
}

/// Writes all parts anew, each with the version that wrote it.
fn at_version(mut commit: bazaar::store::Commit, version: u64) -> bazaar::store::Commit {
    for n in 0..PARTS_EACH {
        commit = commit.put_part(1, &n.to_string(), doc! { "of": i64::try_from(version).unwrap() });
    }
    commit
}
