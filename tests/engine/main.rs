//! The runtime under the shop: owners, their rounds, and what becomes of what they are asked.

mod admins;
mod books;
mod changes_of_mind;
mod checkout;
mod checkout_as_agreed;
mod checkout_broken_off;
mod checkout_faults;
mod checkout_on_mongodb;
mod chores;
mod failing;
mod finding;
mod live_stock;
mod once;
mod paying;
mod paying_again;
mod paying_at_once;
mod paying_at_the_door;
mod paying_broken_off;
mod paying_cost;
mod paying_faults;
mod paying_looks;
mod queues;
mod rounds;
mod router;
mod router_between_runtimes;
mod router_on_mongodb;
mod sessions;
mod shelf;
mod shopping;
mod simulation;
mod sold_out;
mod waking;

#[path = "../support/mod.rs"]
mod support;

#[expect(
    dead_code,
    reason = "servers to start and kill are for the tests of the stores"
)]
#[path = "../support/mongod.rs"]
mod mongod;

#[expect(dead_code, reason = "the tests over HTTP kill it")]
#[path = "../support/rabbit_server.rs"]
mod rabbit_server;
