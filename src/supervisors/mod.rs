//! Who starts whom, who restarts whom, and in which order the runtime stops.

pub mod admin;
mod assistant;
mod correspondence;
pub mod demo;
mod dependencies;
pub mod engine;
pub mod feeds;
mod house;
pub mod keeper;
mod lost_pictures;
pub mod opening;
pub mod process;
pub mod replay;
pub mod runtime;
pub mod sweeper;
mod webhooks;
