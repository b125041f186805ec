//! A call that asks its user first, in an earlier revision: it is answered on a stream, on which the
//! question goes out before the result. What spends is done only after a yes to the very words that
//! are true when it is done.

use std::convert::Infallible;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use super::envelope;
use super::questions::Question;
use super::tools::{Changed, DECLINED, failed, form, is_a_yes, refused, run_as_agreed};
use crate::actors::assistant::Person;
use crate::actors::assistant::tools::{Ready, Trouble};
use crate::http::event_stream::{self, SIGN_OF_LIFE, SIGN_OF_LIFE_EVERY};
use crate::http::state::Stopping;
use crate::services::sessions::Sessions;

/// A call that waits for its user.
pub(super) struct Asking {
    waiting: Question,
    ready: Ready,
    question: String,
    person: Person,
    sessions: Arc<Sessions>,
}

/// How far the stream is.
enum Stage {
    Asks(Box<Asking>),
    Waits(Box<Asking>),
    Over,
}

impl Asking {
    /// A call that waits for an answer of this person to this question.
    pub(super) fn new(
        waiting: Question,
        ready: Ready,
        question: String,
        (person, sessions): (Person, Arc<Sessions>),
    ) -> Self {
        Self {
            waiting,
            ready,
            question,
            person,
            sessions,
        }
    }

    /// The stream: the question, signs of life, and at last the result of the call of this id.
    pub(super) fn told(self: Box<Self>, id: Value, stopping: Stopping) -> HttpResponse {
        let stages = stream::unfold(Stage::Asks(self), move |stage| {
            let (id, stopping) = (id.clone(), stopping.clone());
            async move {
                let (text, next) = match stage {
                    Stage::Asks(asking) => (event(&asking.request()), Stage::Waits(asking)),
                    Stage::Waits(asking) => asking.wait(&id, &stopping).await,
                    Stage::Over => return None,
                };
                Some((Ok::<_, Infallible>(text), next))
            }
        });
        event_stream::of(stages)
    }

    fn request(&self) -> Value {
        json!({
            "jsonrpc": "2.0",
            "id": self.waiting.id,
            "method": "elicitation/create",
            "params": form(&self.question),
        })
    }

    async fn wait(mut self: Box<Self>, id: &Value, stopping: &Stopping) -> (Bytes, Stage) {
        let answer = tokio::select! {
            answer = self.waiting.answer() => answer,
            () = stopping.comes() => None,
            () = tokio::time::sleep(SIGN_OF_LIFE_EVERY) => {
                return (SIGN_OF_LIFE, Stage::Waits(self));
            }
        };
        let result = match answer {
            None => refused("unanswered", "Nobody has answered. Nothing was done."),
            Some(answer) if !is_a_yes(&answer) => refused("declined", DECLINED),
            Some(_) => self.agreed().await,
        };
        (event(&envelope::result(id, &result)), Stage::Over)
    }

    /// Does it, if the session and the words are still what they were.
    async fn agreed(self) -> Value {
        match self.sessions.goes_on(self.person.id, self.person.session).await {
            Ok(true) => {}
            Ok(false) => return failed(&Trouble::SignIn),
            Err(why) => return failed(&why.into()),
        }
        match run_as_agreed(Arc::new(self.ready), self.question).await {
            Ok(result) => result,
            Err(Changed(question)) => {
                let why = format!(
                    "This has changed since it was asked, and nothing was done. It is now: {question}"
                );
                refused("changed", &why)
            }
        }
    }
}

fn event(message: &Value) -> Bytes {
    format!("event: message\ndata: {message}\n\n").into()
}
