//! Answers that go on: Server-Sent Events.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream::Stream;

/// So often something is said to proxies that cut off who says nothing.
pub(super) const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(15);
/// A comment, which nobody hears.
pub(super) const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

/// 200 with events as they come, past the buffers of proxies.
pub(super) fn of(events: impl Stream<Item = Result<Bytes, Infallible>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
}
