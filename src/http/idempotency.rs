//! `Idempotency-Key`: the name under which a request takes effect once. What came of it is kept
//! by the owner it was for; here is only what is being handled at this moment.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use dashmap::DashSet;
use futures_util::future::{FutureExt, LocalBoxFuture};
use sha2::{Digest, Sha256};

use super::body::BodyDigest;
use super::caller;
use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;
use crate::actors::ask::Once;
use crate::actors::engine::Engine;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::services::tokens::Tokens;

/// The header.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

const LONGEST: usize = 255;

/// The idempotency key of a request, if it has one. No other request under the same key is
/// handled on this node as long as this one is.
#[derive(Debug)]
pub struct Idempotency(Option<Held>);

/// The keys that are being handled at this moment on this node.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<DashSet<Scoped>>);

/// Stands for caller, method, path and key together.
type Scoped = [u8; 32];

/// A key in hand, given back when dropped, be it by a panic.
#[derive(Debug)]
struct Held {
    key: Scoped,
    in_flight: InFlight,
}

impl Idempotency {
    /// How an owner knows the request again; `None` if it may take effect again.
    #[must_use]
    pub fn once(&self, body: &BodyDigest) -> Option<Once> {
        self.0.as_ref().map(|held| Once {
            key: hex::encode(held.key),
            body: body.to_string(),
        })
    }

    /// The same for a body that holds a secret: what is kept of it is of no use to whoever wants
    /// to guess the secret and has the store alone.
    #[must_use]
    pub fn once_sealed(&self, body: &BodyDigest, tokens: &Tokens) -> Option<Once> {
        let once = self.once(body)?;
        let body = tokens.seal(&once.body);
        Some(Once { body, ..once })
    }

    /// The same where `made` says when the thing of an id was made, if it is there: one that was
    /// made under this key so long ago that the key counts no more is left alone, and the next id
    /// is taken. It follows from the first, so that repeats meet again.
    ///
    /// # Errors
    /// When `made` does not say.
    pub async fn unused_id<E>(
        &self,
        engine: &Engine,
        made: impl AsyncFn(Id) -> Result<Option<Timestamp>, E>,
    ) -> Result<Id, E> {
        let mut id = self.created_id(engine);
        if self.0.is_none() {
            return Ok(id);
        }
        let now = engine.clock.now();
        while made(id)
            .await?
            .is_some_and(|at| at.after(engine.bounds.remembered) < now)
        {
            id = next(id);
        }
        Ok(id)
    }

    /// The id of what the request creates. It follows from caller, route and key, so that all
    /// repeats of it meet at one owner.
    #[must_use]
    pub fn created_id(&self, engine: &Engine) -> Id {
        let Some(held) = &self.0 else {
            return engine.id();
        };
        let mut bytes = [0; 12];
        bytes.copy_from_slice(&held.key[..12]);
        Id::from_bytes(bytes)
    }
}

/// The id in the place of one that was given away.
fn next(id: Id) -> Id {
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&Sha256::digest(id.bytes())[..12]);
    Id::from_bytes(bytes)
}

impl InFlight {
    fn hold(&self, key: Scoped) -> Option<Held> {
        let in_flight = self.clone();
        self.0.insert(key).then(|| Held { key, in_flight })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.in_flight.0.remove(&self.key);
    }
}

async fn hold(request: HttpRequest) -> Result<Idempotency, Problem> {
    let Some(key) = request.headers().get(HEADER) else {
        return Ok(Idempotency(None));
    };
    let key = key.as_bytes();
    if !(1..=LONGEST).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
        let why = "An idempotency key has 1 to 255 visible characters.";
        return Err(Fault::Malformed(why.into()).into());
    }
    let caller = caller::of(&request).await?;
    let Some(web) = request.app_data::<Data<Web>>() else {
        return Err(Fault::Broken("a route without the shared state".into()).into());
    };
    let held = web.in_flight.hold(scoped(caller.id(), &request, key));
    Ok(Idempotency(Some(held.ok_or(Fault::InFlight)?)))
}

fn scoped(caller: Option<Id>, request: &HttpRequest, key: &[u8]) -> Scoped {
    let mut digest = Sha256::new();
    let caller = caller.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
    for part in [caller.as_str(), request.method().as_str(), request.path()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(key);
    digest.finalize().into()
}

impl FromRequest for Idempotency {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, admitted) = (request.clone(), caller::admission(request));
        async move {
            admitted.await?;
            hold(request).await
        }
        .boxed_local()
    }
}
