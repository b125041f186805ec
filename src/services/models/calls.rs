//! Calls as models make them: an id may be missing, and the arguments may make no sense.

use rand::RngExt;
use serde_json::{Map, Value};

use super::Call;

/// What ids of ours begin with.
const OURS: &str = "call-of-ours-";

/// The id that a model gave, or one of ours: a result is known by its call.
pub(super) fn id_or_ours(id: Option<String>) -> String {
    id.filter(|id| !id.is_empty())
        .unwrap_or_else(|| format!("{OURS}{:016x}", rand::rng().random::<u64>()))
}

/// The id, if the model that made the call knows it.
pub(super) fn given_id(id: &str) -> Option<&str> {
    (!id.starts_with(OURS)).then_some(id)
}

/// The arguments as they are shown to the model again, which must be an object then.
pub(super) fn arguments(call: &Call) -> Map<String, Value> {
    serde_json::from_str(&call.arguments).unwrap_or_default()
}
