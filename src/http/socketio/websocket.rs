//! A session over a WebSocket: from its beginning, or taking over from polling.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Handler, Message, StreamHandler};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, CloseCode, ProtocolError, WebsocketContext};

use super::refused::Refused;
use super::session::Session;
use super::{MESSAGE_MAX, hearing};
use crate::actors::assistant::Farewell;
use crate::http::parts::Parts;
use crate::http::socketio::packet::Packet;
use crate::http::state::Web;

/// So long may a socket take to take over.
const UPGRADE: Duration = Duration::from_secs(10);
/// What is asked and answered to see whether the socket carries.
const PROBE: &str = "probe";

/// There is something to send.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Wake;

/// One connection.
pub(super) struct Socket {
    session: Arc<Session>,
    web: Data<Web>,
    stage: Stage,
    parts: Parts,
}

/// How far a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The session polls.
    Polling,
    /// The same, and the socket is being tried.
    Probing,
    /// The session is carried by it.
    Carrying,
}

type Context = WebsocketContext<Socket>;

/// Opens a socket for a session.
pub(super) fn open(
    request: &HttpRequest,
    payload: Payload,
    web: &Data<Web>,
    session: &Arc<Session>,
    stage: Stage,
) -> Result<HttpResponse, Refused> {
    let socket = Socket {
        session: Arc::clone(session),
        web: web.clone(),
        stage,
        parts: Parts::default(),
    };
    let builder = ws::WsResponseBuilder::new(socket, request, payload).frame_size(MESSAGE_MAX);
    builder.start().map_err(|_| Refused::BadRequest)
}

impl Actor for Socket {
    type Context = Context;

    fn started(&mut self, context: &mut Context) {
        if self.stage == Stage::Carrying {
            self.session.carry(context.address().recipient());
        } else {
            // No longer than until the next sign of life, where those are asked for more often.
            let patience = UPGRADE.min(self.web.config.assistant.heartbeat);
            context.run_later(patience, |socket, context| {
                if socket.stage != Stage::Carrying {
                    close(context, CloseCode::Policy);
                }
            });
        }
    }

    fn stopped(&mut self, _: &mut Context) {
        match self.stage {
            Stage::Polling => {}
            Stage::Probing => self.session.give_up_probe(),
            Stage::Carrying => self.session.forget(),
        }
    }
}

impl Socket {
    fn hear(&mut self, text: &str, context: &mut Context) {
        let taken = Packet::read(text).ok().is_some_and(|packet| match self.stage {
            Stage::Carrying => hearing::hear(&self.session, packet, &self.web).is_ok(),
            Stage::Polling | Stage::Probing => self.take_over(&packet, context),
        });
        if !taken {
            close(context, CloseCode::Policy);
        }
    }

    /// Counts a frame that says nothing, and says whether there were too many.
    fn is_flooded(&self) -> bool {
        self.session.keep_pace(&self.web.assistant).is_err()
    }

    /// Does a step on the way from polling. False when it is none.
    fn take_over(&mut self, packet: &Packet, context: &mut Context) -> bool {
        match (self.stage, packet) {
            (Stage::Polling, Packet::Ping(probe)) if probe == PROBE => {
                if self.session.probe().is_err() {
                    return false;
                }
                self.stage = Stage::Probing;
                context.text(Packet::Pong(PROBE.into()).text());
                true
            }
            (Stage::Probing, Packet::Upgrade) => {
                self.stage = Stage::Carrying;
                self.session.carry(context.address().recipient());
                true
            }
            _ => false,
        }
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(&mut self, message: Result<ws::Message, ProtocolError>, context: &mut Context) {
        match message {
            Ok(ws::Message::Text(text)) => self.hear(&text, context),
            Ok(ws::Message::Ping(_) | ws::Message::Pong(_)) if self.is_flooded() => {
                self.session.say_goodbye(Farewell::Flood);
            }
            Ok(ws::Message::Ping(bytes)) => context.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            // The clients of Socket.IO send a packet in one frame; what stands between may not.
            Ok(ws::Message::Continuation(item)) => match self.parts.take(item, MESSAGE_MAX) {
                Ok(Some(text)) => self.hear(&text, context),
                Ok(None) if self.is_flooded() => self.session.say_goodbye(Farewell::Flood),
                Ok(None) => {}
                Err(unfit) => close(context, unfit.code()),
            },
            // We have no use for bytes.
            Ok(ws::Message::Binary(_)) => close(context, CloseCode::Unsupported),
            Ok(ws::Message::Close(reason)) => {
                context.close(reason);
                context.stop();
            }
            Err(ProtocolError::Overflow) => close(context, CloseCode::Size),
            Err(_) => close(context, CloseCode::Protocol),
        }
    }
}

impl Handler<Wake> for Socket {
    type Result = ();

    fn handle(&mut self, _: Wake, context: &mut Context) {
        let (packets, is_all) = self.session.take();
        for packet in packets {
            context.text(packet.text());
        }
        if is_all {
            close(context, CloseCode::Normal);
        }
    }
}

fn close(context: &mut Context, code: CloseCode) {
    context.close(Some(code.into()));
    context.stop();
}
