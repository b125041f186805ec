//! Tells a consumer once more what happened between two points, under the same event ids: for
//! whoever lost what he was told.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bson::{Bson, DateTime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::engine::Footing;
use super::house::House;
use super::runtime::StartError;
use super::{opening, process};
use crate::clock::{Chance, Clock};
use crate::config::Config;
use crate::domain::entity::Key;
use crate::domain::time::Timestamp;
use crate::events::consumer::{Consumer, Reach};
use crate::events::event::Event;
use crate::services::models;
use crate::services::outside::use_ring;
use crate::services::payments::razorpay::Address;
use crate::store::{EVENTS, Query, Store, Unavailable};

/// So many events are told at once.
const BATCH: usize = 256;
/// A consumer that fails so often in a row is left alone.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// A point in the history of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// A time.
    At(Timestamp),
    /// When this event happened.
    Event(String),
}

/// Neither a time nor an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is neither a time, as in 2025-11-20T09:30:00Z, nor the id of an event")]
pub struct NoPoint;

/// Why events were not told again, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The marketplace could not be put together.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The store gives no answer.
    #[error(transparent)]
    Store(#[from] Unavailable),
    /// There is no such event.
    #[error("there is no event {0}")]
    UnknownEvent(String),
    /// There is no such consumer.
    #[error("there is no consumer {0}; there are {1}")]
    UnknownConsumer(String, String),
    /// The consumer does not take them.
    #[error("after {told} events {consumer} failed: {why}")]
    Failed {
        /// Its name.
        consumer: &'static str,
        /// So many it took before.
        told: usize,
        /// What it says.
        why: String,
    },
}

impl FromStr for Point {
    type Err = NoPoint;

    fn from_str(text: &str) -> Result<Self, NoPoint> {
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            let millis = i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map_err(|_| NoPoint)?;
            return Ok(Self::At(Timestamp::from_millis(millis)));
        }
        match text.split('/').count() {
            3 => Ok(Self::Event(text.to_owned())),
            _ => Err(NoPoint),
        }
    }
}

/// Tells the consumer of this name what happened from one point on and before another one; an
/// event that is given as the end is still told. Says how many events that were. A marketplace on
/// the embedded store must not run meanwhile; one on MongoDB may.
///
/// # Errors
/// See [`ReplayError`].
pub fn replay(
    config: &Config,
    (from, to): (&Point, Option<&Point>),
    consumer: &str,
) -> Result<usize, ReplayError> {
    process::on_a_system(async {
        use_ring();
        let store = opening::open(config).await.map_err(StartError::from)?;
        store.prepare(&opening::collections()).await?;
        let time = (Clock::system(), Chance::unforeseeable());
        let footing = Footing::start(store, time, (&config.actors).into()).map_err(StartError::from)?;
        let engine = Arc::clone(&footing.engine);
        let house = House::build(config, &engine, &Address::default(), models::open(config)).await?;
        let consumers = house.all_consumers(&engine);
        let told = async {
            let consumer = named(&consumers, consumer)?;
            let stretch = stretch(&*engine.store, (from, to)).await?;
            tell(&*engine.store, &*consumer, stretch).await
        };
        let told = told.await;
        drop((consumers, house));
        footing.stop().await;
        told
    })
}

fn named(consumers: &[Arc<dyn Consumer>], wanted: &str) -> Result<Arc<dyn Consumer>, ReplayError> {
    // What a consumer does to its own memory it does at every start.
    let mut shared = consumers.iter().filter(|one| one.reach() == Reach::Shared);
    let found = shared.clone().find(|one| one.name() == wanted).cloned();
    found.ok_or_else(|| {
        let names: Vec<_> = shared.by_ref().map(|one| one.name()).collect();
        ReplayError::UnknownConsumer(wanted.to_owned(), names.join(", "))
    })
}

type Stretch = (Timestamp, Option<Timestamp>);

async fn stretch(store: &dyn Store, (from, to): (&Point, Option<&Point>)) -> Result<Stretch, ReplayError> {
    let until = match to {
        None => None,
        Some(Point::At(time)) => Some(*time),
        Some(point) => Some(time_of(store, point).await?.after(Duration::from_millis(1))),
    };
    Ok((time_of(store, from).await?, until))
}

async fn time_of(store: &dyn Store, point: &Point) -> Result<Timestamp, ReplayError> {
    let id = match point {
        Point::At(time) => return Ok(*time),
        Point::Event(id) => id,
    };
    let found = store.get(&EVENTS, vec![Key::Name(id.clone())]).await?;
    let event = found.into_iter().flatten().next();
    let event = event.and_then(|row| Event::read(&row));
    event.map_or_else(
        || Err(ReplayError::UnknownEvent(id.clone())),
        |event| Ok(event.at),
    )
}

async fn tell(store: &dyn Store, consumer: &dyn Consumer, stretch: Stretch) -> Result<usize, ReplayError> {
    let date = |time: Timestamp| Bson::DateTime(DateTime::from_millis(time.millis()));
    let query = Query::by_index(&EVENTS, "at", Vec::new())
        .between(Some(date(stretch.0)), stretch.1.map(date))
        .limit(BATCH);
    let (mut told, mut after) = (0, None);
    loop {
        let page = store.find(query.clone().after(after)).await?;
        let mut events: Vec<_> = page.documents.iter().filter_map(Event::read).collect();
        // Times are when things were asked for: what happened to one thing is in the order of ids.
        events.sort_by(|one, other| one.id.cmp(&other.id));
        told += tell_some(consumer, &events, told).await?;
        if page.next.is_none() {
            return Ok(told);
        }
        after = page.next;
    }
}

async fn tell_some(consumer: &dyn Consumer, events: &[Event], before: usize) -> Result<usize, ReplayError> {
    let (mut taken, mut failures) = (0, 0);
    while taken < events.len() {
        let Err(retry) = consumer.consume(&events[taken..]).await else {
            break;
        };
        taken += retry.taken;
        failures += 1;
        if failures == TRIES {
            return Err(ReplayError::Failed {
                consumer: consumer.name(),
                told: before + taken,
                why: retry.why,
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(events.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_time_or_an_event() {
        let at = |millis| Ok(Point::At(Timestamp::from_millis(millis)));
        assert_eq!("1970-01-01T00:00:01Z".parse(), at(1_000));
        assert_eq!("1970-01-01T05:30:00.5+05:30".parse(), at(500));
        let event = "order/0123456789abcdef01234567/0000000001.0000";
        assert_eq!(event.parse(), Ok(Point::Event(event.into())));
        for neither in ["", "yesterday", "2025-11-20", "order/7"] {
            assert_eq!(neither.parse::<Point>(), Err(NoPoint), "{neither}");
        }
    }
}
