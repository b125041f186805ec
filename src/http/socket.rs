//! The WebSocket of the assistant. It and that of Socket.IO are the two files that know
//! actix-web-actors, whose authors point to actix-ws instead; to change over, `open` becomes
//! `actix_ws::handle`, `Wire` holds its `Session`, and a loop over its `MessageStream` does what
//! the handlers here do. Nothing else knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix::{Actor, ActorContext, Addr, AsyncContext, Handler, Message, StreamHandler};
use actix_http::ws::Item;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, CloseCode, CloseReason, ProtocolError, WebsocketContext};
use bytes::Bytes;

use super::fault::Fault;
use super::heartbeat::{self, Beating};
use super::parts::{Parts, Unfit};
use super::problem::Problem;
use super::state::Web;
use crate::actors::assistant::{Arrival, Farewell, Flood, Frame, Inbound, Outlet, Seat};
use crate::domain::conversation::News;

/// The largest frame and the longest message, in bytes.
const MESSAGE_MAX: usize = 64 * 1024;
/// So many frames wait for a client that reads slowly.
const WAITING_MAX: usize = 256;

/// One connection.
pub(super) struct Socket {
    arrival: Option<Arrival>,
    seat: Option<Seat>,
    web: Data<Web>,
    waiting: Arc<AtomicUsize>,
    /// Whether the client has given a sign of life since it was last asked for one.
    alive: bool,
    /// What the client has to prove that it got.
    unproved: Option<News>,
    parts: Parts,
}

/// The way out to a socket.
struct Wire {
    socket: Addr<Socket>,
    waiting: Arc<AtomicUsize>,
    given_up: AtomicBool,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Post(Arc<Frame>);

#[derive(Message)]
#[rtype(result = "()")]
struct Prove(News);

#[derive(Message)]
#[rtype(result = "()")]
struct Leave(Farewell);

/// Time to ask for a sign of life.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Beat;

/// Whether a request wants a socket at all.
pub(super) fn expected(request: &HttpRequest) -> Result<(), Problem> {
    match ws::handshake(request) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::Malformed(format!("This is no WebSocket handshake: {error}")).into()),
    }
}

/// Opens the socket.
pub(super) fn open(
    request: &HttpRequest,
    payload: Payload,
    web: &Data<Web>,
    arrival: Arrival,
) -> Result<HttpResponse, Problem> {
    let socket = Socket {
        arrival: Some(arrival),
        seat: None,
        web: web.clone(),
        waiting: Arc::default(),
        alive: true,
        unproved: None,
        parts: Parts::default(),
    };
    let builder = ws::WsResponseBuilder::new(socket, request, payload).frame_size(MESSAGE_MAX);
    let opened = builder.start();
    opened.map_err(|error| Fault::Malformed(format!("This is no WebSocket handshake: {error}")).into())
}

type Context = WebsocketContext<Socket>;

impl Actor for Socket {
    type Context = Context;

    fn started(&mut self, context: &mut Context) {
        let wire = Wire {
            socket: context.address(),
            waiting: Arc::clone(&self.waiting),
            given_up: AtomicBool::new(false),
        };
        self.seat = self.arrival.take().map(|arrival| arrival.enter(Arc::new(wire)));
        heartbeat::join(&self.web, context.address());
    }
}

impl Socket {
    fn hear(&mut self, text: &str, context: &mut Context) {
        let Some(seat) = &self.seat else { return };
        let heard = match Inbound::read(text) {
            Ok(inbound) => seat.hear(inbound),
            Err(answer) => seat.puzzled(answer),
        };
        if let Err(Flood) = heard {
            leave(context, Farewell::Flood);
        }
    }

    /// A message in several frames is taken as one, within the same bound. Those that do not end
    /// it count like any other frame.
    fn gather(&mut self, item: Item, context: &mut Context) {
        match self.parts.take(item, MESSAGE_MAX) {
            Ok(Some(text)) => self.hear(&text, context),
            Ok(None) if self.is_flooded() => leave(context, Farewell::Flood),
            Ok(None) => {}
            Err(unfit) => refuse(context, unfit),
        }
    }

    /// A client answers the pings in turn and with their own bytes, so it got all that came before one.
    fn proved(&mut self, mark: &[u8]) {
        let proved = self.unproved.take_if(|news| marked(*news) == mark);
        if let (Some(news), Some(seat)) = (proved, &self.seat) {
            seat.heard(news);
        }
    }

