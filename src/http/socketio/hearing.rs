//! What is made of the packets of a client, whatever carried them: it is let in or refused, and
//! what it says is said to the assistant.

use std::sync::Arc;

use actix_web::web::Data;
use serde_json::Value;

use super::message::{self, Message};
use super::packet::Packet;
use super::session::Session;
use crate::actors::assistant::{Farewell, Flood, Frame, Manner, Outlet, Person};
use crate::domain::conversation::News;
use crate::http::state::Web;

/// The client does not speak as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nonsense;

/// The way out to a session. The seat that holds it is the session's own.
struct Way(std::sync::Weak<Session>);

impl Outlet for Way {
    fn tell(&self, frame: &Arc<Frame>) {
        if let (Some(session), Some(event)) = (self.0.upgrade(), message::event(frame)) {
            session.tell(event);
        }
    }

    fn prove(&self, news: News) {
        if let Some(session) = self.0.upgrade() {
            session.prove(news);
        }
    }

    fn close(&self, why: Farewell) {
        if let Some(session) = self.0.upgrade() {
            session.say_goodbye(why);
        }
    }
}

/// Takes a packet of a session that has begun.
pub(super) fn hear(session: &Arc<Session>, packet: Packet, web: &Data<Web>) -> Result<(), Nonsense> {
    if session.keep_pace(&web.assistant).is_err() {
        session.say_goodbye(Farewell::Flood);
        return Ok(());
    }
    match packet {
        Packet::Message(text) => {
            let message = Message::read(&text).map_err(|_| Nonsense)?;
            take(session, message, web)?;
        }
        Packet::Pong(_) => {
            if let (Some(news), Some(seat)) = (session.proved(), session.seat()) {
                seat.heard(news);
            }
        }
        Packet::Noop => {}
        Packet::Close => session.forget(),
        Packet::Open(_) | Packet::Ping(_) | Packet::Upgrade => return Err(Nonsense),
    }
    session.lives();
    Ok(())
}

fn take(session: &Arc<Session>, message: Message, web: &Data<Web>) -> Result<(), Nonsense> {
    match message {
        Message::Connect(told) => knock(session, &told, web),
        Message::Disconnect => {
            session.stand_up();
            Ok(())
        }
        Message::Event { told, id } => event(session, &told, id),
        Message::Ack => Ok(()),
        Message::Elsewhere(namespace) => {
            session.tell(message::no_such(&namespace));
            Ok(())
        }
    }
}

fn event(session: &Session, told: &[Value], id: Option<u64>) -> Result<(), Nonsense> {
    let seat = session.seat().ok_or(Nonsense)?;
    let heard = match message::said(told) {
        Ok(inbound) => seat.hear(inbound),
        Err(answer) => seat.puzzled(answer),
    };
    match (heard, id) {
        (Err(Flood), _) => session.say_goodbye(Farewell::Flood),
        (Ok(()), Some(id)) => session.tell(message::ack(id)),
        (Ok(()), None) => {}
    }
    Ok(())
}

/// Asks who it is, beside whatever else comes, and lets him in.
fn knock(session: &Arc<Session>, told: &Value, web: &Data<Web>) -> Result<(), Nonsense> {
    if !session.knock() {
        return Err(Nonsense);
    }
    let token = match told.get("token") {
        None | Some(Value::Null) => session.token().map(str::to_owned),
        // What is no text is no token of ours either.
        Some(token) => Some(token.as_str().unwrap_or("-").to_owned()),
    };
    let (session, web) = (Arc::clone(session), web.clone());
    actix_rt::spawn(async move {
        if let Err(why) = let_in(&session, token, &web).await {
            let stays = session.stay_outside();
            session.tell(message::refusal(&why));
            if !stays {
                session.end();
            }
        }
    });
    Ok(())
}

async fn let_in(session: &Arc<Session>, token: Option<String>, web: &Web) -> Result<(), String> {
    let person = person(token, web).await?;
    let arrival = web.assistant.admit(person, Manner::Words).await;
    let arrival = arrival.map_err(|why| why.to_string())?;
    session.tell(message::welcome(&hex::encode(rand::random::<[u8; 10]>())));
    session.sit_down(arrival.enter(Arc::new(Way(Arc::downgrade(session)))));
    Ok(())
}

/// Whose token it is. The clients know these sentences.
async fn person(token: Option<String>, web: &Web) -> Result<Person, String> {
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or("Token not provided")?;
    let claims = web.tokens.verify(&token).map_err(|_| "Invalid token")?;
    match web.sessions.is_live(&claims).await {
        Ok(true) => Ok(Person::from(&claims)),
        Ok(false) => Err("Invalid token".into()),
        Err(_) => Err("The shop cannot tell at the moment who you are. Please try again.".into()),
    }
}
