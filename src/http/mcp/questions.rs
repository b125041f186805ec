//! Questions that wait for their answers: in an earlier revision one goes out on the stream that a
//! call is answered on, and its answer comes with a request of its own, to this node.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::actors::assistant::Person;
use crate::domain::account::SessionId;
use crate::domain::id::Id;

/// So many may wait on this node,
const WAITING_MAX: usize = 1_000;
/// and so many of one user.
const OF_A_USER_MAX: usize = 8;

/// All of them.
#[derive(Clone, Default)]
pub struct Questions(Arc<DashMap<String, Asked>>);

struct Asked {
    user: Id,
    session: SessionId,
    answer: oneshot::Sender<Value>,
}

/// One of them. Dropping it takes it back.
pub(super) struct Question {
    all: Questions,
    /// By which its answer is known. Nobody can guess it.
    pub(super) id: String,
    answer: oneshot::Receiver<Value>,
    until: Instant,
}

/// As many wait as may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crowded;

impl Questions {
    /// Waits from now on for an answer of this person, for so long.
    pub(super) fn ask(&self, person: &Person, patience: Duration) -> Result<Question, Crowded> {
        let of_this_user = || self.0.iter().filter(|asked| asked.user == person.id).count();
        if self.0.len() >= WAITING_MAX || of_this_user() >= OF_A_USER_MAX {
            return Err(Crowded);
        }
        let id = format!("confirm-{}", hex::encode(rand::random::<[u8; 16]>()));
        let (sender, answer) = oneshot::channel();
        let asked = Asked {
            user: person.id,
            session: person.session,
            answer: sender,
        };
        self.0.insert(id.clone(), asked);
        Ok(Question {
            all: self.clone(),
            id,
            answer,
            until: Instant::now() + patience,
        })
    }

    /// Takes an answer, if it is this person's to give. There is one for each question.
    pub(super) fn answered(&self, person: &Person, id: &str, answer: Value) {
        let theirs = |asked: &Asked| asked.user == person.id && asked.session == person.session;
        if let Some((_, asked)) = self.0.remove_if(id, |_, asked| theirs(asked)) {
            // Whoever asked may have gone away.
            let _ = asked.answer.send(answer);
        }
    }
}

impl Question {
    /// The answer; nothing when none came in time.
    pub(super) async fn answer(&mut self) -> Option<Value> {
        timeout_at(self.until, &mut self.answer).await.ok()?.ok()
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.all.0.remove(&self.id);
    }
}
