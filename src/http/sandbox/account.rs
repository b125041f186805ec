//! Who may use the sandbox: its API whoever has the key, the buyer's side of it everybody.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::refusal::No;
use crate::actors::sandbox::Sandbox;
use crate::http::state::Web;
use crate::services::payments::razorpay::Keys;

/// The sandbox, for everybody.
#[derive(Clone)]
pub struct Open(pub Sandbox);

/// The sandbox, for whoever has the key.
#[derive(Clone)]
pub struct Account(pub Sandbox);

fn sandbox(request: &HttpRequest) -> Result<Sandbox, No> {
    let web = request.app_data::<Data<Web>>().ok_or(No::Trouble)?;
    web.sandbox.clone().ok_or(No::NoSandbox)
}

impl FromRequest for Open {
    type Error = No;
    type Future = Ready<Result<Self, No>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(sandbox(request).map(Self))
    }
}

impl FromRequest for Account {
    type Error = No;
    type Future = Ready<Result<Self, No>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(sandbox(request).and_then(|sandbox| {
            if has_key(request, sandbox.keys()) {
                Ok(Self(sandbox))
            } else {
                Err(No::WrongKey)
            }
        }))
    }
}

fn has_key(request: &HttpRequest, keys: &Keys) -> bool {
    let given = request.headers().get(AUTHORIZATION);
    let given = given.and_then(|given| given.to_str().ok()?.strip_prefix("Basic "));
    let right = format!("{}:{}", keys.id, keys.secret.expose_secret());
    given.is_some_and(|given| given == STANDARD.encode(right))
}
