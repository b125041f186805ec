//! One owner per live thing. An owner serialises what is asked of its thing, decides it by the
//! rules of `domain`, and answers when the decision is durable.

pub mod accounts;
pub mod admission;
pub mod alarm;
pub mod ask;
pub mod audit;
pub mod base;
pub mod carts;
pub mod checkout;
pub mod crew;
mod draft;
pub mod due;
pub mod engine;
pub mod event_router;
pub mod figures;
pub mod holds;
pub mod live_stock;
pub mod orders;
pub mod owner;
pub mod owners;
pub mod products;
pub mod remembered;
pub mod reservations;
pub mod restarts;
pub mod round;
pub mod shelf;
pub mod staleness;
pub mod stuck;
pub mod waiting;
