//! The figures of the node, as Prometheus reads them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use super::state::Web;
use crate::actors::engine::Engine;
use crate::actors::figures::Figures;
use crate::domain::time::Timestamp;
use crate::events::tally::Tally;

/// From a cart read in memory to an answer that nobody waits for any more.
const BUCKETS_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The figures of the node.
pub struct Meters {
    registry: Registry,
    requests: HistogramVec,
    awake: IntGaugeVec,
    pending: IntGaugeVec,
    restarts: IntCounterVec,
    batches: IntCounter,
    commits: IntCounter,
    in_hand: IntGauge,
    delivered: IntCounterVec,
    retries: IntCounterVec,
    lag: GaugeVec,
    behind: IntGaugeVec,
    unconfirmed: IntGauge,
    published: IntCounter,
}

impl Meters {
    /// Figures that are all zero.
    ///
    /// # Errors
    /// When two of them have one name.
    pub fn new() -> prometheus::Result<Self> {
        let (by_kind, by_consumer) = (["kind"], ["consumer"]);
        let requests = HistogramOpts::new("bazaar_http_request_seconds", "Answers and how long they took")
            .buckets(BUCKETS_SECONDS.to_vec());
        let meters = Self {
            registry: Registry::new(),
            requests: HistogramVec::new(requests, &["route", "method", "status"])?,
            awake: IntGaugeVec::new(Opts::new("bazaar_owners_awake", "Owners awake"), &by_kind)?,
            pending: IntGaugeVec::new(
                Opts::new("bazaar_owners_pending", "Asks waiting at owners"),
                &by_kind,
            )?,
            restarts: IntCounterVec::new(
                Opts::new("bazaar_owners_restarts_total", "Owners that had to start anew"),
                &by_kind,
            )?,
            batches: IntCounter::new("bazaar_store_batches_total", "Batches written to the store")?,
            commits: IntCounter::new("bazaar_store_commits_total", "Commits in these batches")?,
            in_hand: IntGauge::new("bazaar_asks_in_hand", "Asks of clients in hand on this node")?,
            delivered: IntCounterVec::new(
                Opts::new(
                    "bazaar_events_delivered_total",
                    "Events that a consumer has taken",
                ),
                &by_consumer,
            )?,
            retries: IntCounterVec::new(
                Opts::new(
                    "bazaar_events_retries_total",
                    "Failures after which events came again",
                ),
                &by_consumer,
            )?,
            lag: GaugeVec::new(
                Opts::new(
                    "bazaar_events_lag_seconds",
                    "Age of the oldest event not taken yet",
                ),
                &by_consumer,
            )?,
            behind: IntGaugeVec::new(
                Opts::new("bazaar_events_behind", "About how many events are not taken yet"),
                &by_consumer,
            )?,
            unconfirmed: IntGauge::new(
                "bazaar_rabbitmq_unconfirmed",
                "Messages that RabbitMQ has not confirmed",
            )?,
            published: IntCounter::new(
                "bazaar_rabbitmq_confirmed_total",
                "Messages that RabbitMQ has confirmed",
            )?,
        };
        meters.register()?;
        Ok(meters)
    }

    fn register(&self) -> prometheus::Result<()> {
        let registry = &self.registry;
        registry.register(Box::new(self.requests.clone()))?;
        registry.register(Box::new(self.awake.clone()))?;
        registry.register(Box::new(self.pending.clone()))?;
        registry.register(Box::new(self.restarts.clone()))?;
        registry.register(Box::new(self.batches.clone()))?;
        registry.register(Box::new(self.commits.clone()))?;
        registry.register(Box::new(self.in_hand.clone()))?;
        registry.register(Box::new(self.delivered.clone()))?;
        registry.register(Box::new(self.retries.clone()))?;
        registry.register(Box::new(self.lag.clone()))?;
        registry.register(Box::new(self.behind.clone()))?;
        registry.register(Box::new(self.unconfirmed.clone()))?;
        registry.register(Box::new(self.published.clone()))?;
        registry.register(Box::new(ProcessCollector::for_self()))
    }

    /// Counts one answer.
    pub fn request(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = if known(method) { method.as_str() } else { "other" };
        self.requests
            .with_label_values(&[route, method, status.as_str()])
            .observe(took.as_secs_f64());
    }

    /// Everything, in the text format.
    ///
    /// # Errors
    /// When a figure cannot be written, which would be a fault of ours.
    pub fn text(&self, web: &Web) -> prometheus::Result<Vec<u8>> {
        self.read(&web.engine, &web.kinds);
        self.read_deliveries(&web.consumers, web.engine.clock.now());
        if let Some(broker) = &web.broker {
            self.unconfirmed
                .set(broker.standing().unconfirmed().cast_signed());
            raise(&self.published, broker.standing().confirmed());
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }

    /// The figures that others keep are read when somebody asks for them.
    fn read(&self, engine: &Engine, kinds: &[Arc<dyn Figures>]) {
        for figures in kinds {
            let kind = [figures.kind()];
            self.awake.with_label_values(&kind).set(signed(figures.awake()));
            self.pending
                .with_label_values(&kind)
                .set(signed(figures.pending()));
            raise(&self.restarts.with_label_values(&kind), figures.restarts());
        }
        let tally = engine.committer.tally();
        raise(&self.batches, tally.batches.load(Ordering::Relaxed));
        raise(&self.commits, tally.commits.load(Ordering::Relaxed));
        self.in_hand.set(signed(engine.shoppers.taken()));
    }

    fn read_deliveries(&self, consumers: &[Arc<Tally>], now: Timestamp) {
        for tally in consumers {
            let consumer = [tally.consumer()];
            raise(&self.delivered.with_label_values(&consumer), tally.delivered());
            raise(&self.retries.with_label_values(&consumer), tally.retries());
            let lag = tally.lag(now).as_secs_f64();
            self.lag.with_label_values(&consumer).set(lag);
            let behind = tally.behind().cast_signed();
            self.behind.with_label_values(&consumer).set(behind);
        }
    }
}

/// Methods that a client makes up must not become labels without end.
fn known(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ]
    .contains(method)
}

fn raise(counter: &IntCounter, to: u64) {
    counter.inc_by(to.saturating_sub(counter.get()));
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
