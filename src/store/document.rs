//! How a document is written: BSON, the same bytes in every store, readable in any Mongo tool.

use bson::oid::ObjectId;
use bson::{RawBsonRef, RawDocumentBuf, rawdoc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CommitId, Version};
use crate::domain::entity::Key;
use crate::domain::id::Id;

/// As large as any store takes a document.
pub const BYTES_MAX: usize = 16 << 20;

/// The BSON of a value.
///
/// # Panics
/// When the value is not a map or struct, which is a fault of the type, not of its content.
#[must_use]
pub fn encode(value: &impl Serialize) -> RawDocumentBuf {
    bson::serialize_to_raw_document_buf(value).expect("what is stored is a struct of plain fields")
}

/// The value in a document; fields it does not know are passed over.
///
/// # Errors
/// When the document is not such a value.
pub fn decode<T: DeserializeOwned>(document: &RawDocumentBuf) -> Result<T, bson::error::Error> {
    bson::deserialize_from_slice(document.as_bytes())
}

/// An entity's document: key, version and commit in front of the fields of its state.
///
/// # Panics
/// As [`encode`].
#[must_use]
pub fn of_entity(key: &Key, version: Version, commit: CommitId, state: &impl Serialize) -> RawDocumentBuf {
    let mut head = match key {
        Key::Id(id) => rawdoc! { "_id": ObjectId::from(*id) },
        key => rawdoc! { "_id": key.to_string() },
    };
    head.append(bson::raw::cstr!("version"), signed(version));
    head.append(bson::raw::cstr!("commit"), commit);
    let state = encode(state);
    // A BSON document is its length, its elements and a zero: two of them are joined by
    // putting the elements of one behind those of the other.
    let mut bytes = head.into_bytes();
    bytes.pop();
    bytes.extend_from_slice(&state.as_bytes()[4..]);
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    RawDocumentBuf::from_bytes(bytes).expect("two documents joined are a document")
}

/// Why no store would ever take this document under this key, if there is a reason.
#[must_use]
pub fn fault(key: &Key, document: &RawDocumentBuf) -> Option<&'static str> {
    if document.as_bytes().len() > BYTES_MAX {
        return Some("it is larger than 16 MiB");
    }
    let own = match (key, document.get("_id")) {
        (Key::Id(id), Ok(Some(RawBsonRef::ObjectId(own)))) => own.bytes() == id.bytes(),
        (Key::Name(name), Ok(Some(RawBsonRef::String(own)))) => own == name,
        (Key::Part(..), Ok(Some(RawBsonRef::String(own)))) => own == key.to_string(),
        _ => false,
    };
    (!own).then_some("its _id is not its key")
}

/// The version of a stored document; 0 if it has none.
#[must_use]
pub fn version(document: &RawDocumentBuf) -> Version {
    document
        .get_i64("version")
        .ok()
        .and_then(|version| Version::try_from(version).ok())
        .unwrap_or(0)
}

/// The commit that wrote a stored document.
#[must_use]
pub fn commit(document: &RawDocumentBuf) -> Option<CommitId> {
    document.get_object_id("commit").ok()
}

/// A version as BSON knows numbers.
#[must_use]
pub fn signed(version: Version) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// The id of the n-th event of a version: the same on every delivery, and in the order of the
/// entity's history when sorted as text.
#[must_use]
pub fn event_id(kind: &str, entity: Id, version: Version, n: usize) -> String {
    format!("{kind}/{entity}/{version:010}.{n:04}")
}
