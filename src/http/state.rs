//! What every request handler can reach.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, watch};

use super::idempotency::InFlight;
use super::meters::Meters;
use crate::actors::accounts::Accounts;
use crate::actors::carts::Carts;
use crate::actors::checkout::Checkout;
use crate::actors::engine::Engine;
use crate::actors::event_router::EventRouter;
use crate::actors::figures::Figures;
use crate::actors::products::Products;
use crate::actors::reservations::Reservations;
use crate::config::Config;
use crate::services::limiter::Limiter;
use crate::services::media::Media;
use crate::services::passwords::Passwords;
use crate::services::sessions::Sessions;
use crate::services::tokens::Tokens;

/// The state that all request handlers of a node share.
pub struct Web {
    /// Every setting.
    pub config: Config,
    /// What the owners stand on: the store, the clock, the bounds.
    pub engine: Arc<Engine>,
    /// The owners of every kind, for operators.
    pub kinds: Vec<Arc<dyn Figures>>,
    /// Who tells consumers of events.
    pub router: EventRouter,
    /// Makes tokens and reads them.
    pub tokens: Arc<Tokens>,
    /// Knows whether the session of a token is still good.
    pub sessions: Arc<Sessions>,
    /// The accounts.
    pub accounts: Accounts,
    /// The products and their stocks.
    pub products: Products,
    /// The carts.
    pub carts: Carts,
    /// The way from carts to orders.
    pub checkout: Checkout,
    /// The pictures.
    pub media: Media,
    /// What is kept for orders of other systems.
    pub reservations: Reservations,
    /// Hashes passwords and compares them.
    pub passwords: Passwords,
    /// Counts who asks how often.
    pub limiter: Arc<Limiter>,
    /// What the node leans on, for /readyz.
    pub dependencies: Vec<Dependency>,
    /// Whether the node is on its way out and should get no new requests.
    pub stopping: Stopping,
    /// The idempotency keys that are being handled at this moment.
    pub in_flight: InFlight,
    /// What was asked and how long the answers took.
    pub meters: Meters,
    /// One permit for each request that may be in hand on this node.
    pub places: Arc<Semaphore>,
}

/// Something the node leans on.
pub struct Dependency {
    /// Its name: `store`.
    pub name: &'static str,
    /// Whether the node is of no use without it.
    pub needed: bool,
    /// Asks how it is; the sentence says what is wrong.
    pub check: Check,
}

/// Asks something how it is.
pub type Check = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Says that the node is on its way out.
#[derive(Debug, Clone, Default)]
pub struct Stopping(watch::Sender<bool>);

impl Stopping {
    /// From now on /readyz says that the node is stopping.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is.
    #[must_use]
    pub fn begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is: an answer that has no end of its own ends then.
    pub async fn comes(&self) {
        // An error would mean that the sender is gone, and it is this one.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}
