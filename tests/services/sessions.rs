//! The copy of ended sessions that Redis keeps.

use std::sync::Arc;
use std::time::Duration;

use bazaar::domain::account::{REVOCATIONS, Revocation, Role, SessionId};
use bazaar::domain::collection::Collection;
use bazaar::domain::id::Id;
use bazaar::domain::time::Timestamp;
use bazaar::services::redis::Redis;
use bazaar::services::sessions::Sessions;
use bazaar::services::tokens::Claims;
use bazaar::store::{Commit, CommitId, Store, Write};
use tokio::time::timeout;

use crate::faulty::Faulty;
use crate::redis_server::RedisServer;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const ANNA: Id = Id::from_bytes([1; 12]);

/// What a runtime knows of sessions, on a store that others write to.
fn node(store: &Faulty, redis: &Redis) -> Sessions {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let (sessions, answering) = Sessions::new(&store, Some(redis.clone()));
    tokio::spawn(answering);
    sessions
}

fn session(n: u8) -> Claims {
    Claims {
        id: ANNA,
        email: "anna@example.com".into(),
        username: "anna".into(),
        role: Role::User,
        jti: SessionId {
            epoch: 0,
            chance: [n; 12],
        },
        iat: NOW.seconds(),
        exp: NOW.seconds() + 86_400,
    }
}

/// Ends a session as the owner of its account does: in the store, then on the node.
async fn end(node: &Sessions, store: &Faulty, claims: &Claims) {
    let revocation = Revocation::One {
        session: claims.jti,
        expires: claims.end(),
    };
    let row = revocation.row();
    let collection: &'static Collection = &REVOCATIONS;
    let write = Write {
        collection,
        key: row.key,
        row: row.write,
    };
    let commit = Commit::of_rows(CommitId::new(), vec![write]);
    let outcomes = store.commit(vec![commit]).await;
    assert!(
        matches!(outcomes[..], [bazaar::store::Outcome::Stored]),
        "{outcomes:?}"
    );
    node.note(revocation, NOW);
}

/// Waits until Redis has the copy.
async fn copied(redis: &Redis, claims: &Claims) {
    let mut exists = redis::cmd("EXISTS");
    exists.arg(format!("bazaar:revocation:{}", claims.jti));
    while redis.ask::<bool>(&exists).await != Some(true) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn redis_says_that_a_session_is_over_while_the_store_is_silent() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let redis = Redis::at(&server.url()).expect("a URL of Redis");
    let store = Faulty::new().shared(true);
    let (one, other) = (node(&store, &redis), node(&store, &redis));
    end(&one, &store, &session(1)).await;
    copied(&redis, &session(1)).await;
    store.slow_down(Duration::from_hours(1));
    assert_eq!(other.is_live(&session(1)).await, Ok(false));
    let silent = timeout(Duration::from_millis(1), other.is_live(&session(2))).await;
    assert!(
        silent.is_err(),
        "Redis alone never says that a session goes on: {silent:?}"
    );
}

#[tokio::test]
async fn losing_redis_revives_no_token() {
    let Some(mut server) = RedisServer::start() else {
        return;
    };
    let redis = Redis::at(&server.url()).expect("a URL of Redis");
    let store = Faulty::new().shared(true);
    let (one, other) = (node(&store, &redis), node(&store, &redis));
    end(&one, &store, &session(1)).await;
    copied(&redis, &session(1)).await;
    server.kill();
    assert_eq!(other.is_live(&session(1)).await, Ok(false), "while Redis is gone");
    end(&one, &store, &session(2)).await;
    assert_eq!(
        other.is_live(&session(2)).await,
        Ok(false),
        "ended while Redis was gone"
    );
    assert_eq!(other.is_live(&session(9)).await, Ok(true), "and others go on");
    server.revive();
    let fresh = node(&store, &redis);
    assert_eq!(
        fresh.is_live(&session(1)).await,
        Ok(false),
        "Redis came back empty"
    );
    end(&one, &store, &session(3)).await;
    copied(&redis, &session(3)).await;
}
