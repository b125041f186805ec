//! Limits that several nodes keep together by Redis.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use bazaar::clock::Clock;
use bazaar::services::limiter::{Limiter, Lockout, Rate};
use bazaar::services::redis::Redis;

use crate::redis_server::RedisServer;

const THIEF: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

fn node(server: &RedisServer) -> Limiter {
    let rate = Rate {
        times: NonZeroU32::new(4).expect("four is not zero"),
        within: Duration::from_hours(1),
    };
    let lockout = Lockout {
        failures: 4,
        rest: Duration::from_hours(1),
    };
    let redis = Redis::at(&server.url()).expect("a URL of Redis");
    Limiter::new(Some(rate), lockout, &Clock::system(), Some(redis))
}

#[tokio::test]
async fn two_nodes_count_together() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (one, other) = (node(&server), node(&server));
    for _ in 0..2 {
        one.sign_in_from(THIEF).await.expect("within the rate");
        other.sign_in_from(THIEF).await.expect("within the rate");
    }
    let refused = other.sign_in_from(THIEF).await.expect_err("the fifth of four");
    let quarter = Duration::from_mins(15);
    assert!(
        refused.0 <= quarter && refused.0 > quarter / 2,
        "a place is free in {:?}",
        refused.0
    );
}

#[tokio::test]
async fn two_nodes_keep_a_guesser_out_together() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (one, other) = (node(&server), node(&server));
    for _ in 0..2 {
        for node in [&one, &other] {
            let attempt = node
                .failures
                .attempt("anna", THIEF)
                .await
                .expect("not too many yet");
            attempt.failed().await;
        }
    }
    for node in [&one, &other] {
        let refused = node
            .failures
            .attempt("anna", THIEF)
            .await
            .expect_err("four were wrong");
        assert!(
            refused.0 > Duration::from_mins(50),
            "the account rests for {:?}",
            refused.0
        );
    }
}

#[tokio::test]
async fn a_right_password_is_heard_of_on_every_node() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (one, other) = (node(&server), node(&server));
    for _ in 0..3 {
        one.failures
            .attempt("anna", THIEF)
            .await
            .expect("not too many yet")
            .failed()
            .await;
    }
    other
        .failures
        .attempt("anna", THIEF)
        .await
        .expect("not too many yet")
        .succeeded()
        .await;
    let fresh = node(&server);
    for _ in 0..4 {
        fresh
            .failures
            .attempt("anna", THIEF)
            .await
            .expect("it starts afresh")
            .failed()
            .await;
    }
}

#[tokio::test]
async fn without_redis_each_node_counts_alone_and_nobody_waits_for_it() {
    let Some(mut server) = RedisServer::start() else {
        return;
    };
    let (one, other) = (node(&server), node(&server));
    one.sign_in_from(THIEF).await.expect("within the rate");
    server.kill();
    let asked = Instant::now();
    for _ in 0..3 {
        one.sign_in_from(THIEF).await.expect("within the rate");
    }
    one.sign_in_from(THIEF)
        .await
        .expect_err("it has counted all the while");
    for _ in 0..4 {
        other.sign_in_from(THIEF).await.expect("it counts for itself");
    }
    other.sign_in_from(THIEF).await.expect_err("the fifth of four");
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "it took {:?}",
        asked.elapsed()
    );

    server.revive();
    let third = node(&server);
    for _ in 0..4 {
        third.sign_in_from(THIEF).await.expect("within the rate");
    }
    node(&server)
        .sign_in_from(THIEF)
        .await
        .expect_err("Redis counts again");
}
