//! The secret of a webhook. It is kept as it is, because it signs; it shows in no log.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Some bytes that only the shop and a receiver know.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The secret with these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
