//! Ports to the outside and what they stand on: tokens, passwords, sessions, limits, payments.

pub mod breaker;
pub mod consents;
pub mod limiter;
pub mod mail;
pub mod media;
pub mod models;
pub mod outside;
pub mod passwords;
pub mod payments;
pub mod receivers;
pub mod redis;
pub mod reset_links;
pub mod search;
pub mod sessions;
pub mod sms;
pub mod stationery;
pub mod tokens;
