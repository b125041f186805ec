//! A picture of a product or of a person: where it is, and how to find it there again.

use serde::{Deserialize, Serialize};

use super::id::Id;

/// A picture that lies with a media service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its id.
    pub id: Id,
    /// Where it is.
    pub url: String,
    /// Where a small one is.
    pub thumbnail: String,
    /// The name by which the service that has it knows it.
    pub handle: String,
}
