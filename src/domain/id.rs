//! The name of one thing: 24 hexadecimal digits on the wire, an `ObjectId` in the store.

use std::fmt;
use std::str::FromStr;

use bson::oid::ObjectId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::time::Timestamp;

/// Twelve bytes that name a thing for ever.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 12]);

/// A text that is not 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 24 hexadecimal digits")]
pub struct MalformedId;

impl Id {
    /// The id whose first four bytes are the second it was made in, so that ids sort by age.
    #[must_use]
    pub fn at(time: Timestamp, chance: [u8; 8]) -> Self {
        let seconds = u32::try_from(time.seconds()).unwrap_or(u32::MAX);
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..].copy_from_slice(&chance);
        Self(bytes)
    }

    /// The id with exactly these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// The twelve bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 12] {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let id = ObjectId::parse_str(text).map_err(|_| MalformedId)?;
        Ok(Self(id.bytes()))
    }
}

impl From<Id> for ObjectId {
    fn from(id: Id) -> Self {
        Self::from_bytes(id.0)
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        Self(id.bytes())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            ObjectId::from(*self).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(de::Error::custom)
        } else {
            ObjectId::deserialize(deserializer).map(Self::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_json_and_bson() {
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct Thing {
            id: Id,
        }
        let thing = Thing {
            id: Id::at(Timestamp::from_millis(1_700_000_000_123), [7; 8]),
        };
        let json = serde_json::to_string(&thing).unwrap();
        assert_eq!(json, r#"{"id":"6553f1000707070707070707"}"#);
        assert_eq!(serde_json::from_str::<Thing>(&json).unwrap(), thing);

        let bytes = bson::serialize_to_vec(&thing).unwrap();
        assert_eq!(bson::deserialize_from_slice::<Thing>(&bytes).unwrap(), thing);
        let document: bson::Document = bson::deserialize_from_slice(&bytes).unwrap();
        assert!(
            document.get_object_id("id").is_ok(),
            "Mongo tools see an ObjectId"
        );
    }

    #[test]
    fn a_malformed_id_is_refused() {
        for text in [
            "",
            "6553f1",
            "zz53f1000707070707070707",
            "6553f10007070707070707070",
        ] {
            assert_eq!(text.parse::<Id>(), Err(MalformedId), "{text:?}");
        }
    }
}
