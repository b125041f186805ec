//! A body that nobody wants to the end, sent in chunks, may have no end. So its connection is
//! closed with the answer, where the server would otherwise swallow whatever else comes.

use std::cell::RefCell;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpResponse};
use futures_util::StreamExt;
use futures_util::stream::poll_fn;

use super::{Outcome, with_answer};

/// An answer that holds the body of its request. The server closes a connection after an answer
/// when somebody holds a body with more to come, and swallows the rest when nobody does.
struct Holding {
    answer: BoxBody,
    _unread: Rc<RefCell<Payload>>,
}

/// Closes the connection of a request whose body was not read to its end.
///
/// # Errors
/// Those of the services behind it.
pub async fn close(mut request: ServiceRequest, next: Next<BoxBody>) -> Outcome {
    if !request.headers().contains_key(TRANSFER_ENCODING) {
        return next.call(request).await; // the server closes by itself what has a length
    }
    let unread = Rc::new(RefCell::new(request.take_payload()));
    let read = Rc::clone(&unread);
    let chunks = poll_fn(move |context| read.borrow_mut().poll_next_unpin(context));
    request.set_payload(Payload::Stream {
        payload: Box::pin(chunks),
    });
    let outcome = next.call(request).await;
    with_answer(outcome, |response| {
        let answered = mem::replace(response, HttpResponse::Ok().finish());
        let held = |_: &mut _, answer| Holding {
            answer,
            _unread: unread,
        };
        *response = answered.map_body(held).map_into_boxed_body();
    })
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
