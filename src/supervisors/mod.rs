//! Who starts whom, who restarts whom, and in which order the runtime stops.

pub mod admin;
pub mod engine;
pub mod keeper;
pub mod opening;
pub mod process;
pub mod runtime;
pub mod sweeper;
