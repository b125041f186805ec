//! A seller's figures, told as they change.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get};
use futures_util::stream::{self, Stream};

use super::caller::Seller;
use super::dashboard_figures::MetricsBody;
use super::event_stream::{self, SIGN_OF_LIFE};
use super::problem::Problem;
use super::state::Web;
use crate::actors::onlookers::Onlooker;
use crate::services::tokens::Claims;

/// So often it is seen to that the session still goes on; and figures that change all the time are
/// told no oftener.
const TICK: Duration = Duration::from_millis(500);
/// Of a stock that went down, or of a sale on another runtime, nobody tells: every so many ticks
/// the figures are looked at anyway.
const TICKS_PER_LOOK: u32 = 4;
/// A sign of life for proxies that cut off who says nothing: with every so many of these.
const TICKS_PER_SIGN: u32 = 30;

/// The figures of `/metrics` as they are, and again whenever they have changed, as Server-Sent
/// Events. The stream ends with the session.
#[utoipa::path(tag = "dashboard", security(("token" = ["seller"])), responses(
    (status = 200, description = "The events", content_type = "text/event-stream"),
))]
#[get("/api/seller/dashboard/live")]
pub(super) async fn listen(seller: Seller, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let onlooker = web.dashboard.desks().watch(seller.0.id);
    let figures = MetricsBody::from(web.dashboard.metrics(seller.0.id).await?);
    let listening = Listening {
        claims: seller.0,
        onlooker,
        first: Some(event(&figures)),
        told: figures,
        changed: false,
        ticks: 0,
        web,
    };
    Ok(event_stream::of(listening.stream()))
}

/// A seller who listens.
struct Listening {
    claims: Claims,
    onlooker: Onlooker,
    /// What is told before anything changes.
    first: Option<Bytes>,
    /// What was told last.
    told: MetricsBody,
    /// Whether the figures may be others since.
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
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            if self.is_over().await {
                return None;
            }
            if let Some(told) = self.look().await {
                return Some(told);
            }
            self.pause().await?;
            if self.ticks.is_multiple_of(TICKS_PER_SIGN) {
                return Some(SIGN_OF_LIFE);
            }
        }
    }

    /// Waits for one tick, whatever happens in it.
    async fn pause(&mut self) -> Option<()> {
        let tick = tokio::time::sleep(TICK);
        tokio::pin!(tick);
        loop {
            tokio::select! {
                () = self.onlooker.change(), if !self.changed => self.changed = true,
                () = self.web.stopping.comes() => return None,
                () = &mut tick => break,
            }
        }
        self.ticks += 1;
        self.changed |= self.ticks.is_multiple_of(TICKS_PER_LOOK);
        Some(())
    }

    async fn look(&mut self) -> Option<Bytes> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let metrics = self.web.dashboard.metrics(self.claims.id).await;
        // Figures that cannot be read now can be read later.
        self.changed = metrics.is_err();
        let figures = MetricsBody::from(metrics.ok()?);
        if figures == self.told {
            return None;
        }
        self.told = figures;
        Some(event(&self.told))
    }

    async fn is_over(&self) -> bool {
        let ended = self.claims.end() <= self.web.engine.clock.now();
        // A store that does not say so now says it soon.
        ended || matches!(self.web.sessions.is_live(&self.claims).await, Ok(false))
    }
}

fn event(figures: &MetricsBody) -> Bytes {
    let data = serde_json::to_string(figures).unwrap_or_default();
    format!("data: {data}\n\n").into()
}
