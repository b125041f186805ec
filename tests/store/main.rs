//! The contract of a store: every case runs against every adapter. What only one of them can do
//! or suffer stands in a module of its own.

#[path = "../support/mongod.rs"]
mod mongod;
#[path = "../support/proxy.rs"]
mod proxy;

mod documents;
mod opened;

mod batches;
mod feed;
mod queries;
mod restart;
mod rows;
mod snapshots;

mod child;
mod embedded_faults;
mod mongo_faults;
