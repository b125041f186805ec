//! The services on the servers they are made for.

#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../support/redis_server.rs"]
mod redis_server;

mod limiter;
mod sessions;
