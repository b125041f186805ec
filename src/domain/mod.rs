//! The rules of the marketplace. Nothing here knows an actor, a socket, a clock or a die: time,
//! ids and chance come in with the command, so every decision can be made again and tested alone.

pub mod account;
pub mod cart;
pub mod closing;
pub mod collection;
pub mod conversation;
pub mod desk;
pub mod entity;
pub mod id;
pub mod image;
pub mod inbox;
pub mod ledger;
pub mod letter;
pub mod money;
pub mod order;
pub mod pass;
pub mod payment;
pub mod product;
pub mod quantity;
pub mod reservation;
pub mod sandbox;
pub mod stock;
pub mod time;
pub mod webhook;
