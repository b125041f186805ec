//! Bazaar: a whole marketplace in one binary.
//!
//! The layers, each of which knows only those below it: `supervisors`, `http`, `actors`,
//! `events`, `services`, `store`, `domain`. `ARCHITECTURE.md` tells the rest.

// What cannot fail says why in an `expect`; tests may do as they like. This stands here and not in
// Cargo.toml because there it would hold for tests as well.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod actors;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod events;
pub mod http;
pub mod services;
pub mod store;
pub mod supervisors;
pub mod telemetry;
