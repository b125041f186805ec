//! The query of a request, read like a body: every bad field is named.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde_json::{Map, Value};

use super::caller;
use super::fault::Fault;
use super::fields::{self, Input};
use super::problem::Problem;

/// What stands behind the question mark.
#[derive(Debug)]
pub struct Query<T>(pub T);

fn read<T: Input>(request: &HttpRequest) -> Result<T, Fault> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
        .map_err(|error| Fault::Malformed(format!("The query cannot be read: {error}.")))?;
    let fields: Map<String, Value> = pairs
        .into_inner()
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    fields::read_asked(&Value::Object(fields), request.path()).map_err(Fault::Invalid)
}

impl<T: Input> FromRequest for Query<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, admitted) = (request.clone(), caller::admission(request));
        async move {
            admitted.await?;
            Ok(Self(read(&request)?))
        }
        .boxed_local()
    }
}
