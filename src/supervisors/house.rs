//! What stands between the engine and the web: who owns what, who hears of what happened, and
//! what is done without anybody's asking.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use super::assistant;
use super::correspondence::Correspondence;
use super::dependencies;
use super::feeds::Feeds;
use super::keeper;
use super::lost_pictures;
use super::runtime::StartError;
use super::sweeper::Chore;
use super::webhooks::Hooks;
use crate::actors::accounts::Accounts;
use crate::actors::assistant::{Assistant, Shop};
use crate::actors::carts::Carts;
use crate::actors::checkout::Checkout;
use crate::actors::dashboard::Dashboard;
use crate::actors::desks::Desks;
use crate::actors::engine::Engine;
use crate::actors::figures::Figures;
use crate::actors::finding::Searching;
use crate::actors::holds::Holds;
use crate::actors::indexing::{Changes, Indexing};
use crate::actors::orders::Orders;
use crate::actors::passes::Passes;
use crate::actors::paying::Paying;
use crate::actors::payments::Payments;
use crate::actors::products::Products;
use crate::actors::projections::Projections;
use crate::actors::remembered::REMEMBERED;
use crate::actors::reservations::Reservations;
use crate::actors::sandbox::Sandbox;
use crate::actors::staleness::Staleness;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::REVOCATIONS;
use crate::domain::order::Terms;
use crate::events::consumer::Consumer;
use crate::events::ground::Pace;
use crate::events::rabbitmq::{RabbitMq, Readers};
use crate::http::idempotency::InFlight;
use crate::http::mcp;
use crate::http::meters::Meters;
use crate::http::socketio;
use crate::http::state::{Stopping, Web};
use crate::services::consents::Consents;
use crate::services::limiter::{Limiter, Lockout, Rate};
use crate::services::media::Media;
use crate::services::models::Model;
use crate::services::passwords::Passwords;
use crate::services::payments::accounts;
use crate::services::payments::razorpay::Address;
use crate::services::redis::Redis;
use crate::services::search::Search;
use crate::services::sessions::Sessions;
use crate::services::tokens::Tokens;

/// What stands between the engine and the web.
pub(super) struct House {
    pub(super) accounts: Accounts,
    products: Products,
    media: Media,
    indexing: Arc<Indexing>,
    carts: Carts,
    checkout: Checkout,
    dashboard: Dashboard,
    assistant: Assistant,
    passes: Passes,
    paying: Paying,
    reservations: Reservations,
    sandbox: Option<Sandbox>,
    pub(super) correspondence: Correspondence,
    pub(super) hooks: Hooks,
    tokens: Arc<Tokens>,
    sessions: Arc<Sessions>,
    limiter: Arc<Limiter>,
    redis: Option<Redis>,
    rabbitmq: Option<RabbitMq>,
}

impl House {
    pub(super) async fn build(
        config: &Config,
        engine: &Arc<Engine>,
        own: &Address,
        model: Arc<dyn Model>,
    ) -> Result<Self, StartError> {
        let redis = match config.redis.location() {
            Some(url) => Some(Redis::at(url.expose_secret())?),
            None => None,
        };
        let rabbitmq = broker(config)?;
        let tokens = Arc::new(tokens(config, &engine.clock)?);
        let (sessions, answering) = Sessions::new(&engine.store, redis.clone());
        tokio::spawn(answering);
        sessions.load(&*engine.store, engine.clock.now()).await?;
        let sessions = Arc::new(sessions);
        let accounts = Accounts::new(Arc::clone(engine), Arc::clone(&sessions));
        let limiter = limiter(config, &engine.clock, redis.clone());
        let search = Search::new(Some(config.store.search_dir()));
        let changes = Changes::default();
        let indexing = Indexing::new(Arc::clone(&engine.store), search.clone(), changes.clone());
        let products = Products::searched(engine, Searching { search, changes });
        let carts = Carts::new(engine, products.clone());
        let orders = Orders::new(engine);
        let reservations = Reservations::new(engine, Holds::new(products.stocks().clone()));
        let payments = Payments::new(engine);
        let kinds = (orders, payments.clone());
        let checkout = Checkout::new(carts.clone(), kinds, products.clone(), terms(config));
        let desks = Desks::new(engine);
        let dashboard = Dashboard::new(desks, checkout.orders().clone(), products.clone());
        let shop = Shop {
            accounts: accounts.clone(),
            products: products.clone(),
            carts: carts.clone(),
            checkout: checkout.clone(),
            dashboard: dashboard.clone(),
        };
        let assistant = assistant::open(config, engine, shop, (model, &sessions));
        let providers = accounts::providers(config, own);
        let look_every = config.payments.look_every;
        let paying = Paying::new(payments, checkout.clone(), providers, look_every);
        Ok(Self {
            accounts,
            products,
            media: Media::open(config, &engine.clock, engine.uploads())?,
            indexing: Arc::new(indexing),
            carts,
            checkout,
            dashboard,
            assistant,
            passes: Passes::new(engine),
            paying,
            reservations,
            sandbox: sandbox(config, engine, own),
            correspondence: Correspondence::open(config, engine, &tokens)?,
            hooks: Hooks::open(config, engine),
            tokens,
            sessions,
            limiter: Arc::new(limiter),
            redis,
            rabbitmq,
        })
    }

