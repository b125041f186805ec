//! What is written to the broker of an event: one message for everybody on the exchange of
//! events, and those that the consumers of the systems before this one listen for.

use serde_json::{Map, Value, json};

use super::joined::{Joined, thing};
use super::message::{Message, properties};
use super::names::{self, SEED_QUEUES, Wants};
use super::spelling::both_ways;
use super::topology::Topology;
use super::{fanout, letter};
use crate::events::event::Event;
use crate::events::told::is_told;
use crate::events::topic;

/// Every message that an event becomes; none of what nobody outside hears of.
pub(super) fn messages(event: &Event, joined: &Joined, topology: &Topology) -> Vec<Message> {
    if !is_told(event) {
        return Vec::new();
    }
    let thing = thing(event, joined);
    let letter = letter::about(event, joined);
    let mut messages = vec![for_everybody(event, &thing, letter.as_ref(), topology)];
    if topology.seed_queues {
        for seed in SEED_QUEUES.iter().filter(|seed| seed.event == event.name) {
            let body = match seed.wants {
                Wants::Thing => both_ways(thing.clone()),
                Wants::Letter => both_ways(letter.clone().unwrap_or_else(|| thing.clone())),
            };
            messages.push(message(
                event,
                ("", seed.name.to_owned()),
                true,
                &Value::Object(body),
            ));
        }
    }
    let fanned = fanout::of(event, joined);
    messages.extend(fanned.map(|(exchange, body)| message(event, (exchange, String::new()), false, &body)));
    messages
}

/// The message under the event's topic: all that is said of it anywhere.
fn for_everybody(
    event: &Event,
    thing: &Map<String, Value>,
    letter: Option<&Map<String, Value>>,
    topology: &Topology,
) -> Message {
    let mut body = letter.cloned().unwrap_or_default();
    body.extend(thing.clone());
    let key = event.routing_key();
    let awaited = topology.own.iter().any(|queue| queue.collects(&key));
    message(event, (names::EVENTS, key), awaited, &json!(body))
}

fn message(event: &Event, (exchange, key): (&'static str, String), mandatory: bool, body: &Value) -> Message {
    Message {
        exchange,
        key,
        mandatory,
        body: body.to_string().into_bytes(),
        properties: properties(event),
    }
}

impl super::topology::OwnQueue {
    fn collects(&self, key: &str) -> bool {
        self.exchange == names::EVENTS && self.topics.iter().any(|pattern| topic::asks_for(pattern, key))
    }
}
