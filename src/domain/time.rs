//! A point in time, to the millisecond: RFC 3339 UTC on the wire, a date in the store.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point so many milliseconds after the start of 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the start of 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the start of 1970.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point and a while later.
    #[must_use]
    pub fn after(self, while_: Duration) -> Self {
        let millis = i64::try_from(while_.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// This point and a while earlier.
    #[must_use]
    pub fn before(self, while_: Duration) -> Self {
        let millis = i64::try_from(while_.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// How long it is from `earlier` until this point; nothing when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|time| time.format(&Rfc3339).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            bson::DateTime::from_millis(self.0).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let time = OffsetDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)?;
            let millis = time.unix_timestamp_nanos() / 1_000_000;
            i64::try_from(millis).map(Self).map_err(de::Error::custom)
        } else {
            bson::DateTime::deserialize(deserializer).map(|time| Self(time.timestamp_millis()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_survives_json_and_bson() {
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct Moment {
            at: Timestamp,
        }
        let moment = Moment {
            at: Timestamp::from_millis(1_700_000_000_123),
        };
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, r#"{"at":"2023-11-14T22:13:20.123Z"}"#);
        assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), moment);
        let bytes = bson::serialize_to_vec(&moment).unwrap();
        assert_eq!(bson::deserialize_from_slice::<Moment>(&bytes).unwrap(), moment);
    }
}
