//! Keys and index values as bytes that sort like what they stand for, so that an ordered
//! key-value store can serve as an index, and a cursor means the same to every store.

use bson::oid::ObjectId;
use bson::{Bson, RawBsonRef, RawDocumentBuf};

use crate::domain::collection::Index;
use crate::domain::entity::Key;
use crate::domain::id::Id;

const NULL: u8 = 0x10;
const FALSE: u8 = 0x20;
const TRUE: u8 = 0x21;
const INTEGER: u8 = 0x30;
const DATE: u8 = 0x40;
const ID: u8 = 0x50;
const TEXT: u8 = 0x60;
const SIGN: u64 = 1 << 63;

/// A value that has no place in an index, or bytes that stand for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an index value")]
pub struct NotOrdered;

/// Appends the bytes of a value.
///
/// # Errors
/// For values of a type that no index orders: floats, arrays, documents.
pub fn push(bytes: &mut Vec<u8>, value: RawBsonRef<'_>) -> Result<(), NotOrdered> {
    match value {
        RawBsonRef::Null => bytes.push(NULL),
        RawBsonRef::Boolean(value) => bytes.push(if value { TRUE } else { FALSE }),
        RawBsonRef::Int32(value) => push_number(bytes, INTEGER, i64::from(value)),
        RawBsonRef::Int64(value) => push_number(bytes, INTEGER, value),
        RawBsonRef::DateTime(value) => push_number(bytes, DATE, value.timestamp_millis()),
        RawBsonRef::ObjectId(value) => {
            bytes.push(ID);
            bytes.extend_from_slice(&value.bytes());
        }
        RawBsonRef::String(value) => {
            bytes.push(TEXT);
            // A zero byte ends the text; one within it is written as 00 FF.
            for byte in value.bytes() {
                bytes.push(byte);
                if byte == 0 {
                    bytes.push(0xFF);
                }
            }
            bytes.extend_from_slice(&[0, 0]);
        }
        _ => return Err(NotOrdered),
    }
    Ok(())
}

/// Appends the bytes of an owned value.
///
/// # Errors
/// As [`push`].
pub fn push_bson(bytes: &mut Vec<u8>, value: &Bson) -> Result<(), NotOrdered> {
    match value {
        Bson::Null => push(bytes, RawBsonRef::Null),
        Bson::Boolean(value) => push(bytes, RawBsonRef::Boolean(*value)),
        Bson::Int32(value) => push(bytes, RawBsonRef::Int32(*value)),
        Bson::Int64(value) => push(bytes, RawBsonRef::Int64(*value)),
        Bson::DateTime(value) => push(bytes, RawBsonRef::DateTime(*value)),
        Bson::ObjectId(value) => push(bytes, RawBsonRef::ObjectId(*value)),
        Bson::String(value) => push(bytes, RawBsonRef::String(value)),
        _ => Err(NotOrdered),
    }
}

fn push_number(bytes: &mut Vec<u8>, tag: u8, value: i64) {
    bytes.push(tag);
    // Flipping the sign bit makes negative numbers sort before positive ones.
    let ordered = value.cast_unsigned() ^ SIGN;
    bytes.extend_from_slice(&ordered.to_be_bytes());
}

/// The tags between which all values of this one's type lie, the second one not included.
///
/// # Errors
/// As [`push`].
pub fn bracket(value: &Bson) -> Result<(u8, u8), NotOrdered> {
    let mut bytes = Vec::new();
    push_bson(&mut bytes, value)?;
    match bytes.first() {
        Some(&FALSE | &TRUE) => Ok((FALSE, TRUE + 1)),
        Some(&tag) => Ok((tag, tag + 1)),
        None => Err(NotOrdered),
    }
}

/// Takes the first value off the bytes.
///
/// # Errors
/// When they do not start with one.
pub fn take(bytes: &mut &[u8]) -> Result<Bson, NotOrdered> {
    let (&tag, rest) = bytes.split_first().ok_or(NotOrdered)?;
    let (value, rest) = match tag {
        NULL => (Bson::Null, rest),
        FALSE => (Bson::Boolean(false), rest),
        TRUE => (Bson::Boolean(true), rest),
        INTEGER => {
            let (number, rest) = take_number(rest)?;
            (Bson::Int64(number), rest)
        }
        DATE => {
            let (number, rest) = take_number(rest)?;
            (Bson::DateTime(bson::DateTime::from_millis(number)), rest)
        }
        ID => {
            let (id, rest) = rest.split_first_chunk::<12>().ok_or(NotOrdered)?;
            (Bson::ObjectId(ObjectId::from_bytes(*id)), rest)
        }
        TEXT => take_text(rest)?,
        _ => return Err(NotOrdered),
    };
    *bytes = rest;
    Ok(value)
}

