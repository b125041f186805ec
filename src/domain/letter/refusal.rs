//! Why a letter says no.

use serde::{Deserialize, Serialize};

/// One reason each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum Refusal {
    /// There is no such letter.
    #[error("There is no such letter")]
    Unknown,
    /// Somebody is sending it, or its time has not come, or it is done with.
    #[error("The letter is not to be sent now")]
    NotNow,
}
