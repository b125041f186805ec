//! One call of the sandbox's API, as the switches want it: answered, refused, failed, or left
//! without an answer until whoever asked has given up.

use std::future::Future;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::domain::sandbox::{Does, Operation, Switches};
use crate::http::state::Web;

/// What a call comes to.
pub type Outcome = Result<HttpResponse, No>;

/// Nobody waits for an answer for so much longer than for a service that is slow.
const TOO_LATE: Duration = Duration::from_millis(500);

/// Makes a call under the switches of its kind.
///
/// # Errors
/// Those of the call, and those that the switches ask for.
pub async fn make<F: Future<Output = Result<Value, No>>>(
    web: &Web,
    sandbox: &Sandbox,
    operation: Operation,
    work: impl FnOnce(Switches) -> F,
) -> Outcome {
    let (switch, switches) = sandbox.under(operation).await?;
    tokio::time::sleep(Duration::from_millis(switches.delay_ms.into())).await;
    let answer = match switch.does {
        Does::Works => work(switches).await,
        Does::Refuses => Err(No::BadRequest("The sandbox was told to refuse this".into())),
        Does::Error => Err(No::Trouble),
        Does::ErrorAfterExecuting => {
            work(switches).await?;
            Err(No::Trouble)
        }
        Does::Timeout => Err(hang(web).await),
        Does::TimeoutAfterExecuting => {
            work(switches).await?;
            Err(hang(web).await)
        }
    };
    answer.map(|answer| HttpResponse::Ok().json(answer))
}

/// Waits until nobody waits any more, or the shop closes.
async fn hang(web: &Web) -> No {
    let patience = web.config.outside.timeout + TOO_LATE;
    tokio::select! {
        () = tokio::time::sleep(patience) => {}
        () = web.stopping.comes() => {}
    }
    No::Trouble
}

/// What was sent with a call.
pub struct Sent(Bytes);

impl Sent {
    /// The JSON in it. Nothing is an object without fields.
    ///
    /// # Errors
    /// When it cannot be read, in a sentence.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, No> {
        let body: &[u8] = if self.0.is_empty() { b"{}" } else { &self.0 };
        serde_json::from_slice(body).map_err(|why| No::BadRequest(format!("The body cannot be read: {why}")))
    }
}

impl FromRequest for Sent {
    type Error = No;
    type Future = LocalBoxFuture<'static, Result<Self, No>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        async move {
            let body = body.await;
            body.map(Self)
                .map_err(|why| No::BadRequest(format!("The body cannot be read: {why}")))
        }
        .boxed_local()
    }
}
