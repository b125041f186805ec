//! The runtime under the shop: owners, their rounds, and what becomes of what they are asked.

mod chores;
mod failing;
mod once;
mod rounds;
mod router;
mod sessions;
mod simulation;
mod waking;

#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
