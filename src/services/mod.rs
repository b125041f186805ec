//! Ports to the outside and what they stand on: tokens, passwords, sessions, limits.

pub mod breaker;
pub mod limiter;
pub mod media;
pub mod outside;
pub mod passwords;
pub mod redis;
pub mod sessions;
pub mod tokens;
