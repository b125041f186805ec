//! What a transport is to the assistant: a way out to one connection.

use std::sync::Arc;

use super::frame::Frame;
use crate::domain::conversation::News;

/// The way out to one connection. All calls come from any thread and must not wait: a transport
/// queues what it cannot send at once, within a bound, and closes whoever reads too slowly.
pub trait Outlet: Send + Sync + 'static {
    /// Sends a frame. The same one goes to every tab of the user.
    fn tell(&self, frame: &Arc<Frame>);

    /// These news were among what was told: asks the client for a sign of life that it can give only
    /// after it got them. When it comes, the transport says so with [`super::Seat::heard`]. What was
    /// written to a client that is gone was not heard by anybody.
    fn prove(&self, news: News);

    /// Closes the connection. What was told before is sent first, if it can be.
    fn close(&self, why: Farewell);
}

/// Why a connection is closed by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The session of its token is over.
    SignedOut,
    /// It sends more than anybody can mean.
    Flood,
    /// It does not read what it is sent, or gives no sign of life.
    TooSlow,
    /// The runtime stops.
    Stopping,
}

impl Farewell {
    /// The same in a sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::SignedOut => "This session has ended. Please sign in.",
            Self::Flood => "Too much was sent at once.",
            Self::TooSlow => "Nothing was read for too long.",
            Self::Stopping => "The shop is stopping. Please connect again.",
        }
    }
}
