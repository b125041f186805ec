//! What the node leans on, for /readyz: each by name, and how it is asked how it is.

use std::sync::Arc;

use crate::actors::engine::Engine;
use crate::events::rabbitmq::RabbitMq;
use crate::http::state::Dependency;
use crate::services::redis::Redis;

/// The store, and the servers that are configured.
pub(super) fn of(engine: &Arc<Engine>, redis: Option<Redis>, broker: Option<RabbitMq>) -> Vec<Dependency> {
    let redis = redis.map(of_redis);
    let broker = broker.map(of_broker);
    [of_store(engine)]
        .into_iter()
        .chain(redis)
        .chain(broker)
        .collect()
}

fn of_store(engine: &Arc<Engine>) -> Dependency {
    let store = Arc::clone(&engine.store);
    Dependency {
        name: "store",
        needed: true,
        check: Box::new(move || {
            let store = Arc::clone(&store);
            Box::pin(async move { store.health().await.map_err(|error| error.to_string()) })
        }),
    }
}

fn of_redis(redis: Redis) -> Dependency {
    Dependency {
        name: "redis",
        needed: false,
        check: Box::new(move || {
            let redis = redis.clone();
            Box::pin(async move { redis.health().await })
        }),
    }
}

fn of_broker(broker: RabbitMq) -> Dependency {
    Dependency {
        name: "rabbitmq",
        needed: false,
        check: Box::new(move || {
            let broker = broker.clone();
            Box::pin(async move { broker.health().await })
        }),
    }
}
