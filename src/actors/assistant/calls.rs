//! The calls of one step of a model: each is checked, run with the user's own rights or put to the
//! user first, and told.

use serde_json::{Value, json};

use super::Assistant;
use super::broken::Broken;
use super::exchange::Exchange;
use super::frame::{CallState, Frame, Status};
use super::person::Person;
use super::rooms::Asked;
use super::shortened::shortened;
use super::tools::{Effect, Outcome, Ready, Subject, Trouble};
use crate::domain::conversation::{Call, CallResult};
use crate::domain::id::Id;

/// So many calls of one step are run.
const CALLS_MAX: usize = 20;
/// A model reads no more than this of one result.
pub(super) const RESULT_BYTES_MAX: usize = 8 * 1024;
/// What is told of a call after which another one of the same step has shown the cart: a model would
/// read the whole of it over and over.
const CART_LATER: &str = "the cart as it is now stands in a later result of this step";
/// What is told of a call whose session does not go on.
const SESSION_OVER: &str = "not run: the user's session has ended, or nobody can tell whether it has";

/// What became of the calls of a step.
#[derive(Default)]
pub(super) struct Called {
    /// One for each call.
    pub(super) results: Vec<CallResult>,
    /// What was changed, and what was not, in the shop's own words.
    pub(super) facts: Vec<Fact>,
    /// How many calls were no calls at all.
    pub(super) malformed: usize,
    /// What the user is to be asked when all of it was told.
    pub(super) question: Option<Asked>,
    /// Why nothing more is called for this answer.
    pub(super) broken: Option<Broken>,
    /// By which it is known that something was to be changed.
    pub(super) begun: Option<Id>,
}

/// What the shop itself has to say of a call that changes something.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// What it tells the whole of, so that a later one takes its place.
    pub(super) whole_of: Option<Subject>,
    /// In a sentence.
    pub(super) sentence: String,
    /// What needs no sentence of ours where these words were said.
    pub(super) unless: Option<String>,
}

impl Fact {
    /// Something is as it is now.
    fn is(subject: Subject, sentence: String) -> Self {
        Self {
            whole_of: (subject == Subject::Cart).then_some(subject),
            sentence,
            unless: None,
        }
    }

    /// What an earlier answer was interrupted at, and how it is now.
    pub(super) fn of_before(sentence: String) -> Self {
        Self {
            whole_of: None,
            sentence,
            unless: None,
        }
    }

    /// Something was wanted and not done. A model that says otherwise must not have the last word.
    fn is_not(trouble: &Trouble) -> Self {
        let why = trouble.to_string();
        let sentence = match trouble {
            Trouble::Unavailable(_) => {
                "The shop gave no answer, so I do not know whether this was done. Please look.".to_owned()
            }
            _ => format!("This was not done: {}.", why.trim_end_matches('.')),
        };
        Self {
            whole_of: None,
            sentence,
            unless: (!matches!(trouble, Trouble::Unavailable(_))).then_some(why),
        }
    }
}

impl Exchange {
    /// Runs the calls one after the other: a later one may rest on an earlier one. After a
    /// question none is run, since the user might say no.
    pub(super) async fn call_all(&self, calls: &[Call], called: &mut Called) {
        let mut whole_cart = None;
        for (n, call) in calls.iter().enumerate() {
            let content = if n >= CALLS_MAX {
                refused("too many calls at once; call again")
            } else if called.broken.is_some() {
                refused(SESSION_OVER)
            } else if called.question.is_some() {
                refused("not run: the user was asked something first")
            } else if self.is_unwanted() {
                refused("not run: the user wants no more of this")
            } else {
                self.call(call, called).await
            };
            if content.get("cart").is_some()
                && let Some(before) = whole_cart.replace(n)
            {
                let earlier: &mut CallResult = &mut called.results[before];
                earlier.content = json!({ "done": true, "note": CART_LATER }).to_string();
            }
            called.results.push(CallResult {
                id: call.id.clone(),
                name: call.name.clone(),
                content: shortened(content, RESULT_BYTES_MAX),
            });
        }
    }

    /// Those of the calls of a step that would change something at once.
    pub(super) fn changing(&self, calls: &[Call]) -> Vec<Call> {
        let changes = |call: &&Call| {
            let ready = self.check(call);
            ready.is_ok_and(|ready| ready.tool.effect == Effect::Changes)
        };
        calls.iter().take(CALLS_MAX).filter(changes).cloned().collect()
    }

