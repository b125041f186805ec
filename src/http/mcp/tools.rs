//! The tools as MCP tells of them, and calls of them. What spends is done only when the client's
//! user was asked and said yes to the very words that are true when it is done.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::asking::Asking;
use super::envelope::{Code, Failure};
use super::questions::Crowded;
use super::revision::Revision;
use crate::actors::assistant::Person;
use crate::actors::assistant::tools::{Agreed, Effect, Outcome, Ready, Tool, Tools, Trouble};
use crate::http::state::Web;

/// The name of the one question that a call may need answered.
const QUESTION: &str = "confirm";
/// For so long a client need not ask for the tools again.
const LIST_FRESH_MS: u32 = 300_000;
/// What a call may say, and nothing else.
const CALL_FIELDS: [&str; 6] = [
    "name",
    "arguments",
    "_meta",
    "inputResponses",
    "requestState",
    "task",
];

/// The tools that this person is offered, or whoever is not signed in.
pub(super) fn list(person: Option<&Person>, revision: Revision) -> Value {
    let offered = Tools::offered_to(person.map(|person| person.role));
    let tools: Vec<_> = offered.map(told).collect();
    match revision {
        Revision::Earlier { .. } => json!({ "tools": tools }),
        Revision::Current { .. } => {
            json!({ "tools": tools, "ttlMs": LIST_FRESH_MS, "cacheScope": "private" })
        }
    }
}

fn told(tool: &Tool) -> Value {
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.parameters(),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": tool.effect == Effect::Reads,
            "destructiveHint": tool.destroys(),
            "openWorldHint": false,
        },
    })
}

/// One call.
pub(super) struct Calling<'a> {
    pub(super) web: &'a Web,
    pub(super) person: Option<Person>,
    pub(super) revision: Revision,
}

/// What a call is answered with.
pub(super) enum Answer {
    /// A result.
    Result(Value),
    /// A question first, on a stream that ends with the result.
    Asking(Box<Asking>),
}

impl Calling<'_> {
    /// Makes the call, or says what is needed first.
    pub(super) async fn call(&self, params: &Map<String, Value>) -> Result<Answer, Failure> {
        if let Some(unknown) = params.keys().find(|key| !CALL_FIELDS.contains(&key.as_str())) {
            let why = format!("A call knows no field {unknown:?}.");
            return Err(Failure::new(Code::InvalidParams, why));
        }
        let Some(Value::String(name)) = params.get("name") else {
            return Err(Failure::new(Code::InvalidParams, "A call names its tool."));
        };
        let none = json!({});
        let arguments = params.get("arguments").unwrap_or(&none);
        let result = match self.web.assistant.tools().check(self.person, name, arguments) {
            Err(trouble @ Trouble::Unknown(_)) => {
                return Err(Failure::new(Code::InvalidParams, trouble.to_string()));
            }
            Err(trouble) => failed(&trouble),
            Ok(ready) if ready.tool.effect == Effect::Spends => {
                return self.with_consent(ready, arguments, params).await;
            }
            Ok(ready) => run(ready).await,
        };
        Ok(Answer::Result(result))
    }

    async fn with_consent(
        &self,
        ready: Ready,
        arguments: &Value,
        params: &Map<String, Value>,
    ) -> Result<Answer, Failure> {
        match self.revision {
            Revision::Earlier { elicits: false } => {
                return Ok(Answer::Result(refused("needs_confirmation", WITHOUT_FORMS)));
            }
            Revision::Current { elicits: false } => {
                let data = json!({ "requiredCapabilities": { "elicitation": { "form": {} } } });
                return Err(Failure::new(Code::MissingCapability, WITHOUT_FORMS).with(data));
            }
            Revision::Earlier { elicits: true } | Revision::Current { elicits: true } => {}
        }
        let question = match ready.question().await {
            Ok(question) => question,
            Err(trouble) => return Ok(Answer::Result(failed(&trouble))),
        };
        Ok(match (self.revision, self.person) {
            (Revision::Earlier { .. }, Some(person)) => self.on_a_stream(ready, question, person),
            _ => Answer::Result(self.by_its_client(ready, &question, arguments, params).await),
        })
    }

    /// The question goes out on the stream of the call, and the answer comes by itself.
    fn on_a_stream(&self, ready: Ready, question: String, person: Person) -> Answer {
        let patience = self.web.config.assistant.confirm_timeout;
        match self.web.questions.ask(&person, patience) {
            Ok(waiting) => {
                let sessions = Arc::clone(&self.web.sessions);
                Answer::Asking(Box::new(Asking::new(
                    waiting,
                    ready,
                    question,
                    (person, sessions),
                )))
            }
            Err(Crowded) => Answer::Result(refused("busy", "Too many questions wait for an answer already.")),
        }
    }

    /// The question goes out sealed and comes back with the answer, with the same call once more.
    async fn by_its_client(
        &self,
        ready: Ready,
        question: &str,
        arguments: &Value,
        params: &Map<String, Value>,
    ) -> Value {
        let about = self.about(&ready, arguments, question);
        let now = self.web.engine.clock.now();
        let answer = params.get("inputResponses").and_then(|all| all.get(QUESTION));
        let state = params.get("requestState").and_then(Value::as_str);
        let (Some(answer), Some(state)) = (answer, state) else {
            return asked(question, &self.web.consents.ask(&about, now));
        };
        if !is_a_yes(answer) {
            return refused("declined", DECLINED);
        }
        if !self.web.consents.take(state, &about, now) {
            // It was another question, or another time: this is how it is now.
            return asked(question, &self.web.consents.ask(&about, now));
        }
        let ready = Arc::new(ready);
        match run_as_agreed(Arc::clone(&ready), question.to_owned()).await {
            Ok(result) => result,
            Err(Changed(question)) => {
                let about = self.about(&ready, arguments, &question);
                asked(&question, &self.web.consents.ask(&about, now))
            }
        }
    }

    /// Who is asked, about what, and in which words.
    fn about(&self, ready: &Ready, arguments: &Value, question: &str) -> String {
        let who = self
            .person
            .map(|person| (person.id.to_string(), person.session.to_string()));
        json!([who, ready.tool.name, arguments, question]).to_string()
    }
}

