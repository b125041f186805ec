//! A message to the broker: where it goes, what it says, and what its headers tell of the event.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::domain::time::Timestamp;
use crate::events::event::Event;
use crate::store::document;

/// The header that every message of ours carries, and nobody else's.
pub(super) const EVENT_ID: &str = "event-id";
/// How the broker knows a message that outlives it.
const PERSISTENT: u8 = 2;

/// One message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// The exchange; empty for the one that knows every queue by its name.
    pub(super) exchange: &'static str,
    /// The topic, or the queue.
    pub(super) key: String,
    /// Somebody is there to whom it has to come.
    pub(super) mandatory: bool,
    /// JSON.
    pub(super) body: Vec<u8>,
    /// What goes with it.
    pub(super) properties: BasicProperties,
}

/// What goes with every message that tells of this event.
pub(super) fn properties(event: &Event) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut header = |name: &str, value: AMQPValue| {
        headers.insert(name.into(), value);
    };
    header(EVENT_ID, text(&event.id));
    header("type", text(&event.name));
    header("occurred-at", text(&event.at.to_string()));
    header("entity", text(&event.entity.to_string()));
    header("version", AMQPValue::LongLongInt(document::signed(event.version)));
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(event.id.as_str().into())
        .with_type(event.name.as_str().into())
        .with_timestamp(u64::try_from(event.at.seconds()).unwrap_or_default())
        .with_app_id("bazaar".into())
        .with_headers(headers)
}

/// The event that a message tells of, if it says so.
pub(super) fn event_id(properties: &BasicProperties) -> Option<String> {
    match properties.headers().as_ref()?.inner().get(EVENT_ID)? {
        AMQPValue::LongString(id) => String::from_utf8(id.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(id) => Some(id.to_string()),
        _ => None,
    }
}

/// When that happened of which a message tells, or when it was sent, if it says so.
pub(super) fn happened_at(properties: &BasicProperties) -> Option<Timestamp> {
    let seconds = i64::try_from((*properties.timestamp())?).ok()?;
    seconds.checked_mul(1_000).map(Timestamp::from_millis)
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}
