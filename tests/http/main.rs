//! Everything over HTTP, on a marketplace in this process.

#[path = "../support/binary.rs"]
mod binary;
#[path = "../support/call.rs"]
mod call;
#[path = "../support/goods.rs"]
mod goods;
#[path = "../support/shop.rs"]
mod shop;

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
mod operations;
mod orders;
mod pictures;
mod products;
mod repeats;
mod requests;
mod reservations;
mod sessions;
mod tokens;
