//! Everything over HTTP, on a marketplace in this process.

#[path = "../support/binary.rs"]
mod binary;
#[path = "../support/call.rs"]
mod call;
#[path = "../support/goods.rs"]
mod goods;
#[expect(dead_code, reason = "the tests of the stores use the rest of it")]
#[path = "../support/mongod.rs"]
mod mongod;
#[path = "../support/shop.rs"]
mod shop;
#[path = "../support/stand_in.rs"]
mod stand_in;

mod accounts;
mod addresses;
mod authority;
mod browsers;
mod cart;
mod documents;
mod durability;
mod errors;
mod faults;
mod flash_sale;
mod idempotency;
mod inventory;
mod media_services;
mod operations;
mod orders;
mod outage;
mod pictures;
mod products;
mod repeats;
mod requests;
mod reservations;
mod sessions;
mod stopping;
mod tokens;
mod two_runtimes;
