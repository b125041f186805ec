//! Ports to the outside and what they stand on: tokens, passwords, sessions.

pub mod passwords;
pub mod redis;
pub mod sessions;
pub mod tokens;
