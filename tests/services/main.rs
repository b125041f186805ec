//! The services on the servers they are made for.

#[path = "../support/redis_server.rs"]
mod redis_server;

mod limiter;
