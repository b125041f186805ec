//! A name for each request: the caller's own if it is sane, else one of ours. It is in every log
//! line and problem document of the request, and in the answer.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use rand::Rng;
use tracing::{Instrument, info_span};

use super::{Outcome, with_headers};

/// The header that carries it, in and out.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

tokio::task_local! {
    static CURRENT: Rc<str>;
}

/// The name of the request that is being handled.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(ToString::to_string).ok()
}

/// Names the request.
///
/// # Errors
/// Those of the services behind it.
pub async fn name(request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    let id: Rc<str> = sane(&request).unwrap_or_else(fresh).into();
    let span = info_span!("request", id = &*id);
    let handled = async {
        let outcome = next.call(request).await;
        // Here, while the name is known, so that an error becomes a document that carries it.
        with_headers(outcome, |headers| {
            if let Ok(value) = HeaderValue::from_str(&id) {
                headers.insert(HEADER, value);
            }
        })
    };
    CURRENT.scope(Rc::clone(&id), handled.instrument(span)).await
}

/// The caller's own name for it, unless it could garble a log or a header.
fn sane(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(&HEADER)?.to_str().ok()?;
    let visible = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    visible.then(|| id.to_owned())
}

fn fresh() -> String {
    let mut bytes = [0; 12];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
