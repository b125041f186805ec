//! What somebody is told, told as it happens.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};

use super::caller::SignedIn;
use super::event_stream::{self, SIGN_OF_LIFE};
use super::notifications::Notification;
use super::problem::Problem;
use super::state::Web;
use crate::actors::inboxes::News;
use crate::actors::onlookers::Onlooker;
use crate::services::tokens::Claims;

/// So often it is seen to that the session still goes on, and that nothing came in by another
/// runtime.
const TICK: Duration = Duration::from_millis(500);
/// A sign of life for proxies that cut off who says nothing: with every so many of these.
const TICKS_PER_SIGN: u32 = 30;

/// One's notifications as they come in, as Server-Sent Events: first how many are unread, then
/// `{"unread": 3, "notification": {…}}` for each. Whoever comes back with `Last-Event-ID` misses
/// none. The stream ends with the session.
#[utoipa::path(tag = "notifications", security(("token" = ["user", "seller", "admin"])),
    params(("Last-Event-ID" = Option<String>, Header)), responses(
    (status = 200, description = "The events", content_type = "text/event-stream"),
))]
#[get("/api/notifications/stream")]
pub(super) async fn listen(
    caller: SignedIn,
    request: HttpRequest,
    web: Data<Web>,
) -> Result<HttpResponse, Problem> {
    let onlooker = web.inboxes.watch(caller.0.id);
    let count = web.inboxes.news(caller.0.id, u64::MAX).await?.count;
    let last = request.headers().get("last-event-id");
    let heard = last.and_then(|last| last.to_str().ok()?.parse().ok());
    let listening = Listening {
        claims: caller.0,
        onlooker,
        heard: heard.unwrap_or(count).min(count),
        unread: None,
        changed: true,
        ticks: 0,
        web,
    };
    Ok(event_stream::of(listening.stream()))
}

/// Somebody who listens.
struct Listening {
    claims: Claims,
    onlooker: Onlooker,
    /// How many notices he has heard of.
    heard: u64,
    /// How many unread ones he was told of last.
    unread: Option<usize>,
    /// Whether something may have come in since the last look.
    changed: bool,
    ticks: u32,
    web: Data<Web>,
}

impl Listening {
    fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut listening| async move {
            let told = listening.next().await?;
            Some((Ok(told), listening))
        })
    }

    /// Waits for something to tell; `None` when the session or the runtime ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.is_over().await {
                return None;
            }
            if let Some(told) = self.look().await {
                return Some(told);
            }
            tokio::select! {
                () = self.onlooker.change() => self.changed = true,
                () = self.web.stopping.comes() => return None,
                () = tokio::time::sleep(TICK) => {
                    self.ticks += 1;
                    // Of what another runtime has done nobody tells this one.
                    self.changed |= self.web.engine.store.shared();
                    if self.ticks.is_multiple_of(TICKS_PER_SIGN) {
                        return Some(SIGN_OF_LIFE);
                    }
                }
            }
        }
    }

    async fn look(&mut self) -> Option<Bytes> {
        if !self.changed {
            return None;
        }
        // An inbox that cannot be read now can be read later.
        let news = self.web.inboxes.news(self.claims.id, self.heard).await.ok()?;
        self.changed = false;
        self.tell(news)
    }

    async fn is_over(&self) -> bool {
        let ended = self.claims.end() <= self.web.engine.clock.now();
        // A store that does not say so now says it soon.
        ended || matches!(self.web.sessions.is_live(&self.claims).await, Ok(false))
    }

    /// What has come in or was read since it was last told, if anything has.
    fn tell(&mut self, news: News) -> Option<Bytes> {
        let News {
            count,
            unread,
            notices,
        } = news;
        if notices.is_empty() && self.unread == Some(unread) {
            return None;
        }
        (self.heard, self.unread) = (count, Some(unread));
        if notices.is_empty() {
            return Some(event(count, &json!({ "unread": unread })).into());
        }
        let first = count - notices.len() as u64 + 1;
        let told = (first..).zip(notices).map(|(number, notice)| {
            let notification = Notification::from(notice);
            event(number, &json!({ "unread": unread, "notification": notification }))
        });
        Some(told.collect::<String>().into())
    }
}

fn event(id: u64, data: &Value) -> String {
    format!("id: {id}\ndata: {data}\n\n")
}
