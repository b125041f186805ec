//! The services on the servers they are made for.

#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/disk.rs"]
mod disk;
#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/faulty.rs"]
mod faulty;
#[path = "../support/redis_server.rs"]
mod redis_server;
#[expect(dead_code, reason = "the tests over HTTP use the rest of it")]
#[path = "../support/stand_in.rs"]
mod stand_in;

mod limiter;
mod razorpay;
mod sessions;