    /// Begins to tell everybody of events who wants to hear of them.
    pub(super) fn feeds(&self, config: &Config, engine: &Arc<Engine>) -> Feeds {
        let results = || Some(Arc::new(self.paying.clone()) as _);
        let results = config.payments.external.then(results).flatten();
        let exchange = self.rabbitmq.clone().map(|broker| (broker, results));
        Feeds::start(engine, self.consumers(engine), exchange, Pace::default())
    }

    /// Everybody who may be told, by whichever way.
    pub(super) fn all_consumers(&self, engine: &Arc<Engine>) -> Vec<Arc<dyn Consumer>> {
        let mut consumers = self.consumers(engine);
        if let Some(broker) = &self.rabbitmq {
            let readers = Readers::among(&mut consumers.clone());
            consumers.push(broker.publisher(Arc::clone(&engine.store), &readers));
        }
        consumers
    }

    fn consumers(&self, engine: &Arc<Engine>) -> Vec<Arc<dyn Consumer>> {
        let mut consumers = vec![
            self.correspondence.notifier(&self.accounts),
            self.projections(),
            self.hooks
                .herald(&self.accounts, &self.products, self.checkout.orders()),
            Arc::clone(&self.indexing) as _,
        ];
        if engine.store.shared() {
            consumers.extend(self.of_other_runtimes());
        }
        consumers
    }

    /// Who keeps the sellers' figures.
    fn projections(&self) -> Arc<dyn Consumer> {
        let desks = self.dashboard.desks().clone();
        Projections::new(desks, self.checkout.orders().clone())
    }

    /// Who hears of what other runtimes do.
    fn of_other_runtimes(&self) -> [Arc<dyn Consumer>; 3] {
        let stale = Staleness::default()
            .of(self.accounts.owners().clone())
            .of(self.products.owners().clone())
            .of(self.products.stocks().clone())
            .of(self.checkout.orders().owners().clone())
            .of(self.paying.payments().owners().clone());
        let snapshots = self.products.shelf().clone();
        [
            Arc::new(stale),
            Arc::new(snapshots),
            Arc::new(self.assistant.clone()),
        ]
    }

    pub(super) fn chores(&self, engine: &Arc<Engine>) -> Vec<Chore> {
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
        let mut chores = assistant::chores(engine, &self.assistant, &self.passes);
        chores.extend(self.correspondence.chores(engine));
        chores.extend(self.hooks.chores(engine));
        chores.extend([
            Chore::sleep(self.accounts.owners().clone()),
            Chore::sleep(self.products.owners().clone()),
            Chore::sleep(self.products.stocks().clone()),
            lost_pictures::chore(engine, &self.media),
            Chore::sleep(self.carts.owners().clone()),
            Chore::sleep(self.dashboard.desks().owners().clone()),
            Chore::sleep(self.checkout.orders().owners().clone()),
            Chore::sleep(self.paying.payments().owners().clone()),
            keeper::chore(engine, self.checkout.clone()),
            keeper::chore(engine, self.paying.clone()),
            keeper::chore(engine, self.reservations.clone()),
            Chore::sleep(self.reservations.owners().clone()),
            Chore::forget(Arc::clone(engine), &REMEMBERED),
            Chore::forget(Arc::clone(engine), &REVOCATIONS),
            Chore::index(&self.indexing),
            Chore::close_books(Arc::clone(engine)),
            Chore::new("ended sessions".into(), Duration::from_mins(1), forget_sessions),
            Chore::new(
                "callers of long ago".into(),
                Duration::from_mins(1),
                forget_callers,
            ),
        ]);
        if engine.store.shared() {
            chores.push(Chore::live_stock(self.products.live(), &engine.store));
        }
        if let Some(sandbox) = &self.sandbox {
            chores.push(keeper::chore(engine, sandbox.clone()));
            chores.push(Chore::sleep(sandbox.orders().clone()));
        }
        chores
    }

