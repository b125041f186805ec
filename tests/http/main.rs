//! Everything over HTTP, on a marketplace in this process.

#[path = "../support/binary.rs"]
mod binary;
#[path = "../support/call.rs"]
mod call;
#[expect(dead_code, reason = "the tests of the stores use the rest of it")]
#[path = "../support/mongod.rs"]
mod mongod;
#[path = "../support/shop.rs"]
mod shop;

mod accounts;
mod addresses;
mod authority;
mod browsers;
mod documents;
mod durability;
mod errors;
mod faults;
mod idempotency;
mod operations;
mod outage;
mod repeats;
mod requests;
mod sessions;
mod stopping;
mod tokens;
