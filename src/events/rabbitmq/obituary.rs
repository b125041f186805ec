//! What is said of a message that nobody could take: which queue gave it up, why, after how many
//! tries, and when. It goes with it as headers. Of a message that the broker moved by itself, the
//! broker's own headers say some of that.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};

use crate::domain::time::Timestamp;

const QUEUE: &str = "bazaar-queue";
const REASON: &str = "bazaar-reason";
const TRIES: &str = "bazaar-tries";
const DIED_AT: &str = "bazaar-died-at";
/// Whatever begins so was said of the dead, by us or by the broker.
const OF_THE_DEAD: [&str; 2] = ["bazaar-", "x-"];

/// So much of a reason is kept: a header has to fit into one frame.
const REASON_CHARS_MAX: usize = 500;

/// What is said of one message; nothing of what nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Obituary {
    pub(super) queue: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) tries: Option<u32>,
    pub(super) died_at: Option<Timestamp>,
}

impl Obituary {
    /// What the headers of a dead letter say.
    pub(super) fn read(properties: &BasicProperties) -> Self {
        let ours = |name| header(properties, name);
        let at = ours(DIED_AT).and_then(whole).map(Timestamp::from_millis);
        let tries = ours(TRIES).and_then(whole);
        Self {
            queue: ours(QUEUE)
                .or_else(|| header(properties, "x-first-death-queue"))
                .and_then(text),
            reason: ours(REASON)
                .or_else(|| header(properties, "x-first-death-reason"))
                .and_then(text),
            tries: tries.and_then(|tries| tries.try_into().ok()),
            died_at: at.or_else(|| moved_at(properties)),
        }
    }

    /// The properties that a message dies with.
    pub(super) fn over(&self, properties: &BasicProperties) -> BasicProperties {
        let mut headers = living(properties);
        let mut say = |name: &str, value: Option<AMQPValue>| {
            if let Some(value) = value {
                headers.insert(name.into(), value);
            }
        };
        say(QUEUE, self.queue.as_deref().map(string));
        say(
            REASON,
            self.reason.as_deref().map(beginning).as_deref().map(string),
        );
        say(
            TRIES,
            self.tries.map(|tries| AMQPValue::LongLongInt(tries.into())),
        );
        say(
            DIED_AT,
            self.died_at.map(|at| AMQPValue::LongLongInt(at.millis())),
        );
        properties.clone().with_headers(headers)
    }
}

/// What went with a message before it died.
pub(super) fn alive_again(properties: &BasicProperties) -> BasicProperties {
    properties.clone().with_headers(living(properties))
}

fn living(properties: &BasicProperties) -> FieldTable {
    let mut headers = FieldTable::default();
    for (name, value) in properties.headers().iter().flat_map(FieldTable::inner) {
        if !OF_THE_DEAD.iter().any(|start| name.as_str().starts_with(start)) {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers
}

fn header<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a AMQPValue> {
    properties.headers().as_ref()?.inner().get(name)
}

/// When the broker moved it.
fn moved_at(properties: &BasicProperties) -> Option<Timestamp> {
    let deaths = header(properties, "x-death")?.as_array()?;
    let last = deaths.as_slice().first()?.as_field_table()?;
    let seconds = last.inner().get("time")?.as_timestamp()?;
    let millis = i64::try_from(seconds).ok()?.saturating_mul(1_000);
    Some(Timestamp::from_millis(millis))
}

fn text(value: &AMQPValue) -> Option<String> {
    let text = value.as_long_string()?;
    String::from_utf8(text.as_bytes().to_vec()).ok()
}

fn whole(value: &AMQPValue) -> Option<i64> {
    match value {
        AMQPValue::LongLongInt(number) => Some(*number),
        _ => None,
    }
}

fn string(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

fn beginning(reason: &str) -> String {
    reason.chars().take(REASON_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_the_dead_is_read_again_and_forgotten_when_they_live() {
        let mut headers = FieldTable::default();
        headers.insert("event-id".into(), string("order/1/2.3"));
        let alive = BasicProperties::default().with_headers(headers);
        let said = Obituary {
            queue: Some("bazaar.notifier".into()),
            reason: Some("é".repeat(REASON_CHARS_MAX)),
            tries: Some(5),
            died_at: Some(Timestamp::from_millis(1_700_000_000_000)),
        };
        let dead = said.over(&alive);
        assert_eq!(Obituary::read(&dead), said);
        assert_eq!(alive_again(&dead), alive);
        let longer = Obituary {
            reason: Some("é".repeat(REASON_CHARS_MAX + 1)),
            ..said.clone()
        };
        assert_eq!(Obituary::read(&longer.over(&dead)), said, "a reason has an end");
        assert_eq!(Obituary::read(&alive), Obituary::default());
    }
}
