//! Who starts whom, who restarts whom, and in which order the runtime stops.

pub mod engine;
pub mod sweeper;
