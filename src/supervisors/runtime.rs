//! The whole marketplace in this process: started from the store upwards with the web last, and
//! stopped from the web downwards with the store last.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, ServiceConfig};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::demo::Demo;
use super::engine::Footing;
use super::feeds::Feeds;
use super::house::House;
use super::sweeper::Sweeper;
use super::{admin, opening};
use crate::actors::courier::Courier;
use crate::actors::engine::Engine;
use crate::actors::event_router::EventRouter;
use crate::actors::messenger::Messengers;
use crate::clock::{Chance, Clock};
use crate::config::{Config, ConfigError};
use crate::events::rabbitmq::NotABroker;
use crate::http::server::serve;
use crate::http::state::Stopping;
use crate::services::mail::BadServer;
use crate::services::models::{self, Model};
use crate::services::outside::use_ring;
use crate::services::payments::razorpay::Address;
use crate::services::tokens::BadToken;
use crate::store::Unavailable;

/// A running marketplace.
pub struct Runtime {
    addresses: Vec<SocketAddr>,
    stopping: Stopping,
    drain: Duration,
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    sweeper: Sweeper,
    feeds: Feeds,
    courier: Option<Courier>,
    messengers: Messengers,
    /// The demo that is being filled, if the shop was empty.
    filling: Option<JoinHandle<()>>,
    footing: Footing,
}

/// Why the marketplace did not start, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] opening::OpenError),
    /// The store was opened and then did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The secret makes no tokens.
    #[error("no token can be made with the secret that was given: {0}")]
    Tokens(#[from] BadToken),
    /// The URL of the Redis server is none.
    #[error("redis.url cannot be used: {0}")]
    Redis(#[from] redis::RedisError),
    /// The URL of the broker is none.
    #[error("rabbitmq.url cannot be used: {0}")]
    RabbitMq(#[from] NotABroker),
    /// The mail server cannot be used as it is configured.
    #[error(transparent)]
    Mail(#[from] BadServer),
    /// The first admin could not be made.
    #[error("the first admin could not be made: {0}")]
    Admin(#[from] admin::AdminError),
    /// A port is taken, say.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: String,
        /// What the machine says.
        cause: io::Error,
    },
    /// The machine gives no thread.
    #[error("the machine gives no more threads: {0}")]
    Machine(#[from] io::Error),
    /// The figures could not be set up.
    #[error("the metrics could not be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl Runtime {
    /// Starts everything. To be called on an actix system; the web server comes last.
    ///
    /// # Errors
    /// One sentence that says what stands in the way.
    pub async fn start(config: &Config, given: (Clock, Chance)) -> Result<Self, StartError> {
        Self::open(models::open(config), config, given, |_| ()).await
    }

    /// The same with another model for the assistant than the settings ask for.
    ///
    /// # Errors
    /// One sentence that says what stands in the way.
    pub async fn start_thinking_with(
        model: Arc<dyn Model>,
        config: &Config,
        given: (Clock, Chance),
    ) -> Result<Self, StartError> {
        Self::open(model, config, given, |_| ()).await
    }

    /// The same with routes of one's own beside the marketplace's, behind the same middleware.
    ///
    /// # Errors
    /// One sentence that says what stands in the way.
    pub async fn start_with(
        config: &Config,
        given: (Clock, Chance),
        more: fn(&mut ServiceConfig),
    ) -> Result<Self, StartError> {
        Self::open(models::open(config), config, given, more).await
    }

    async fn open(
        model: Arc<dyn Model>,
        config: &Config,
        (clock, chance): (Clock, Chance),
        more: fn(&mut ServiceConfig),
    ) -> Result<Self, StartError> {
        use_ring();
        let store = opening::open(config).await?;
        store.prepare(&opening::collections()).await?;
        let footing = Footing::start(store, (clock, chance), (&config.actors).into())?;
        let engine = Arc::clone(&footing.engine);
        let own = Address::default();
        let house = House::build(config, &engine, &own, model).await?;
        admin::ensure(config, &house.accounts).await?;
        let feeds = house.feeds(config, &engine);
        let courier = house.correspondence.courier(config);
        let messengers = house.hooks.messengers();
        let sweeper = Sweeper::start(house.chores(&engine));
        let stopping = Stopping::default();
        let web = house.web(config, &engine, &feeds, &stopping)?;
        // Asked before anybody can come in, done when everybody can.
        let demo = Demo::of(&web);
        let empty = demo.is_wanted().await?;
        let listeners = listen(config)?;
        let addresses: Vec<SocketAddr> = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<io::Result<_>>()?;
        let server = serve(Data::new(web), listeners, more)?;
        own.becomes(&addresses.first().map(at_home).unwrap_or_default());
        Ok(Self {
            addresses,
            stopping,
            drain: config.server.drain,
            server: server.handle(),
            serving: actix_rt::spawn(server),
            sweeper,
            feeds,
            courier,
            messengers,
            filling: empty.then(|| actix_rt::spawn(demo.fill_beside_the_open_shop())),
            footing,
        })
    }

    /// Where it listens: the main port first.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The event router.
    #[must_use]
    pub fn router(&self) -> &EventRouter {
        self.feeds.router()
    }

    /// What the owners stand on.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.footing.engine
    }

    /// Stops in order: says that it is not ready, closes the door, answers whoever is inside,
    /// writes what was decided, and closes the store.
    pub async fn stop(self) {
        info!("stopping");
        self.stopping.begin();
        tokio::time::sleep(self.drain).await;
        self.server.stop(true).await;
        if let Ok(Err(error)) = self.serving.await {
            warn!(%error, "the web server ended badly");
        }
        if let Some(filling) = self.filling {
            // The next start goes on with it.
            filling.abort();
            let _ = filling.await;
        }
        self.sweeper.stop().await;
        self.feeds.stop().await;
        if let Some(courier) = self.courier {
            courier.stop().await;
        }
        self.messengers.stop().await;
        self.footing.stop().await;
        info!("stopped");
    }
}

/// Where this process calls itself.
fn at_home(address: &SocketAddr) -> String {
    let mut address = *address;
    if address.ip().is_unspecified() {
        let home = if address.is_ipv4() {
            IpAddr::from(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::from(Ipv6Addr::LOCALHOST)
        };
        address.set_ip(home);
    }
    format!("http://{address}")
}

fn listen(config: &Config) -> Result<Vec<TcpListener>, StartError> {
    let second = Some(config.server.socket_port).filter(|port| *port != 0);
    let ports = [Some(config.server.port), second];
    let bind = |port| {
        let address = (config.host(), port);
        TcpListener::bind(address).map_err(|cause| StartError::Listen {
            address: format!("{}:{}", address.0, address.1),
            cause,
        })
    };
    ports.into_iter().flatten().map(bind).collect()
}