fn take_number(bytes: &[u8]) -> Result<(i64, &[u8]), NotOrdered> {
    let (number, rest) = bytes.split_first_chunk::<8>().ok_or(NotOrdered)?;
    let value = (u64::from_be_bytes(*number) ^ SIGN).cast_signed();
    Ok((value, rest))
}

fn take_text(mut bytes: &[u8]) -> Result<(Bson, &[u8]), NotOrdered> {
    let mut text = Vec::new();
    loop {
        match bytes {
            [0, 0, rest @ ..] => {
                let text = String::from_utf8(text).map_err(|_| NotOrdered)?;
                return Ok((Bson::String(text), rest));
            }
            [0, 0xFF, rest @ ..] => {
                text.push(0);
                bytes = rest;
            }
            [byte, rest @ ..] if *byte != 0 => {
                text.push(*byte);
                bytes = rest;
            }
            _ => return Err(NotOrdered),
        }
    }
}

/// The bytes of a document's place in an index, without its key; `None` when the document lacks
/// the index's first field and so is not in it.
///
/// # Errors
/// When a field holds a value that no index orders.
pub fn place(index: &Index, document: &RawDocumentBuf) -> Result<Option<Vec<u8>>, NotOrdered> {
    let mut bytes = Vec::with_capacity(32);
    for (n, field) in index.fields.iter().enumerate() {
        match value_at(document, field) {
            None | Some(RawBsonRef::Null) if n == 0 => return Ok(None),
            None => push(&mut bytes, RawBsonRef::Null)?,
            Some(value) => push(&mut bytes, value)?,
        }
    }
    Ok(Some(bytes))
}

/// The value that a path with dots leads to.
#[must_use]
pub fn value_at<'a>(document: &'a RawDocumentBuf, path: &str) -> Option<RawBsonRef<'a>> {
    let mut steps = path.split('.');
    let mut value = document.get(steps.next()?).ok()??;
    for step in steps {
        value = value.as_document()?.get(step).ok()??;
    }
    Some(value)
}

/// The bytes of a key, which sort as the keys of one collection sort.
#[must_use]
pub fn key_bytes(key: &Key) -> Vec<u8> {
    match key {
        Key::Id(id) => id.bytes().to_vec(),
        Key::Name(name) => name.as_bytes().to_vec(),
        Key::Part(of, part) => [&of.bytes()[..], part.as_bytes()].concat(),
    }
}

/// The key that a text `_id` stands for.
#[must_use]
pub fn parse_key(text: &str) -> Key {
    let part = text.split_once('/').and_then(|(of, part)| {
        let of: Id = of.parse().ok()?;
        Some(Key::Part(of, part.to_owned()))
    });
    part.unwrap_or_else(|| Key::Name(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Bson> {
        prop_oneof![
            Just(Bson::Null),
            any::<bool>().prop_map(Bson::Boolean),
            any::<i64>().prop_map(Bson::Int64),
            any::<i64>().prop_map(|millis| Bson::DateTime(bson::DateTime::from_millis(millis))),
            any::<[u8; 12]>().prop_map(|id| Bson::ObjectId(ObjectId::from_bytes(id))),
            "[\\x00-\\x03a-cé]{0,6}".prop_map(Bson::String),
        ]
    }

    fn bytes(values: &[Bson]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in values {
            push_bson(&mut bytes, value).unwrap();
        }
        bytes
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(values in prop::collection::vec(value(), 0..4)) {
            let encoded = bytes(&values);
            let mut rest = &encoded[..];
            for value in &values {
                prop_assert_eq!(&take(&mut rest).unwrap(), value);
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn texts_sort_as_texts(a in "[\\x00-\\x03a-cé]{0,6}", b in "[\\x00-\\x03a-cé]{0,6}", tail: i64) {
            let left = bytes(&[Bson::String(a.clone()), Bson::Int64(tail)]);
            let right = bytes(&[Bson::String(b.clone()), Bson::Int64(tail)]);
            prop_assert_eq!(left.cmp(&right), a.as_bytes().cmp(b.as_bytes()));
        }

        #[test]
        fn numbers_sort_as_numbers(a: i64, b: i64) {
            prop_assert_eq!(bytes(&[Bson::Int64(a)]).cmp(&bytes(&[Bson::Int64(b)])), a.cmp(&b));
        }

        #[test]
        fn no_bytes_make_it_panic(noise in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = take(&mut &noise[..]);
        }
    }
}
