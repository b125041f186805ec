//! An account: who somebody is, where parcels go, and which of the sessions are still good.

mod role;
mod session;

pub use role::Role;
pub use session::{MalformedSessionId, SessionId};
