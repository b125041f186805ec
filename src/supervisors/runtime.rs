//! The whole marketplace in this process: started from the store upwards with the web last, and
//! stopped from the web downwards with the store last.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::engine::Footing;
use super::sweeper::{Chore, Sweeper};
use super::{admin, keeper, opening};
use crate::actors::accounts::Accounts;
use crate::actors::carts::Carts;
use crate::actors::checkout::Checkout;
use crate::actors::engine::Engine;
use crate::actors::event_router::EventRouter;
use crate::actors::figures::Figures;
use crate::actors::holds::Holds;
use crate::actors::orders::Orders;
use crate::actors::products::Products;
use crate::actors::remembered::REMEMBERED;
use crate::actors::reservations::Reservations;
use crate::actors::staleness::Staleness;
use crate::clock::{Chance, Clock};
use crate::config::{Config, ConfigError};
use crate::domain::account::REVOCATIONS;
use crate::domain::order::Terms;
use crate::events::consumer::Consumer;
use crate::events::ground::Pace;
use crate::http::idempotency::InFlight;
use crate::http::meters::Meters;
use crate::http::server::serve;
use crate::http::state::{Dependency, Stopping, Web};
use crate::services::limiter::{Limiter, Lockout, Rate};
use crate::services::media::Media;
use crate::services::outside::use_ring;
use crate::services::passwords::Passwords;
use crate::services::redis::Redis;
use crate::services::sessions::Sessions;
use crate::services::tokens::{BadToken, Tokens};
use crate::store::Unavailable;

