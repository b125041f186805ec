//! Ids that follow from what they stand for, so that whoever makes the same thing again, be it on
//! another runtime or after a crash, makes it under the same id.

use sha2::{Digest, Sha256};

use crate::domain::id::Id;

/// The id that follows from these texts.
#[must_use]
pub fn id_of(parts: &[&str]) -> Id {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&digest.finalize()[..12]);
    Id::from_bytes(bytes)
}