    pub(super) fn web(
        self,
        config: &Config,
        engine: &Arc<Engine>,
        feeds: &Feeds,
        stopping: &Stopping,
    ) -> Result<Web, StartError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut kinds: Vec<Arc<dyn Figures>> = vec![
            Arc::new(self.accounts.owners().clone()),
            Arc::new(self.products.owners().clone()),
            Arc::new(self.products.stocks().clone()),
            Arc::new(self.carts.owners().clone()),
            Arc::new(self.dashboard.desks().owners().clone()),
            Arc::new(self.checkout.orders().owners().clone()),
            Arc::new(self.paying.payments().owners().clone()),
            Arc::new(self.reservations.owners().clone()),
            Arc::new(self.assistant.conversations().clone()),
        ];
        if let Some(sandbox) = &self.sandbox {
            kinds.push(Arc::new(sandbox.orders().clone()));
        }
        kinds.extend(self.correspondence.figures());
        kinds.extend(self.hooks.figures());
        let mut dependencies = dependencies::of(engine, self.redis.clone(), self.rabbitmq.clone());
        dependencies.extend(self.correspondence.dependency());
        Ok(Web {
            engine: Arc::clone(engine),
            kinds,
            consumers: Arc::clone(feeds.tallies()),
            broker: self.rabbitmq.clone(),
            letters: self.correspondence.letters,
            inboxes: self.correspondence.inboxes,
            webhooks: self.hooks.webhooks,
            receivers: self.hooks.receivers,
            stationery: self.correspondence.stationery,
            reset_links: self.correspondence.reset_links,
            dependencies,
            sessions: self.sessions,
            accounts: self.accounts,
            products: self.products,
            media: self.media,
            carts: self.carts,
            checkout: self.checkout,
            dashboard: self.dashboard,
            assistant: self.assistant,
            passes: self.passes,
            consents: Consents::new(Arc::clone(&self.tokens), config.assistant.confirm_timeout),
            tokens: self.tokens,
            paying: self.paying,
            reservations: self.reservations,
            sandbox: self.sandbox,
            passwords: Passwords::new(config.auth.bcrypt_cost, cores),
            limiter: self.limiter,
            stopping: stopping.clone(),
            socketio: socketio::Sessions::default(),
            questions: mcp::Questions::default(),
            in_flight: InFlight::default(),
            meters: Meters::new()?,
            places: Arc::new(Semaphore::new(config.server.in_hand_max)),
            config: config.clone(),
        })
    }
}

fn broker(config: &Config) -> Result<Option<RabbitMq>, StartError> {
    let Some(url) = &config.rabbitmq.url else {
        return Ok(None);
    };
    let settings = &config.rabbitmq;
    let broker = RabbitMq::at(url.expose_secret(), settings.seed_queues, settings.timeout)?;
    Ok(Some(broker))
}

/// What stands in for Razorpay, where nobody else takes payments.
fn sandbox(config: &Config, engine: &Arc<Engine>, own: &Address) -> Option<Sandbox> {
    let keys = accounts::keys(config).filter(|_| config.sandbox_open())?;
    Some(Sandbox::new(engine, keys, own, config.outside))
}

fn tokens(config: &Config, clock: &Clock) -> Result<Tokens, StartError> {
    let secret = config.signing_secret()?;
    let secret = secret.expose_secret().as_bytes();
    Ok(Tokens::new(secret, config.auth.token_lifetime, clock.clone())?)
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
