//! What happened, and who is told of it. Every event is a row in the commit of the change it
//! tells of; it is kept for ever, and handed to every consumer at least once.

pub mod audit_log;
pub mod consumer;
pub mod cursor;
pub mod delivery;
pub mod event;
pub mod ground;
pub mod rabbitmq;
pub mod tally;
pub mod timeline;
pub mod told;
pub mod topic;
pub mod window;
