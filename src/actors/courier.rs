//! The courier: the one who has the letters that go out. He looks which are due, hands each to a
//! line to the outside, and writes down what became of it.
//!
//! A line is at home here or out with a letter, never both; it comes back as a message. So a
//! server that hangs over one letter takes one line for a while, and the others go on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, Supervised};
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::ask::AskError;
use super::due;
use super::letters::Letters;
use super::post::Post;
use crate::domain::id::Id;
use crate::domain::letter::{Command, LETTERS, Letter, Miss, State};
use crate::services::mail::{Line, Unsent};
use crate::store::Unavailable;

/// So many letters are on their way side by side.
const LINES: usize = 4;
/// What could not be looked at or written down is tried again after this.
const AGAIN: Duration = Duration::from_millis(500);
/// So often the courier tries to write down what became of a letter.
const WRITES_MAX: usize = 5;
/// What another runtime has written is found out after this at the latest,
const LOOK_AROUND: Duration = Duration::from_secs(1);
/// and on a store of one's own nothing comes up that the alarm was not set to.
const LOOK_AROUND_ALONE: Duration = Duration::from_mins(1);
/// So long a stop waits for the letters that are on their way.
const GRACE: Duration = Duration::from_secs(2);

/// The way to the courier.
#[derive(Clone)]
pub struct Courier(Addr<Desk>);

/// Where the courier works.
struct Desk {
    letters: Letters,
    post: Arc<Post>,
    home: Vec<Line>,
    /// What is under way: looks, letters, and the bell.
    tasks: JoinSet<()>,
    looking: bool,
    /// It rang during a look, which may have missed something.
    missed: bool,
    /// Whether nobody goes out any more,
    closing: bool,
    /// and who is told when all are back.
    waits: Option<oneshot::Sender<()>>,
}

/// There may be letters to send.
#[derive(Message)]
#[rtype(result = "()")]
struct Ring;

/// These letters are due.
#[derive(Message)]
#[rtype(result = "()")]
struct Found(Result<Vec<Id>, Unavailable>);

/// A line is back.
#[derive(Message)]
#[rtype(result = "()")]
struct Back(Line);

/// No more letters go out.
#[derive(Message)]
#[rtype(result = "()")]
struct Close(oneshot::Sender<()>);

/// Whatever is under way is given up, the bell included.
#[derive(Message)]
#[rtype(result = "()")]
struct GiveUp;

impl Courier {
    /// Starts a courier for these letters.
    #[must_use]
    pub fn start(letters: Letters, post: Post) -> Self {
        let engine = Arc::clone(letters.owners().engine());
        let desk = move || Desk {
            letters,
            post: Arc::new(post),
            home: (0..LINES).map(|_| Line::default()).collect(),
            tasks: JoinSet::new(),
            looking: false,
            missed: false,
            closing: false,
            waits: None,
        };
        Self(engine.stage.start("courier", desk))
    }

    /// Lets the letters that are on their way arrive, within a short time, and sends no more.
    pub async fn stop(&self) {
        let (sender, all_back) = oneshot::channel();
        self.0.do_send(Close(sender));
        if tokio::time::timeout(GRACE, all_back).await.is_err() {
            warn!("letters that are on their way are given up; they go out again another time");
        }
        self.0.do_send(GiveUp);
    }
}

impl Desk {
    /// Rings whenever a letter comes due.
    fn hang_bell(&mut self, ctx: &mut Context<Self>) {
        let (letters, me) = (self.letters.clone(), ctx.address().downgrade());
        self.tasks.spawn(async move {
            let engine = letters.owners().engine();
            let longest = if engine.store.shared() {
                LOOK_AROUND
            } else {
                LOOK_AROUND_ALONE
            };
            loop {
                letters.alarm().rings(&engine.clock, longest).await;
                letters.alarm().reset();
                let Some(me) = me.upgrade() else { return };
                me.do_send(Ring);
            }
        });
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        while self.tasks.try_join_next().is_some() {}
        if self.closing || self.home.is_empty() {
            return; // whoever comes back looks
        }
        if self.looking {
            self.missed = true;
            return;
        }
        self.looking = true;
        let (letters, me, many) = (self.letters.clone(), ctx.address(), self.home.len());
        self.tasks.spawn(async move {
            let look = AssertUnwindSafe(look_up(&letters, many)).catch_unwind().await;
            let fault = || Err(Unavailable("the look for letters panicked".into()));
            me.do_send(Found(look.unwrap_or_else(|_| fault())));
        });
    }

