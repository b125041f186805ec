//! The calls of one step of a model: each is checked, run with the user's own rights or put to the
//! user first, and told.

use serde_json::{Value, json};

use super::Assistant;
use super::broken::Broken;
use super::exchange::Exchange;
use super::facts::Fact;
use super::frame::{CallState, Frame, Status};
use super::person::Person;
use super::rooms::Asked;
use super::shortened::shortened;
use super::tools::{Agreed, Effect, Outcome, Ready, Tool, Tools, Trouble};
use crate::domain::conversation::{Call, CallResult};
use crate::domain::id::Id;

/// So many calls of one step are run.
const CALLS_MAX: usize = 20;
/// A model reads no more than this of one result.
pub(super) const RESULT_BYTES_MAX: usize = 8 * 1024;
/// What is told of a call after which another one of the same step has shown the cart: a model would
/// read the whole of it over and over.
const CART_LATER: &str = "the cart as it is now stands in a later result of this step";
/// Why a call whose session does not go on is left.
const SESSION_OVER: &str = "the user's session has ended, or nobody can tell whether it has";

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

impl Exchange {
    /// Runs the calls one after the other: a later one may rest on an earlier one. After a
    /// question none is run, since the user might say no.
    pub(super) async fn call_all(&self, calls: &[Call], called: &mut Called) {
        let mut whole_cart = None;
        for (n, call) in calls.iter().enumerate() {
            let content = match self.why_not(n, called) {
                Some(why) => leave(call, why, called),
                None => self.call(call, called).await,
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

    /// Why the n-th call of a step is not even tried.
    fn why_not(&self, n: usize, called: &Called) -> Option<&'static str> {
        if n >= CALLS_MAX {
            Some("it was too much at once")
        } else if called.broken.is_some() {
            Some(SESSION_OVER)
        } else if called.question.is_some() {
            Some("the user is asked something else first")
        } else if self.is_late() {
            Some("it took too long")
        } else {
            self.is_unwanted().then_some("the user wants no more of this")
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
            Err(trouble) => return self.wrong(call, trouble, called),
        };
        if ready.tool.effect == Effect::Spends {
            return match ready.question().await {
                Ok(question) => self.ask(call, &question, called),
                Err(trouble) => self.not_asked(call, ready.tool, trouble, &mut called.facts),
            };
        }
        if let (true, Err(broken)) = (ready.tool.effect != Effect::Reads, self.goes_on().await) {
            called.broken = Some(broken);
            return leave(call, SESSION_OVER, called);
        }
        self.run(call, &ready, &mut called.facts).await
    }

    /// Tells what is wrong with a call.
    pub(super) fn wrong(&self, call: &Call, trouble: Trouble, called: &mut Called) -> Value {
        called.malformed += usize::from(trouble.is_malformed());
        called
            .facts
            .extend(Fact::is_wrong(Tools::named(&call.name), &trouble));
        self.told_of(call, Err(trouble))
    }

    /// Tells why something that was to be changed was not.
    pub(super) fn not_done(&self, call: &Call, trouble: Trouble, facts: &mut Vec<Fact>) -> Value {
        facts.push(Fact::is_not(&trouble));
        self.told_of(call, Err(trouble))
    }

    /// Tells why the user is not even asked. Nothing was tried, so it is known that nothing was done.
    fn not_asked(&self, call: &Call, tool: &Tool, trouble: Trouble, facts: &mut Vec<Fact>) -> Value {
        if !matches!(trouble, Trouble::Unavailable(_)) {
            return self.not_done(call, trouble, facts);
        }
        facts.extend(Fact::was_left(Some(tool), "the shop gave no answer"));
        self.told_of(call, Err(trouble))
    }

    /// Reads a call.
    pub(super) fn check(&self, call: &Call) -> Result<Ready, Trouble> {
        self.assistant.read_call(&self.person, call)
    }

    /// Runs a call, and says what it came to.
    pub(super) async fn run(&self, call: &Call, ready: &Ready, facts: &mut Vec<Fact>) -> Value {
        self.announce(call, ready);
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

    /// Runs a call that the user has agreed to in these words; or puts to him how it is now.
    pub(super) async fn run_as_agreed(
        &self,
        call: &Call,
        ready: &Ready,
        words: &str,
        called: &mut Called,
    ) -> Value {
        self.announce(call, ready);
        match ready.run_as_agreed(words).await {
            Ok(Agreed::Done(outcome)) => {
                let fact = Fact::is(ready.tool.subject, outcome.sentence.clone());
                called.facts.push(fact);
                self.told_of(call, Ok(outcome))
            }
            Ok(Agreed::Changed(question)) => self.ask(call, &question, called),
            Err(trouble) => self.not_done(call, trouble, &mut called.facts),
        }
    }

    fn announce(&self, call: &Call, ready: &Ready) {
        self.tell(Frame::status(Status::Working, format!("{}…", ready.tool.title)));
        self.tell(frame(call, CallState::Running, None));
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

/// A call is not tried. The model is told so, and the user if it would have changed something.
fn leave(call: &Call, why: &str, called: &mut Called) -> Value {
    let tool = Tools::named(&call.name);
    called.facts.extend(Fact::was_left(tool, why));
    json!({ "error": { "code": "not_run", "message": format!("not run: {why}") } })
}
