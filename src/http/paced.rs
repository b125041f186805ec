//! Routes where asking often means guessing, or costs us a password hash, are asked at a pace.

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::caller;
use super::client_address::ClientAddress;
use super::fault::Fault;
use super::problem::Problem;
use super::state::Web;
use crate::domain::account::Role;

/// A caller who has not asked too often, and the address he asks from. It stands before the body
/// among the arguments of a handler, so that the body of a hasty caller is not even read.
#[derive(Debug, Clone, Copy)]
pub struct Paced(pub ClientAddress);

async fn pace(request: HttpRequest) -> Result<Paced, Problem> {
    let Some(web) = request.app_data::<Data<Web>>() else {
        return Err(Fault::Broken("a route without the shared state".into()).into());
    };
    let address = ClientAddress::of(&request, &web.config.server.trusted_proxies);
    let caller = caller::of(&request).await?.0;
    if caller.as_ref().is_some_and(|claims| claims.role == Role::Admin) {
        return Ok(Paced(address)); // who may bring in hundreds of people at once
    }
    web.limiter.sign_in_from(address.0).await?;
    if let Some(claims) = caller {
        web.limiter.sign_in_of(claims.id).await?;
    }
    Ok(Paced(address))
}

impl FromRequest for Paced {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        caller::admit(request, pace(request.clone()))
    }
}
