//! One connection: let in, inside, and gone.

use std::sync::Arc;

use actix::Addr;
use parking_lot::Mutex;

use super::Assistant;
use super::frame::{Frame, Inbound, Said, Speaker, Status};
use super::outlet::{Farewell, Outlet};
use super::pace::{Flood, Pace};
use super::rooms::Place;
use super::session::{Heard, Session};
use crate::domain::conversation::{Command, Conversation, News, Turn};

/// How people on a connection say yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// By a frame that names the question.
    Frames,
    /// In words, to the question just asked.
    Words,
}

/// Somebody who was let in. Dropping it leaves.
pub struct Arrival {
    assistant: Assistant,
    place: Place,
    manner: Manner,
    so_far: Option<Conversation>,
}

/// Somebody who is inside. Dropping it leaves; a call that is being made is brought to its end.
pub struct Seat {
    assistant: Assistant,
    place: Place,
    manner: Manner,
    outlet: Arc<dyn Outlet>,
    /// There is none until the first frame comes: most connections are silent most of the time.
    session: Mutex<Option<Addr<Session>>>,
    pace: Pace,
}

impl Arrival {
    pub(super) fn new(
        assistant: Assistant,
        place: Place,
        manner: Manner,
        so_far: Option<Conversation>,
    ) -> Self {
        Self {
            assistant,
            place,
            manner,
            so_far,
        }
    }

    /// Goes inside. What there is to know is told at once. To be called on an actix system.
    pub fn enter(mut self, outlet: Arc<dyn Outlet>) -> Seat {
        let tell = |frame| outlet.tell(&Arc::new(frame));
        tell(self.ready());
        let missed = self.place.enter(Arc::clone(&outlet));
        for frame in self.news() {
            tell(frame);
        }
        self.look_after(Arc::clone(&outlet), missed);
        Seat {
            assistant: self.assistant,
            place: self.place,
            manner: self.manner,
            outlet,
            session: Mutex::default(),
            pace: Pace::default(),
        }
    }

    fn ready(&self) -> Frame {
        let turns = self.so_far.as_ref().map_or(&[][..], Conversation::turns);
        Frame::Status {
            status: Status::Ready,
            text: format!("The assistant is here ({}).", self.assistant.0.model.name()),
            history: turns.iter().filter_map(said).collect(),
        }
    }

    /// What was done and nobody was there to hear of it, and the question that still stands: in
    /// words too where a word is a yes to it, since nobody may agree to what he was not shown.
    fn news(&self) -> Vec<Frame> {
        let (user, parts) = (self.place.person.id, &self.assistant.0);
        let news = self.assistant.news_of(user, self.so_far.as_ref());
        let asked = parts.rooms.asked(user, self.assistant.engine().clock.now());
        let news = news.map(|(text, _)| Frame::Message { text });
        let asked = asked.into_iter().flat_map(|asked| {
            let text = asked.question.clone();
            let words = (self.manner == Manner::Words).then_some(Frame::Message { text });
            words.into_iter().chain([asked.frame()])
        });
        news.into_iter().chain(asked).collect()
    }

    /// What can wait until the connection stands: whether the news arrive, and a session that ended in
    /// this moment is not overlooked. Nor is what was said between the look at the store and the way in:
    /// then there is to be told what is new by now.
    fn look_after(&self, outlet: Arc<dyn Outlet>, missed: bool) {
        let (assistant, person) = (self.assistant.clone(), self.place.person);
        let told = assistant.news_of(person.id, self.so_far.as_ref());
        let waits = self.so_far.as_ref().and_then(|so_far| assistant.patience(so_far));
        actix_rt::spawn(async move {
            // Where the store does not say, the next frame asks it again.
            let _ = assistant.show_out_if_over(&person).await;
            let mut told = told.map(|(_, news)| news);
            if missed
                && let Ok(so_far) = assistant.read(person.id).await
                && let Some((text, news)) = assistant.news_of(person.id, so_far.as_ref())
                && told != Some(news)
            {
                outlet.tell(&Arc::new(Frame::Message { text }));
                told = Some(news);
            }
            if let Some(news) = told {
                outlet.prove(news);
            }
            if let Some(patience) = waits {
                let waits = Arc::downgrade(&outlet);
                drop(outlet); // whoever waits keeps no connection that is gone
                assistant.settle_later(person, waits, patience).await;
            }
        });
    }
}

impl Seat {
    /// Takes a frame from the user. It is answered through the outlet.
    ///
    /// # Errors
    /// When there are more than anybody can mean: the connection is to be closed.
    pub fn hear(&self, inbound: Inbound) -> Result<(), Flood> {
        self.keep_pace()?;
        if self.is_over() {
            self.outlet.close(Farewell::SignedOut);
            return Ok(());
        }
        let mut session = self.session.lock();
        let session = session.get_or_insert_with(|| self.open());
        session.do_send(Heard(inbound));
        Ok(())
    }

    /// Takes a frame that could not be read. The user is told, and it counts like any other.
    ///
    /// # Errors
    /// As [`Seat::hear`].
    pub fn puzzled(&self, answer: Frame) -> Result<(), Flood> {
        self.keep_pace()?;
        self.outlet.tell(&Arc::new(answer));
        Ok(())
    }

    /// The client has proved that these news got there. To be called on an actix system.
    pub fn heard(&self, news: News) {
        let (assistant, user) = (self.assistant.clone(), self.place.person.id);
        actix_rt::spawn(async move {
            // If it fails they are told once more.
            let _ = assistant.tell(user, Command::Heard(news)).await;
        });
    }

    /// Whether the token of the connection has come to its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.assistant.engine().clock.now() >= self.place.person.until
    }

    fn open(&self) -> Addr<Session> {
        let (assistant, person, manner) = (self.assistant.clone(), self.place.person, self.manner);
        let outlet = Arc::clone(&self.outlet);
        let stage = &self.assistant.engine().stage;
        stage.start(self.place.number, move || {
            Session::new(assistant, person, manner, outlet)
        })
    }

    /// Counts a frame. [`Seat::hear`] and [`Seat::puzzled`] do so by themselves; what a transport
    /// answers without them it counts here.
    ///
    /// # Errors
    /// As [`Seat::hear`].
    pub fn keep_pace(&self) -> Result<(), Flood> {
        self.pace.keep(&self.assistant)
    }
}

/// What people said to each other; calls are the machine's own business.
fn said(turn: &Turn) -> Option<Said> {
    let (role, text) = match turn {
        Turn::User { text } => (Speaker::User, text),
        Turn::Model { text, .. } if !text.is_empty() => (Speaker::Assistant, text),
        Turn::Model { .. } | Turn::Results { .. } => return None,
    };
    let text = text.clone();
    Some(Said { role, text })
}
