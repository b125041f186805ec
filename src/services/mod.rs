//! Ports to the outside and what they stand on: tokens, passwords, sessions.

pub mod tokens;