const WITHOUT_FORMS: &str = "This costs something or cannot be undone, and your client does not say that it can ask \
    its user first (elicitation). Nothing was done. The user can do it in the shop.";
pub(super) const DECLINED: &str = "The user did not agree. Nothing was done.";

/// What was agreed to is not so any more, and this is to be asked instead.
pub(super) struct Changed(pub(super) String);

/// Makes a call that its user has agreed to in these words.
pub(super) async fn run_as_agreed(ready: Arc<Ready>, words: String) -> Result<Value, Changed> {
    let running = actix_web::rt::spawn(async move { ready.run_as_agreed(&words).await });
    match running.await {
        Ok(Ok(Agreed::Done(outcome))) => Ok(done(outcome)),
        Ok(Ok(Agreed::Changed(question))) => Err(Changed(question)),
        Ok(Err(trouble)) => Ok(failed(&trouble)),
        Err(_) => Ok(failed(&Trouble::Failed)),
    }
}

/// Whoever goes away must not stop a call halfway: it is a task of its own.
async fn run(ready: Ready) -> Value {
    let running = actix_web::rt::spawn(async move { ready.run().await });
    match running.await {
        Ok(Ok(outcome)) => done(outcome),
        Ok(Err(trouble)) => failed(&trouble),
        Err(_) => failed(&Trouble::Failed),
    }
}

fn done(Outcome { data, sentence }: Outcome) -> Value {
    let data = match data {
        data @ Value::Object(_) => data,
        data => json!({ "result": data }),
    };
    // Clients that know nothing of structures read the same as text.
    json!({
        "content": [{ "type": "text", "text": sentence }, { "type": "text", "text": data.to_string() }],
        "structuredContent": data,
        "isError": false,
    })
}

pub(super) fn failed(trouble: &Trouble) -> Value {
    refused(trouble.code(), &trouble.to_string())
}

pub(super) fn refused(code: &str, why: &str) -> Value {
    json!({
        "content": [{ "type": "text", "text": why }],
        "structuredContent": { "error": { "code": code, "message": why } },
        "isError": true,
    })
}

fn asked(question: &str, state: &str) -> Value {
    let mut form = form(question);
    form["mode"] = json!("form");
    json!({
        "resultType": "input_required",
        "inputRequests": { QUESTION: { "method": "elicitation/create", "params": form } },
        "requestState": state,
    })
}

/// The question as a form with one box to tick.
pub(super) fn form(question: &str) -> Value {
    let schema = json!({
        "type": "object",
        "properties": { "confirm": { "type": "boolean", "title": "Yes, do it", "default": false } },
        "required": ["confirm"],
    });
    json!({ "message": question, "requestedSchema": schema })
}

/// Whether the form came back with a yes.
pub(super) fn is_a_yes(answer: &Value) -> bool {
    answer["action"] == "accept" && answer["content"]["confirm"] == json!(true)
}
