//! The actor of one connection that has something to say. It keeps nothing that a restart could
//! lose: the conversation is in the store, and who is at work stands in the room.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix::{Actor, Context, Handler, Message, Supervised};
use futures_util::FutureExt;
use tracing::error;

use super::Assistant;
use super::exchange::Exchange;
use super::frame::{Frame, Inbound, Status};
use super::outlet::Outlet;
use super::person::Person;
use super::rooms::{Asked, Rooms, Work};
use super::seat::Manner;
use crate::domain::time::Timestamp;

/// The actor.
pub(super) struct Session {
    assistant: Assistant,
    person: Person,
    manner: Manner,
    outlet: Arc<dyn Outlet>,
}

/// A frame from the user.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Heard(pub(super) Inbound);

/// What the user wants answered.
enum Wish {
    Said(String),
    Decided(Box<Asked>, bool),
}

impl Session {
    pub(super) fn new(assistant: Assistant, person: Person, manner: Manner, outlet: Arc<dyn Outlet>) -> Self {
        Self {
            assistant,
            person,
            manner,
            outlet,
        }
    }

    fn hear(&self, inbound: Inbound) -> Result<(), Frame> {
        match inbound {
            Inbound::Message { text } => self.said(text),
            Inbound::Confirm { call_id, accept } => self.decided(&call_id, accept),
            Inbound::Cancel => self.cancelled(),
        }
    }

    fn said(&self, text: String) -> Result<(), Frame> {
        if let Some(asked) = self.rooms().asked(self.person.id, self.now()) {
            let accept = is_yes(&text);
            if self.manner == Manner::Words && (accept || is_no(&text)) {
                return self.decided(&asked.nonce, accept);
            }
            // Whatever else is said, and wherever, is no answer, and the question is over: a yes
            // that comes later would be to something that was talked away meanwhile.
            self.rooms().answered(self.person.id, &asked.nonce, self.now());
        }
        self.work(Wish::Said(text))
    }

    fn decided(&self, nonce: &str, accept: bool) -> Result<(), Frame> {
        let work = self.begin()?;
        let asked = self.rooms().answered(self.person.id, nonce, self.now());
        let asked = asked.ok_or_else(|| {
            let why = "There is no such question to you, or it is over. Nothing was done.";
            Frame::error("unknown_call", why)
        })?;
        self.start(work, Wish::Decided(Box::new(asked), accept));
        Ok(())
    }

    fn cancelled(&self) -> Result<(), Frame> {
        if self.rooms().cancel(self.person.id) {
            return Ok(());
        }
        Err(Frame::error("nothing_to_cancel", "No answer is being worked on."))
    }

    fn work(&self, wish: Wish) -> Result<(), Frame> {
        let work = self.begin()?;
        self.start(work, wish);
        Ok(())
    }

    fn begin(&self) -> Result<Work, Frame> {
        self.rooms().begin(self.person.id).ok_or_else(|| {
            let why = "The last answer is still being worked on. Wait for it, or cancel it.";
            Frame::error("busy", why)
        })
    }

    /// A panic costs this answer, and a restart of the actor costs none: the work is a task of its
    /// own, so that a call which is being made is brought to its end.
    fn start(&self, work: Work, wish: Wish) {
        let (assistant, person) = (self.assistant.clone(), self.person);
        actix_rt::spawn(async move {
            let exchange = Exchange::new(assistant.clone(), person, work);
            let answering = async move {
                match (exchange.begin().await, wish) {
                    (None, _) => {}
                    (Some(exchange), Wish::Said(text)) => exchange.said(text).await,
                    (Some(exchange), Wish::Decided(asked, accept)) => exchange.decided(*asked, accept).await,
                }
            };
            if AssertUnwindSafe(answering).catch_unwind().await.is_err() {
                error!(user = %person.id, "the assistant panicked");
                let why = "Something went wrong on our side.";
                assistant.0.rooms.tell(person.id, Frame::error("internal", why));
                let ready = Frame::status(Status::Ready, "Ready.");
                assistant.0.rooms.tell(person.id, ready);
            }
        });
    }

    fn rooms(&self) -> &Arc<Rooms> {
        &self.assistant.0.rooms
    }

    fn now(&self) -> Timestamp {
        self.assistant.engine().clock.now()
    }
}

/// A yes is short and nothing but a yes.
fn is_yes(text: &str) -> bool {
    let words = [
        "yes",
        "y",
        "yes please",
        "ok",
        "okay",
        "confirm",
        "sure",
        "do it",
        "go ahead",
    ];
    words.contains(&bare(text).as_str())
}

fn is_no(text: &str) -> bool {
    let words = [
        "no",
        "n",
        "no thanks",
        "nope",
        "cancel",
        "stop",
        "don't",
        "no thank you",
    ];
    words.contains(&bare(text).as_str())
}

fn bare(text: &str) -> String {
    let mark = |letter: char| letter.is_whitespace() || matches!(letter, '.' | '!' | ',');
    text.trim_matches(mark).replace(',', "").to_lowercase()
}

impl Actor for Session {
    type Context = Context<Self>;
}

impl Supervised for Session {}

impl Handler<Heard> for Session {
    type Result = ();

    fn handle(&mut self, Heard(inbound): Heard, _: &mut Context<Self>) {
        if let Err(complaint) = self.hear(inbound) {
            self.outlet.tell(&Arc::new(complaint));
        }
    }
}
