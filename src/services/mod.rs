//! Ports to the outside and what they stand on: tokens, passwords, sessions, limits.

pub mod limiter;
pub mod passwords;
pub mod redis;
pub mod sessions;
pub mod tokens;
