//! Gemini, over its own API: `streamGenerateContent`, told in server-sent events.

use std::sync::Arc;

use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::line::{Line, Patience};
use super::spoken::{self, Dialect, Progress};
use super::{Answering, Call, CallResult, Model, ModelError, Part, Prompt, ToolSpec, Turn, calls};
use crate::config;

/// What it thinks before it speaks counts as tokens of the answer, so it gets some for that.
const THOUGHT_TOKENS: u32 = 4_096;
const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// A Gemini model.
pub struct Gemini {
    line: Arc<Line>,
    model: String,
}

impl Gemini {
    /// The model that is configured.
    #[must_use]
    pub fn new(settings: &config::Gemini, assistant: &config::Assistant) -> Self {
        let base = settings.base_url.trim_end_matches('/');
        let model = settings.model.trim_start_matches("models/");
        let url = format!("{base}/v1beta/models/{model}:streamGenerateContent?alt=sse");
        let (key, patience) = (settings.api_key.as_ref(), Patience::from(assistant));
        Self {
            line: Arc::new(Line::new("gemini", url, (KEY, ""), key, patience)),
            model: model.to_owned(),
        }
    }
}

impl Model for Gemini {
    fn name(&self) -> &str {
        &self.model
    }

    fn answer(&self, prompt: Prompt) -> Answering {
        let silent = prompt.ends_with_results();
        spoken::answer::<Heard>(&self.line, body(&prompt), silent)
    }
}

fn body(prompt: &Prompt) -> Value {
    let tools: Vec<_> = prompt.tools.iter().map(declaration).collect();
    let contents: Vec<_> = prompt.turns.iter().filter_map(content).collect();
    json!({
        "systemInstruction": { "parts": [{ "text": &*prompt.system }] },
        "contents": contents,
        "tools": [{ "functionDeclarations": tools }],
        "generationConfig": { "maxOutputTokens": prompt.tokens_max.saturating_add(THOUGHT_TOKENS) },
    })
}

fn declaration(tool: &ToolSpec) -> Value {
    json!({
        "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters,
    })
}

/// A turn as Gemini knows it; it knows none in which nothing is said.
fn content(turn: &Turn) -> Option<Value> {
    let (role, parts) = match turn {
        Turn::User { text } => ("user", vec![json!({ "text": text })]),
        Turn::Model { text, calls } => {
            let words = (!text.is_empty()).then(|| json!({ "text": text }));
            (
                "model",
                words.into_iter().chain(calls.iter().map(called)).collect(),
            )
        }
        Turn::Results { results } => ("user", results.iter().map(result).collect()),
    };
    (!parts.is_empty()).then(|| json!({ "role": role, "parts": parts }))
}

fn called(call: &Call) -> Value {
    let mut function = json!({ "name": call.name, "args": calls::arguments(call) });
    if let Some(id) = calls::given_id(&call.id) {
        function["id"] = json!(id);
    }
    match &call.mark {
        Some(mark) => json!({ "functionCall": function, "thoughtSignature": mark }),
        None => json!({ "functionCall": function }),
    }
}

fn result(result: &CallResult) -> Value {
    let content: Value = serde_json::from_str(&result.content).unwrap_or(Value::Null);
    let mut response = json!({ "name": result.name, "response": { "result": content } });
    if let Some(id) = calls::given_id(&result.id) {
        response["id"] = json!(id);
    }
    json!({ "functionResponse": response })
}

/// What was heard of one answer.
#[derive(Default)]
struct Heard {
    tokens: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Usage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    content: Content,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Spoken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spoken {
    text: Option<String>,
    /// Whether it is what the model thought, and not what it says.
    #[serde(default)]
    thought: bool,
    function_call: Option<Function>,
    thought_signature: Option<String>,
}

#[derive(Deserialize)]
struct Function {
    id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    total_token_count: Option<u32>,
}

impl Dialect for Heard {
    fn hear(&mut self, event: &str, parts: &mut Vec<Part>) -> Result<Progress, ModelError> {
        let event: Event = serde_json::from_str(event)
            .map_err(|error| ModelError::Cut(format!("what it says cannot be read: {error}")))?;
        if event.error.is_some() {
            return Err(ModelError::Cut("it tells of a failure".into()));
        }
        if let Some(reason) = event.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            return Err(ModelError::Refused(reason));
        }
        // Each event counts all tokens so far.
        let counted = event.usage_metadata.and_then(|usage| usage.total_token_count);
        self.tokens = counted.or(self.tokens);
        let Some(candidate) = event.candidates.into_iter().next() else {
            return Ok(Progress::GoesOn);
        };
        parts.extend(candidate.content.parts.into_iter().filter_map(Spoken::part));
        candidate.finish_reason.map_or(Ok(Progress::GoesOn), finished)
    }

    fn end(self, parts: &mut Vec<Part>) {
        // Whoever says that it was nothing has not counted.
        parts.extend(self.tokens.filter(|tokens| *tokens > 0).map(Part::Usage));
    }
}

impl Spoken {
    fn part(self) -> Option<Part> {
        if let Some(function) = self.function_call {
            return Some(Part::Call(Call {
                id: calls::id_or_ours(function.id),
                name: function.name,
                arguments: Value::Object(function.args).to_string(),
                mark: self.thought_signature,
            }));
        }
        let text = self.text.filter(|text| !self.thought && !text.is_empty());
        text.map(Part::Text)
    }
}

fn finished(reason: String) -> Result<Progress, ModelError> {
    match reason.as_str() {
        "STOP" | "MAX_TOKENS" => Ok(Progress::Done),
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => {
            Err(ModelError::Refused(reason))
        }
        _ => Err(ModelError::Cut(reason)),
    }
}
