//! Everything over HTTP, on a marketplace in this process.

#[path = "../support/call.rs"]
mod call;
#[path = "../support/goods.rs"]
mod goods;
#[path = "../support/shop.rs"]
mod shop;

mod authority;
mod browsers;
mod documents;
mod errors;
mod faults;
mod idempotency;
mod inventory;
mod operations;
mod pictures;
mod products;
mod requests;
