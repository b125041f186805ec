//! The name of one session. It begins with the epoch of its account, so that one raised number
//! ends every session that is older.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::time::Timestamp;

/// `<epoch>.<chance>`: the `jti` of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    /// The epoch of the account when the session began.
    pub epoch: u64,
    /// What tells it from the other sessions of that epoch.
    pub chance: [u8; 12],
}

/// A session as it begins: enough to make the same token again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// When it began.
    pub since: Timestamp,
}

/// A text that names no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session is named by a number, a dot and 24 hexadecimal digits")]
pub struct MalformedSessionId;

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.epoch)?;
        self.chance.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for SessionId {
    type Err = MalformedSessionId;

    fn from_str(text: &str) -> Result<Self, MalformedSessionId> {
        let (epoch, digits) = text.split_once('.').ok_or(MalformedSessionId)?;
        let epoch = epoch.parse().map_err(|_| MalformedSessionId)?;
        let mut chance = [0; 12];
        hex::decode_to_slice(digits, &mut chance).map_err(|_| MalformedSessionId)?;
        Ok(Self { epoch, chance })
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_back_from_its_name_and_from_nothing_else() {
        let session = SessionId {
            epoch: 3,
            chance: [0xab; 12],
        };
        assert_eq!(session.to_string(), "3.abababababababababababab");
        assert_eq!(session.to_string().parse(), Ok(session));
        for text in [
            "",
            "3",
            "3.",
            "3.ab",
            "x.abababababababababababab",
            "-1.abababababababababababab",
        ] {
            assert_eq!(text.parse::<SessionId>(), Err(MalformedSessionId), "{text:?}");
        }
    }
}
