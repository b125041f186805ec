//! What every request goes through on its way in, and every answer on its way out.

pub mod access_log;
pub mod admission;
pub mod catch_panic;
pub mod cors;
pub mod deadline;
pub mod goodbye;
pub mod head;
pub mod measure;
pub mod origin;
pub mod request_id;
pub mod security_headers;
pub mod seed_paths;
pub mod uncompressed;
pub mod unread;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{Error, HttpResponse};

/// What a request came to: an answer, or an error that becomes one, since after a panic the
/// request that an answer goes with is lost.
pub type Outcome = Result<ServiceResponse<BoxBody>, Error>;

/// Adds headers to what is answered, error or not.
fn with_headers(outcome: Outcome, add: impl FnOnce(&mut HeaderMap)) -> Outcome {
    with_answer(outcome, |answer| add(answer.headers_mut()))
}

/// Changes what is answered, error or not.
fn with_answer(outcome: Outcome, change: impl FnOnce(&mut HttpResponse)) -> Outcome {
    match outcome {
        Ok(mut response) => {
            change(response.response_mut());
            Ok(response)
        }
        Err(error) => {
            let mut response: HttpResponse = error.error_response();
            change(&mut response);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    }
}
