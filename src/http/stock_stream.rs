//! How many there are of a product, told as it changes.

use std::convert::Infallible;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, get};
use futures_util::stream::{self, Stream, StreamExt};

use super::event_stream::{self, SIGN_OF_LIFE, SIGN_OF_LIFE_EVERY};
use super::fault::Fault;
use super::problem::Problem;
use super::state::{Stopping, Web};
use crate::actors::live_stock::Listener;
use crate::domain::id::Id;

/// The number of pieces that can be bought, now and whenever it changes, as Server-Sent Events
/// whose data is `{"available": 7}`.
#[utoipa::path(tag = "products", params(("id" = String, Path)), responses(
    (status = 200, description = "The events", content_type = "text/event-stream"),
    (status = 404, description = "There is no such product"),
))]
#[get("/api/products/{id}/stock/stream")]
pub(super) async fn listen(path: Path<Id>, web: Data<Web>) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    let listener = web.products.live().listen(id);
    let seen = web.products.snapshot(id).await?;
    let seen = seen.ok_or(Fault::NotFound("product"))?;
    let available = listener.begin(seen.stock_version, seen.count.available);
    let now = stream::iter([Ok(event(available))]);
    Ok(event_stream::of(
        now.chain(changes(listener, web.stopping.clone())),
    ))
}

fn changes(listener: Listener, stopping: Stopping) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((listener, stopping), |(mut listener, stopping)| async move {
        let text = tokio::select! {
            available = listener.next() => event(available?),
            () = stopping.comes() => return None,
            () = tokio::time::sleep(SIGN_OF_LIFE_EVERY) => SIGN_OF_LIFE,
        };
        Some((Ok(text), (listener, stopping)))
    })
}

fn event(available: u64) -> Bytes {
    format!("data: {{\"available\":{available}}}\n\n").into()
}
