//! Versions on the wire: `ETag` on what is read, `If-Match` on what shall be changed.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpRequest};

use crate::store::Version;

/// The versions that a caller makes a change depend on; `None` if it depends on none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(pub Option<Vec<Version>>);

/// The strong tag of a version: `"7"`.
#[must_use]
pub fn of(version: Version) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

impl IfMatch {
    /// Reads the header. A tag that we never gave is no version, and so matches none.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let mut versions = None;
        for value in headers.get_all(header::IF_MATCH) {
            let listed = value.to_str().unwrap_or_default();
            if listed.trim() == "*" {
                return Self(None);
            }
            let tags = listed.split(',').filter_map(version);
            versions.get_or_insert_with(Vec::new).extend(tags);
        }
        Self(versions)
    }
}

/// The version that a strong tag stands for. Some clients leave the quotes out.
fn version(tag: &str) -> Option<Version> {
    tag.trim().trim_matches('"').parse().ok()
}

impl FromRequest for IfMatch {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::read(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_read_as_rfc_9110_has_it() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, value.parse().unwrap());
            IfMatch::read(&headers).0
        };
        assert_eq!(IfMatch::read(&HeaderMap::new()).0, None, "no condition");
        assert_eq!(read("*"), None, "any version");
        assert_eq!(read(r#""7""#), Some(vec![7]));
        assert_eq!(read(r#""7", "9""#), Some(vec![7, 9]), "any of a list");
        assert_eq!(read(r#"W/"7""#), Some(vec![]), "a weak tag never matches");
        assert_eq!(
            read(r#""abc""#),
            Some(vec![]),
            "a tag of someone else never matches"
        );
    }
}