    async fn call(&self, call: &Call, called: &mut Called) -> Value {
        let ready = match self.check(call) {
            Ok(ready) => ready,
            Err(trouble) => {
                called.malformed += usize::from(trouble.is_malformed());
                return self.told_of(call, Err(trouble));
            }
        };
        if ready.tool.effect == Effect::Spends {
            return match ready.question().await {
                Ok(question) => self.ask(call, &question, called),
                Err(trouble) => self.not_done(call, trouble, &mut called.facts),
            };
        }
        if let (true, Err(broken)) = (ready.tool.effect != Effect::Reads, self.goes_on().await) {
            called.broken = Some(broken);
            return refused(SESSION_OVER);
        }
        self.run(call, &ready, &mut called.facts).await
    }

    /// Tells why something that was to be changed was not.
    pub(super) fn not_done(&self, call: &Call, trouble: Trouble, facts: &mut Vec<Fact>) -> Value {
        facts.push(Fact::is_not(&trouble));
        self.told_of(call, Err(trouble))
    }

    /// Reads a call.
    pub(super) fn check(&self, call: &Call) -> Result<Ready, Trouble> {
        self.assistant.read_call(&self.person, call)
    }

    /// Runs a call, and says what it came to.
    pub(super) async fn run(&self, call: &Call, ready: &Ready, facts: &mut Vec<Fact>) -> Value {
        self.tell(Frame::status(Status::Working, format!("{}…", ready.tool.title)));
        self.tell(frame(call, CallState::Running, None));
        let changes = ready.tool.effect != Effect::Reads;
        match ready.run().await {
            Err(trouble) if changes => self.not_done(call, trouble, facts),
            outcome => {
                if let (Ok(outcome), true) = (&outcome, changes) {
                    facts.push(Fact::is(ready.tool.subject, outcome.sentence.clone()));
                }
                self.told_of(call, outcome)
            }
        }
    }

    /// Puts a question to the user in the place of a call.
    pub(super) fn ask(&self, call: &Call, question: &str, called: &mut Called) -> Value {
        let (engine, limits) = (self.assistant.engine(), &self.assistant.0.limits);
        let asked = Asked {
            nonce: hex::encode(engine.chance.bytes::<16>()),
            call: call.clone(),
            question: question.to_owned(),
            expires: engine.clock.now().after(limits.confirm),
        };
        self.tell(frame(call, CallState::Asking, None));
        called.question = Some(asked);
        json!({
            "asked": question,
            "note": "Nothing was done. The shop has asked the user to confirm, and waits for the answer.",
        })
    }

    /// Tells what became of a call.
    pub(super) fn told_of(&self, call: &Call, outcome: Result<Outcome, Trouble>) -> Value {
        let (state, data, sentence) = match outcome {
            Ok(Outcome { data, sentence }) => (CallState::Done, data, sentence),
            Err(trouble) => (CallState::Failed, trouble.data(), trouble.to_string()),
        };
        self.tell(frame(call, state, Some((sentence, data.clone()))));
        data
    }
}

impl Assistant {
    /// Reads a call that was made for somebody.
    pub(super) fn read_call(&self, person: &Person, call: &Call) -> Result<Ready, Trouble> {
        let arguments = match call.arguments.trim() {
            "" => json!({}), // some models send nothing where there is nothing to send
            text => serde_json::from_str(text)
                .map_err(|error| Trouble::Malformed(format!("they are not JSON: {error}")))?,
        };
        self.0.tools.check(Some(*person), &call.name, &arguments)
    }
}

impl Asked {
    /// The question as the user gets it.
    pub(super) fn frame(&self) -> Frame {
        Frame::Confirm {
            call_id: self.nonce.clone(),
            tool: self.call.name.clone(),
            question: self.question.clone(),
            expires_at: self.expires,
        }
    }
}

fn frame(call: &Call, state: CallState, told: Option<(String, Value)>) -> Frame {
    let (text, result) = told.unzip();
    Frame::Tool {
        call_id: call.id.clone(),
        name: call.name.clone(),
        state,
        text,
        result,
    }
}

fn refused(why: &str) -> Value {
    json!({ "error": { "code": "not_run", "message": why } })
}
