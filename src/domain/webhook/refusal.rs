//! Why a webhook says no.

use serde::{Deserialize, Serialize};

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such webhook, or it is somebody else's.
    #[error("There is no such webhook")]
    Unknown,
    /// Its owner has as many as there may be.
    #[error("There are as many webhooks as there may be")]
    TooMany,
}
