//! What an error of the server means for a transaction.

use bson::Document;
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR};

use super::error_code;
use super::transaction::Attempt;

const DUPLICATE_KEY: i32 = 11000;
const NO_SUCH_TRANSACTION: i32 = 251;

/// Another transaction was in the way: a write conflict, a lock, a snapshot that is gone.
const CLASHES: [i32; 4] = [112, NO_SUCH_TRANSACTION, 24, 246];

/// What the server says to a document that it will never take: bad value, failed to parse,
/// overflow (nested too deep), invalid BSON, field names it does not allow, a validator of the
/// database's keeper, too large (three ways).
const MALFORMED: [i32; 11] = [2, 9, 15, 22, 52, 55, 57, 121, 10334, 17280, 17419];

/// What a failed statement means.
pub(super) fn of_error(error: &Error) -> Attempt {
    match error_code(error) {
        Some(DUPLICATE_KEY) => Attempt::Refused,
        Some(code) if CLASHES.contains(&code) => Attempt::Clashed,
        Some(code) if MALFORMED.contains(&code) => Attempt::Malformed(error.to_string()),
        None if encoding_failed(error) => Attempt::Malformed(error.to_string()),
        _ => Attempt::Broken(error.to_string()),
    }
}

/// What the first write error in a reply means, if there is one.
pub(super) fn of_reply(reply: &Document) -> Option<Attempt> {
    let error = reply.get_array("writeErrors").ok()?.first()?.as_document()?;
    let message = error.get_str("errmsg").unwrap_or_default().to_owned();
    Some(match error.get_i32("code").unwrap_or_default() {
        DUPLICATE_KEY => Attempt::Refused,
        code if CLASHES.contains(&code) => Attempt::Clashed,
        code if MALFORMED.contains(&code) => Attempt::Malformed(message),
        _ => Attempt::Broken(message),
    })
}

/// What a failed commit means; `None` when it may still land.
pub(super) fn of_commit(error: &Error) -> Option<Attempt> {
    let aborted =
        error.contains_label(TRANSIENT_TRANSACTION_ERROR) || error_code(error) == Some(NO_SUCH_TRANSACTION);
    aborted.then_some(Attempt::Clashed)
}

fn encoding_failed(error: &Error) -> bool {
    matches!(
        &*error.kind,
        ErrorKind::InvalidArgument { .. } | ErrorKind::Bson(_)
    )
}
