//! An event as consumers and timelines see it.

use bson::{Document, RawDocumentBuf};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tracing::error;

use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Version, document};

/// Something that happened to a thing, as it was stored with the change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// Its name: the same on every delivery, and in the order of the thing's history.
    #[serde(rename = "_id")]
    pub id: String,
    /// Its type on the wire: `ORDER_CREATED`.
    #[serde(rename = "type")]
    pub name: String,
    /// The kind of thing it happened to: `order`.
    pub kind: String,
    /// The thing it happened to.
    pub entity: Id,
    /// The version that the thing has had since.
    pub version: Version,
    /// When.
    pub at: Timestamp,
    /// Who did it: a signed-in user, or nobody.
    pub by: Option<Id>,
    /// What the type says beside that.
    pub data: Document,
}

impl Event {
    /// Reads a row of the events' collection. A row that is none is passed over, because it would
    /// hold up every event after it for ever.
    #[must_use]
    pub fn read(row: &RawDocumentBuf) -> Option<Self> {
        document::decode(row)
            .inspect_err(|error| error!(%error, ?row, "an event cannot be read and is passed over"))
            .ok()
    }

    /// What the type says, as a value of the domain; `None` when it says something else.
    #[must_use]
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        // By way of its bytes: read from the tree, a value would take itself for JSON.
        document::decode(&document::encode(&self.data)).ok()
    }

    /// Where it belongs in a tree of topics: `order.created` for `ORDER_CREATED`.
    #[must_use]
    pub fn routing_key(&self) -> String {
        self.name.to_lowercase().replacen('_', ".", 1)
    }
}

#[cfg(test)]
mod tests {
    use bson::oid::ObjectId;
    use bson::rawdoc;

    use super::*;

    fn event(name: &str) -> Event {
        let row = rawdoc! {
            "_id": "order/65/0000000007.0000",
            "type": name,
            "kind": "order",
            "entity": ObjectId::from_bytes([1; 12]),
            "version": 7_i64,
            "at": bson::DateTime::from_millis(1_700_000_000_123),
            "data": { "total": 4_200 },
        };
        Event::read(&row).expect("the row is an event")
    }

    #[test]
    fn an_event_is_read_from_its_row() {
        let event = event("ORDER_CREATED");
        assert_eq!(
            (event.entity, event.version),
            (Id::from_bytes([1; 12]), 7),
            "{event:?}"
        );
        assert_eq!(event.at, Timestamp::from_millis(1_700_000_000_123));
        assert_eq!(event.by, None);
        assert_eq!(event.data.get_i32("total").ok(), Some(4_200));
    }

    #[test]
    fn the_first_word_of_a_type_is_its_topic() {
        assert_eq!(event("ORDER_CREATED").routing_key(), "order.created");
        assert_eq!(event("USER_PASSWORD_RESET").routing_key(), "user.password_reset");
    }
}
