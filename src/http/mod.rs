//! What the web can ask: routes, who may call them, and what every answer looks like. Nothing
//! here decides; it translates.

pub mod answer;
pub mod auth;
pub mod avatar;
pub mod body;
pub mod caller;
pub mod cart;
pub mod client_address;
pub mod docs;
pub mod etag;
pub mod fault;
pub mod fields;
pub mod idempotency;
pub mod inventory;
pub mod media;
pub mod meters;
pub mod middleware;
pub mod ops;
pub mod order;
pub mod orders;
pub mod paced;
pub mod paging;
pub mod price;
pub mod problem;
pub mod product;
pub mod products;
pub mod query;
pub mod routes;
pub mod server;
pub mod state;
pub mod surface;
pub mod token_cookie;
pub mod upload;
pub mod user;
pub mod users;
