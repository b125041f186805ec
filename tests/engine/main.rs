//! The runtime under the shop: owners, their rounds, and what becomes of what they are asked.

mod chores;
mod rounds;
mod router;

#[expect(dead_code, reason = "every kind of test uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