    /// Counts a frame that says nothing, and says whether there were too many.
    fn is_flooded(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.keep_pace().is_err())
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ProtocolError>, context: &mut Context) {
        self.alive = true;
        match message {
            Ok(ws::Message::Text(text)) => self.hear(&text, context),
            Ok(ws::Message::Ping(_) | ws::Message::Pong(_)) if self.is_flooded() => {
                leave(context, Farewell::Flood);
            }
            Ok(ws::Message::Ping(bytes)) => context.pong(&bytes),
            Ok(ws::Message::Pong(mark)) => self.proved(&mark),
            Ok(ws::Message::Nop) => {}
            Ok(ws::Message::Continuation(item)) => self.gather(item, context),
            Ok(ws::Message::Binary(_)) => refuse(context, Unfit::Bytes),
            Ok(ws::Message::Close(reason)) => {
                context.close(reason);
                context.stop();
            }
            Err(ProtocolError::Overflow) => refuse(context, Unfit::TooLong),
            // The only text that the codec does not give us is one that is none.
            Err(ProtocolError::Io(_)) => refuse(context, Unfit::NoText),
            Err(error) => close(context, CloseCode::Protocol, &error.to_string()),
        }
    }
}

impl Handler<Post> for Socket {
    type Result = ();

    fn handle(&mut self, Post(frame): Post, context: &mut Context) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        context.text(frame.to_json());
    }
}

impl Handler<Prove> for Socket {
    type Result = ();

    fn handle(&mut self, Prove(news): Prove, context: &mut Context) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.unproved = Some(news);
        context.ping(&marked(news));
    }
}

impl Handler<Leave> for Socket {
    type Result = ();

    fn handle(&mut self, Leave(why): Leave, context: &mut Context) {
        leave(context, why);
    }
}

impl Handler<Beat> for Socket {
    type Result = ();

    fn handle(&mut self, _: Beat, context: &mut Context) {
        if self.seat.as_ref().is_some_and(Seat::is_over) {
            leave(context, Farewell::SignedOut);
        } else if self.alive {
            self.alive = false;
            context.ping(&Bytes::new());
        } else {
            leave(context, Farewell::TooSlow);
        }
    }
}

impl Beating for Addr<Socket> {
    fn beat(&self) -> bool {
        self.connected() && {
            self.do_send(Beat);
            true
        }
    }

    fn stop(&self) {
        self.do_send(Leave(Farewell::Stopping));
    }
}

impl Outlet for Wire {
    /// A client that does not read keeps its socket from looking into its mailbox, so the bound
    /// is kept here: what is too much is not even put there.
    fn tell(&self, frame: &Arc<Frame>) {
        if self.has_room() {
            self.socket.do_send(Post(Arc::clone(frame)));
        }
    }

    fn prove(&self, news: News) {
        if self.has_room() {
            self.socket.do_send(Prove(news));
        }
    }

    fn close(&self, why: Farewell) {
        if !self.given_up.swap(true, Ordering::Relaxed) {
            self.socket.do_send(Leave(why));
        }
    }
}

impl Wire {
    fn has_room(&self) -> bool {
        if self.given_up.load(Ordering::Relaxed) {
            return false;
        }
        let has_room = self.waiting.fetch_add(1, Ordering::Relaxed) < WAITING_MAX;
        if !has_room {
            self.close(Farewell::TooSlow);
        }
        has_room
    }
}

/// The bytes of a ping that proves these news.
fn marked(news: News) -> Bytes {
    Bytes::copy_from_slice(&news.number().to_be_bytes())
}

fn leave(context: &mut Context, why: Farewell) {
    let code = match why {
        Farewell::SignedOut | Farewell::Flood => CloseCode::Policy,
        Farewell::TooSlow => CloseCode::Again,
        Farewell::Stopping => CloseCode::Away,
    };
    close(context, code, why.reason());
}

fn refuse(context: &mut Context, unfit: Unfit) {
    close(context, unfit.code(), unfit.reason());
}

fn close(context: &mut Context, code: CloseCode, why: &str) {
    context.close(Some(CloseReason {
        code,
        description: Some(why.to_owned()),
    }));
    context.stop();
}
