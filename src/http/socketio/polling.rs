//! A session over plain requests: a GET waits for packets, a POST brings them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use tokio::time::timeout;

use super::hearing;
use super::packet::Packet;
use super::refused::Refused;
use super::session::{Catch, Session};
use crate::http::state::Web;

/// While a socket is about to take over, the client waits for its poll to end; so often one does,
/// as the first may end before the client hears of it.
const PROBING: Duration = Duration::from_millis(100);

/// A poll that waits. Dropping it ends it.
struct Poll(Arc<Session>);

/// Waits for packets. The head of the answer goes out at once, so that whoever waits takes no
/// place among the requests in hand, and meets no bound on their time.
pub(super) fn poll(session: &Arc<Session>) -> Result<HttpResponse, Refused> {
    if session.begin_poll().is_err() {
        session.forget();
        return Err(Refused::BadRequest);
    }
    let poll = Poll(Arc::clone(session));
    let packets = stream::once(async move { Ok::<_, Infallible>(Bytes::from(poll.next().await)) });
    Ok(text().streaming(packets))
}

/// Takes packets.
pub(super) fn take(session: &Arc<Session>, body: &[u8], web: &Data<Web>) -> Result<HttpResponse, Refused> {
    let packets = std::str::from_utf8(body).ok().map(Packet::read_all);
    let Some(Ok(packets)) = packets else {
        session.forget();
        return Err(Refused::BadRequest);
    };
    for packet in packets {
        if session.has_ended() {
            break;
        }
        if hearing::hear(session, packet, web).is_err() {
            session.forget();
            return Err(Refused::BadRequest);
        }
    }
    Ok(text().body("ok"))
}

/// An answer with these packets.
pub(super) fn answer(packets: &[Packet]) -> HttpResponse {
    text().body(Packet::body(packets))
}

fn text() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "text/plain; charset=UTF-8"));
    response.insert_header((CACHE_CONTROL, "no-store"));
    response
}

impl Poll {
    async fn next(&self) -> String {
        loop {
            match self.0.catch() {
                Catch::Packets(packets) => {
                    if self.0.has_ended() {
                        self.0.forget();
                    }
                    return Packet::body(&packets);
                }
                Catch::Nothing => self.0.woken().await,
                Catch::Probing => {
                    if timeout(PROBING, self.0.woken()).await.is_err() {
                        return Packet::body(&[Packet::Noop]);
                    }
                }
            }
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.0.end_poll();
    }
}
