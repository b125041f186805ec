//! What a client of an earlier revision said of itself when hands were shaken. It is kept by the
//! client, sealed, so that any node knows it again.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

use crate::services::tokens::Tokens;

pub(super) const HEADER: HeaderName = HeaderName::from_static("mcp-session-id");

/// The id of a session whose client puts forms to its user. Others need none.
pub(super) fn of_one_who_elicits(tokens: &Tokens) -> String {
    let nonce = hex::encode(rand::random::<[u8; 16]>());
    let seal = seal(tokens, &nonce);
    format!("{nonce}.{seal}")
}

/// Whether a request comes from a client that puts forms to its user; nothing when it says that it
/// is of a session that there is not.
pub(super) fn elicits(tokens: &Tokens, http: &HttpRequest) -> Option<bool> {
    let Some(id) = http.headers().get(HEADER) else {
        return Some(false);
    };
    let (nonce, sealed) = id.to_str().ok()?.split_once('.')?;
    // Sealed once more, so that how long the comparison takes tells nothing of the seal.
    let is_ours = tokens.seal(&seal(tokens, nonce)) == tokens.seal(sealed);
    is_ours.then_some(true)
}

fn seal(tokens: &Tokens, nonce: &str) -> String {
    tokens.seal(&format!("mcp session that elicits {nonce}"))
}
