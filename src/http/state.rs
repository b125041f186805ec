//! What every request handler can reach.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, watch};

use super::idempotency::InFlight;
use super::mcp;
use super::meters::Meters;
use super::socketio;
use crate::actors::accounts::Accounts;
use crate::actors::assistant::Assistant;
use crate::actors::carts::Carts;
use crate::actors::checkout::Checkout;
use crate::actors::dashboard::Dashboard;
use crate::actors::engine::Engine;
use crate::actors::figures::Figures;
use crate::actors::inboxes::Inboxes;
use crate::actors::letters::Letters;
use crate::actors::passes::Passes;
use crate::actors::paying::Paying;
use crate::actors::products::Products;
use crate::actors::reservations::Reservations;
use crate::actors::sandbox::Sandbox;
use crate::actors::webhooks::Webhooks;
use crate::config::Config;
use crate::events::rabbitmq::RabbitMq;
use crate::events::tally::Tally;
use crate::services::consents::Consents;
use crate::services::limiter::Limiter;
use crate::services::media::Media;
use crate::services::passwords::Passwords;
use crate::services::receivers::Receivers;
use crate::services::reset_links::ResetLinks;
use crate::services::sessions::Sessions;
use crate::services::stationery::Stationery;
use crate::services::tokens::Tokens;

/// The state that all request handlers of a node share.
pub struct Web {
    /// Every setting.
    pub config: Config,
    /// What the owners stand on: the store, the clock, the bounds.
    pub engine: Arc<Engine>,
    /// The owners of every kind, for operators.
    pub kinds: Vec<Arc<dyn Figures>>,
    /// How it goes with telling each consumer of events.
    pub consumers: Arc<[Arc<Tally>]>,
    /// The broker that events are published to, if there is one.
    pub broker: Option<RabbitMq>,
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
    /// The assistant.
    pub assistant: Assistant,
    /// The sessions of the clients that reach it by Socket.IO.
    pub socketio: socketio::Sessions,
    /// Lets people in to it who cannot say who they are.
    pub passes: Passes,
    /// What agents outside may do for their users once these have said yes.
    pub consents: Consents,
    /// What they are asked by agents who wait for it.
    pub questions: mcp::Questions,
    /// The way from carts to orders.
    pub checkout: Checkout,
    /// What sellers see of their business.
    pub dashboard: Dashboard,
    /// The letters that were sent or are to be.
    pub letters: Letters,
    /// What users were told within the shop.
    pub inboxes: Inboxes,
    /// Those who want to be told of what happens.
    pub webhooks: Webhooks,
    /// The way to them.
    pub receivers: Receivers,
    /// Puts letters into words.
    pub stationery: Stationery,
    /// The links under which a new password can be given.
    pub reset_links: Arc<ResetLinks>,
    /// The way of the money.
    pub paying: Paying,
    /// The pictures.
    pub media: Media,
    /// What is kept for orders of other systems.
    pub reservations: Reservations,
    /// What stands in for Razorpay, where something does.
    pub sandbox: Option<Sandbox>,
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
