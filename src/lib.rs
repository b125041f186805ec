//! Bazaar: a whole marketplace in one binary.
//!
//! The layers, each of which knows only those below it: `supervisors`, `http`, `actors`,
//! `events`, `services`, `store`, `domain`. `ARCHITECTURE.md` tells the rest.

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