/// A running marketplace.
pub struct Runtime {
    addresses: Vec<SocketAddr>,
    stopping: Stopping,
    drain: Duration,
    server: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    sweeper: Sweeper,
    router: EventRouter,
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

/// What stands between the engine and the web.
struct House {
    accounts: Accounts,
    products: Products,
    carts: Carts,
    checkout: Checkout,
    reservations: Reservations,
    sessions: Arc<Sessions>,
    limiter: Arc<Limiter>,
    redis: Option<Redis>,
}

impl Runtime {
    /// Starts everything. To be called on an actix system; the web server comes last.
    ///
    /// # Errors
    /// One sentence that says what stands in the way.
    pub async fn start(config: &Config, (clock, chance): (Clock, Chance)) -> Result<Self, StartError> {
        use_ring();
        let store = opening::open(config).await?;
        store.prepare(&opening::collections()).await?;
        let footing = Footing::start(store, (clock, chance), (&config.actors).into())?;
        let engine = Arc::clone(&footing.engine);
        let house = House::build(config, &engine).await?;
        admin::ensure(config, &house.accounts).await?;
        let router = EventRouter::start(&engine, house.consumers(&engine), Pace::default());
        let sweeper = Sweeper::start(house.chores(&engine));
        let stopping = Stopping::default();
        let web = house.web(config, &engine, &router, &stopping)?;
        let listeners = listen(config)?;
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<io::Result<_>>()?;
        let server = serve(Data::new(web), listeners)?;
        Ok(Self {
            addresses,
            stopping,
            drain: config.server.drain,
            server: server.handle(),
            serving: actix_rt::spawn(server),
            sweeper,
            router,
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
        &self.router
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
        self.sweeper.stop().await;
        self.router.drain().await;
        self.footing.stop().await;
        info!("stopped");
    }
}

impl House {
    async fn build(config: &Config, engine: &Arc<Engine>) -> Result<Self, StartError> {
        let redis = match config.redis.location() {
            Some(url) => Some(Redis::at(url.expose_secret())?),
            None => None,
        };
        let (sessions, answering) = Sessions::new(&engine.store, redis.clone());
        tokio::spawn(answering);
        sessions.load(&*engine.store, engine.clock.now()).await?;
        let sessions = Arc::new(sessions);
        let accounts = Accounts::new(Arc::clone(engine), Arc::clone(&sessions));
        let limiter = limiter(config, &engine.clock, redis.clone());
        let products = Products::new(engine);
        let carts = Carts::new(engine, products.clone());
        let orders = Orders::new(engine);
        let reservations = Reservations::new(engine, Holds::new(products.stocks().clone()));
        let checkout = Checkout::new(carts.clone(), orders, products.clone(), terms(config));
        Ok(Self {
            accounts,
            products,
            carts,
            checkout,
            reservations,
            sessions,
            limiter: Arc::new(limiter),
            redis,
        })
    }

    fn consumers(&self, engine: &Arc<Engine>) -> Vec<Arc<dyn Consumer>> {
        if !engine.store.shared() {
            return Vec::new();
        }
        let stale = Staleness::default()
            .of(self.accounts.owners().clone())
            .of(self.products.owners().clone())
            .of(self.products.stocks().clone())
            .of(self.checkout.orders().owners().clone());
        vec![Arc::new(stale), Arc::new(self.products.shelf().clone())]
    }

    fn chores(&self, engine: &Arc<Engine>) -> Vec<Chore> {
        let (sessions, clock) = (Arc::clone(&self.sessions), engine.clock.clone());
        let limiter = Arc::clone(&self.limiter);
        let forget_callers = move || {
            let forgotten = limiter.forget();
            Box::pin(async move { Ok(forgotten) }) as _
        };
        let forget_sessions = move || {
            let forgotten = sessions.forget_expired(clock.now());
            Box::pin(async move { Ok(forgotten) }) as _
        };
        vec![
            Chore::sleep(self.accounts.owners().clone()),
            Chore::sleep(self.products.owners().clone()),
            Chore::sleep(self.products.stocks().clone()),
            Chore::sleep(self.carts.owners().clone()),
            Chore::sleep(self.checkout.orders().owners().clone()),
            keeper::chore(engine, self.checkout.clone()),
            keeper::chore(engine, self.reservations.clone()),
            Chore::sleep(self.reservations.owners().clone()),
            Chore::forget(Arc::clone(engine), &REMEMBERED),
            Chore::forget(Arc::clone(engine), &REVOCATIONS),
            Chore::new("ended sessions".into(), Duration::from_mins(1), forget_sessions),
            Chore::new(
                "callers of long ago".into(),
                Duration::from_mins(1),
                forget_callers,
            ),
        ]
    }

    fn web(
        self,
        config: &Config,
        engine: &Arc<Engine>,
        router: &EventRouter,
        stopping: &Stopping,
    ) -> Result<Web, StartError> {
        let secret = config.signing_secret()?;
        let tokens = Tokens::new(
            secret.expose_secret().as_bytes(),
            config.auth.token_lifetime,
            engine.clock.clone(),
        )?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kinds: Vec<Arc<dyn Figures>> = vec![
            Arc::new(self.accounts.owners().clone()),
            Arc::new(self.products.owners().clone()),
            Arc::new(self.products.stocks().clone()),
            Arc::new(self.carts.owners().clone()),
            Arc::new(self.checkout.orders().owners().clone()),
            Arc::new(self.reservations.owners().clone()),
        ];
        Ok(Web {
            engine: Arc::clone(engine),
            kinds,
            router: router.clone(),
            tokens: Arc::new(tokens),
            dependencies: self.dependencies(engine),
            sessions: self.sessions,
            accounts: self.accounts,
            products: self.products,
            media: Media::open(config, &engine.clock)?,
            carts: self.carts,
            checkout: self.checkout,
            reservations: self.reservations,
            passwords: Passwords::new(config.auth.bcrypt_cost, cores),
            limiter: self.limiter,
            stopping: stopping.clone(),
            in_flight: InFlight::default(),
            meters: Meters::new()?,
            places: Arc::new(Semaphore::new(config.server.in_hand_max)),
            config: config.clone(),
        })
    }

    fn dependencies(&self, engine: &Arc<Engine>) -> Vec<Dependency> {
        let store = Arc::clone(&engine.store);
        let mut dependencies = vec![Dependency {
            name: "store",
            needed: true,
            check: Box::new(move || {
                let store = Arc::clone(&store);
                Box::pin(async move { store.health().await.map_err(|error| error.to_string()) })
            }),
        }];
        dependencies.extend(self.redis.clone().map(|redis| Dependency {
            name: "redis",
            needed: false,
            check: Box::new(move || {
                let redis = redis.clone();
                Box::pin(async move { redis.health().await })
            }),
        }));
        dependencies
    }
}

fn terms(config: &Config) -> Terms {
    Terms {
        tax_basis_points: config.orders.tax_basis_points,
        shipping_minor: config.orders.shipping_minor.into(),
        hold: config.orders.hold,
    }
}

fn limiter(config: &Config, clock: &Clock, redis: Option<Redis>) -> Limiter {
    let rate = Rate {
        times: config.limits.auth_per_minute,
        within: Duration::from_mins(1),
    };
    let lockout = Lockout {
        failures: config.auth.lockout_failures,
        rest: config.auth.lockout,
    };
    Limiter::new(config.limits.enabled.then_some(rate), lockout, clock, redis)
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
