//! What several people at once ask of one thing over HTTP, written down with the order of calls
//! and answers. Now and then one of them goes away before he has his answer.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use bazaar::clock::Chance;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use tokio::sync::watch;

use super::wgl::{History, Model, Operation};
use crate::power::{Question, Server, Told};

pub(crate) const CLIENTS: u64 = 16;

/// Something that is asked over HTTP.
pub(crate) trait Subject: Model {
    /// What is asked next; `kept` is what this client has been told is his.
    fn draw(&self, chance: &Chance, kept: &mut Vec<u64>) -> Self::Asked;

    /// What is asked when all others are done, one thing after the other. The last answer tells
    /// what came of everything, and whoever looks for something in a history finds it there.
    fn coda(&self) -> Vec<Self::Asked>;

    /// How it is asked.
    fn question(&self, asked: &Self::Asked) -> (Method, String, Value);

    /// What an answer says; nothing if it leaves open what happened.
    fn hear(&self, asked: &Self::Asked, told: &Told) -> Option<Self::Heard>;

    /// Whether it may be asked again when the server that was asked is gone. What may not has
    /// done by then whatever it did.
    fn may_be_asked_again(&self, asked: &Self::Asked) -> bool;

    /// What a client may give back later.
    fn is_mine(&self, _asked: &Self::Asked, _heard: &Self::Heard) -> Option<u64> {
        None
    }
}

/// What becomes of those who ask.
pub(crate) struct Course {
    /// So many operations each.
    pub(crate) each: u64,
    /// One of so many does not wait for his answer; 0 if all of them do.
    pub(crate) impatient: u64,
    pub(crate) seed: u64,
}

/// A history in the making.
pub(crate) struct Recording<S: Subject> {
    subject: S,
    clock: Cell<u64>,
    operations: RefCell<History<S>>,
    /// What nobody waits for any more although it may still happen.
    left: RefCell<Vec<usize>>,
    /// How many answers there were.
    pub(crate) answers: watch::Sender<u64>,
}

impl<S: Subject> Recording<S> {
    pub(crate) fn of(subject: S) -> Self {
        Self {
            subject,
            clock: Cell::new(0),
            operations: RefCell::default(),
            left: RefCell::default(),
            answers: watch::Sender::new(0),
        }
    }

    fn now(&self) -> u64 {
        self.clock.replace(self.clock.get() + 1)
    }

    /// All clients have their say, and then there is the coda.
    pub(crate) async fn play(&self, server: &Server, token: &str, course: &Course) {
        let clients = (0..CLIENTS).map(|client| self.client(server, token, course, client));
        join_all(clients).await;
        for asked in self.subject.coda() {
            self.one(server, token, asked, None).await;
        }
    }

    async fn client(&self, server: &Server, token: &str, course: &Course, client: u64) {
        let (chance, mut kept) = (Chance::seeded(course.seed * CLIENTS + client), Vec::new());
        for _ in 0..course.each {
            let asked = self.subject.draw(&chance, &mut kept);
            let impatient = course.impatient > 0 && chance.below(course.impatient) == 0;
            let patience = impatient.then(|| Duration::from_micros(chance.below(3_000)));
            kept.extend(self.one(server, token, asked, patience).await);
        }
    }

    /// Asks one thing and writes it down; gives what is the client's by it.
    async fn one(
        &self,
        server: &Server,
        token: &str,
        asked: S::Asked,
        patience: Option<Duration>,
    ) -> Option<u64> {
        let place = self.call(asked.clone());
        let Some(heard) = self.ask(server, token, (place, &asked), patience).await else {
            self.left.borrow_mut().push(place);
            return None;
        };
        let mine = self.subject.is_mine(&asked, &heard);
        self.operations.borrow_mut()[place].heard = Some((self.now(), heard));
        self.answers.send_modify(|answers| *answers += 1);
        mine
    }

    fn call(&self, asked: S::Asked) -> usize {
        let mut operations = self.operations.borrow_mut();
        operations.push(Operation {
            asked,
            called: self.now(),
            heard: None,
            lost: None,
        });
        operations.len() - 1
    }

    async fn ask(
        &self,
        server: &Server,
        token: &str,
        (place, asked): (usize, &S::Asked),
        patience: Option<Duration>,
    ) -> Option<S::Heard> {
        let (method, path, body) = self.subject.question(asked);
        let question = Question::new(method, &path, token).body(body);
        loop {
            let answer = match patience {
                Some(patience) => tokio::time::timeout(patience, server.try_once(&question))
                    .await
                    .ok()?,
                None => server.try_once(&question).await,
            };
            match answer {
                Ok(told) => return self.subject.hear(asked, &told),
                Err(from) => server.is_back(&from).await,
            }
            if !self.subject.may_be_asked_again(asked) {
                self.operations.borrow_mut()[place].lost = Some(self.now());
                return None;
            }
        }
    }

    /// The server is another one by now: what the one before had not done by then it never did.
    pub(crate) fn is_another_server(&self) {
        let (now, mut operations) = (self.now(), self.operations.borrow_mut());
        for place in self.left.take() {
            operations[place].lost.get_or_insert(now);
        }
    }

    /// What was written down.
    pub(crate) fn history(self) -> History<S> {
        self.operations.into_inner()
    }
}