    fn send(&mut self, id: Id, line: Line, ctx: &mut Context<Self>) {
        let (letters, post, me) = (self.letters.clone(), Arc::clone(&self.post), ctx.address());
        self.tasks.spawn(async move {
            let carried = AssertUnwindSafe(carry(&letters, &post, id, line))
                .catch_unwind()
                .await;
            let line = carried.unwrap_or_else(|_| {
                error!(%id, "the sending of a letter panicked; it is tried again");
                Line::default()
            });
            me.do_send(Back(line));
        });
    }

    fn tell_if_all_are_back(&mut self) {
        if self.home.len() == LINES
            && let Some(waits) = self.waits.take()
        {
            // Whoever waited may have gone.
            let _ = waits.send(());
        }
    }
}

/// The letters that are due, and the alarm set to the next one after them.
async fn look_up(letters: &Letters, many: usize) -> Result<Vec<Id>, Unavailable> {
    let engine = letters.owners().engine();
    let now = engine.clock.now();
    let found = due::due_in(&LETTERS, engine, now, many).await?;
    if let Some(next) = due::next_in(&LETTERS, engine, now).await? {
        letters.alarm().no_later_than(next);
    }
    Ok(found)
}

/// Sends a letter, if it is still to be sent and nobody else does.
async fn carry(letters: &Letters, post: &Post, id: Id, mut line: Line) -> Line {
    let letter = match letters.tell(id, Command::Claim(post.claim())).await {
        Ok(letter) if letter.state == State::Sending => letter,
        Ok(_) | Err(AskError::Refused { .. }) => return line,
        Err(error) => {
            warn!(%id, %error, "a letter waits");
            tokio::time::sleep(AGAIN).await;
            return line;
        }
    };
    let outcome = match post.send(&mut line, &letter).await {
        Ok(()) => Command::Sent,
        Err(unsent) => not_sent(&letter, unsent),
    };
    for _ in 0..WRITES_MAX {
        match letters.tell(id, outcome.clone()).await {
            Ok(_) => return line,
            Err(error) => warn!(%id, %error, "what became of a letter could not be written down"),
        }
        tokio::time::sleep(AGAIN).await;
    }
    line
}

fn not_sent(letter: &Letter, unsent: Unsent) -> Command {
    let (why, miss) = match unsent {
        Unsent::Again(why) => (why, Miss::OfServer),
        Unsent::Resting(why) => (why, Miss::NotTried),
        Unsent::Never(why) => (why, Miss::OfLetter),
    };
    let (id, tries) = (letter.id, letter.tries);
    warn!(%id, tries, ?miss, why, "a letter was not sent");
    Command::NotSent { why, miss }
}

impl Actor for Desk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.hang_bell(ctx);
    }
}

impl Supervised for Desk {
    fn restarting(&mut self, ctx: &mut Self::Context) {
        self.looking = false;
        ctx.address().do_send(Ring);
    }
}

impl Handler<Ring> for Desk {
    type Result = ();

    fn handle(&mut self, _: Ring, ctx: &mut Self::Context) {
        self.look(ctx);
    }
}

impl Handler<Found> for Desk {
    type Result = ();

    fn handle(&mut self, Found(found): Found, ctx: &mut Self::Context) {
        self.looking = false;
        let found = found.unwrap_or_else(|error| {
            warn!(%error, "nobody knows which letters are due");
            let engine = self.letters.owners().engine();
            self.letters
                .alarm()
                .no_later_than(engine.clock.now().after(AGAIN));
            Vec::new()
        });
        if !self.closing {
            for id in found {
                match self.home.pop() {
                    Some(line) => self.send(id, line, ctx),
                    None => self.missed = true,
                }
            }
        }
        if std::mem::take(&mut self.missed) {
            self.look(ctx);
        }
    }
}

impl Handler<Back> for Desk {
    type Result = ();

    fn handle(&mut self, Back(line): Back, ctx: &mut Self::Context) {
        self.home.push(line);
        self.tell_if_all_are_back();
        self.look(ctx);
    }
}

impl Handler<Close> for Desk {
    type Result = ();

    fn handle(&mut self, Close(waits): Close, _: &mut Self::Context) {
        self.closing = true;
        self.waits = Some(waits);
        self.tell_if_all_are_back();
    }
}

impl Handler<GiveUp> for Desk {
    type Result = ();

    fn handle(&mut self, GiveUp: GiveUp, _: &mut Self::Context) {
        self.tasks.abort_all();
    }
}
