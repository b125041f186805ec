//! The revisions of the protocol. Up to 2025 a client shakes hands first and says in a header what
//! was agreed; since 2026-07-28 every request says everything by itself.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::envelope::{Code, Failure, Request};
use super::session;
use crate::services::tokens::Tokens;

/// The revision in which every request stands for itself.
pub(super) const CURRENT: &str = "2026-07-28";
/// Those in which hands are shaken, the latest first. The one before them has messages in batches,
/// which are not taken here.
pub(super) const WITH_HANDSHAKE: [&str; 2] = ["2025-11-25", "2025-06-18"];

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// How a request wants to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revision {
    /// By a revision with a handshake.
    Earlier {
        /// Whether the client said then that it puts forms to its user.
        elicits: bool,
    },
    /// By the current one.
    Current {
        /// Whether the client puts forms to its user.
        elicits: bool,
    },
}

impl Revision {
    /// The revision of a request. What its headers say must be what its body says: somebody on the
    /// way may have looked at the headers alone.
    pub(super) fn of(http: &HttpRequest, request: &Request, tokens: &Tokens) -> Result<Self, Failure> {
        let headers = http.headers();
        let earlier = || {
            let elicits = session::elicits(tokens, http);
            let elicits = elicits.ok_or_else(|| Failure::new(Code::UnknownSession, "Session not found"))?;
            Ok(Self::Earlier { elicits })
        };
        let version = single(headers, &VERSION)?;
        let meta = request.params.get("_meta").and_then(Value::as_object);
        let says_it_all = meta.is_some_and(|meta| meta.contains_key(META_VERSION));
        if request.method == "initialize" && !says_it_all {
            return Ok(Self::Earlier { elicits: false });
        }
        match version {
            // Whoever says nothing speaks the first revision that came this way.
            None if !says_it_all => earlier(),
            Some(version) if WITH_HANDSHAKE.contains(&version) && !says_it_all => earlier(),
            version => Self::current(headers, version, meta, request),
        }
    }

    fn current(
        headers: &HeaderMap,
        version: Option<&str>,
        meta: Option<&Map<String, Value>>,
        request: &Request,
    ) -> Result<Self, Failure> {
        if version != Some(CURRENT) && !meta.is_some_and(|meta| meta.contains_key(META_VERSION)) {
            return Err(unsupported(version.unwrap_or_default()));
        }
        let said = |key| meta.and_then(|meta| meta.get(key));
        let (Some(Value::String(said_version)), Some(Value::Object(capabilities))) =
            (said(META_VERSION), said(META_CAPABILITIES))
        else {
            let why = format!("params._meta says {META_VERSION} and {META_CAPABILITIES}.");
            return Err(Failure::new(Code::InvalidParams, why));
        };
        agrees(&VERSION, version, said_version)?;
        agrees(&METHOD, single(headers, &METHOD)?, &request.method)?;
        if request.method == "tools/call"
            && let Some(Value::String(name)) = request.params.get("name")
        {
            let header = single(headers, &NAME)?.and_then(decoded);
            agrees(&NAME, header.as_deref(), name)?;
        }
        if said_version != CURRENT {
            return Err(unsupported(said_version));
        }
        let elicits = elicits(capabilities);
        Ok(Self::Current { elicits })
    }
}

impl Revision {
    /// A result as this revision tells it. The current one says of each whether it is all; the
    /// earlier ones know no such word, and clients of theirs refuse what they do not know.
    pub(super) fn result(self, mut result: Value) -> Value {
        if let (Self::Current { .. }, Some(members)) = (self, result.as_object_mut()) {
            members.entry("resultType").or_insert_with(|| json!("complete"));
        }
        result
    }
}

/// Whether a client with these capabilities puts forms to its user.
pub(super) fn elicits(capabilities: &Map<String, Value>) -> bool {
    let kinds = capabilities.get("elicitation").and_then(Value::as_object);
    // Before there were kinds of it there were forms alone.
    kinds.is_some_and(|kinds| kinds.is_empty() || kinds.contains_key("form"))
}

/// The revision that is agreed on with whoever asks for this one.
pub(super) fn agreed(asked: &str) -> &'static str {
    let known = WITH_HANDSHAKE.iter().find(|known| **known == asked);
    known.unwrap_or(&WITH_HANDSHAKE[0])
}

/// Refuses a notification of a revision that is not known.
pub(super) fn check_header(http: &HttpRequest) -> Result<(), Failure> {
    match single(http.headers(), &VERSION)? {
        Some(version) if version != CURRENT && !WITH_HANDSHAKE.contains(&version) => {
            Err(unsupported(version))
        }
        _ => Ok(()),
    }
}

fn unsupported(asked: &str) -> Failure {
    let data = json!({ "supported": [CURRENT], "requested": asked });
    Failure::new(Code::UnsupportedVersion, "Unsupported protocol version").with(data)
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name);
    let first = values.next().map(|value| value.to_str());
    match (first, values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(mismatch(name)),
    }
}

fn agrees(name: &HeaderName, header: Option<&str>, body: &str) -> Result<(), Failure> {
    match header {
        Some(header) if header == body => Ok(()),
        _ => Err(mismatch(name)),
    }
}

fn mismatch(name: &HeaderName) -> Failure {
    let why = format!("The header {name} does not say what the body says.");
    Failure::new(Code::HeaderMismatch, why)
}

/// A header may hold any text in base64.
fn decoded(header: &str) -> Option<String> {
    let payload = header
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match payload {
        None => Some(header.to_owned()),
        Some(payload) => String::from_utf8(STANDARD.decode(payload).ok()?).ok(),
    }
}
