//! Any model that speaks OpenAI's chat completions: OpenAI's own, and what Ollama, vLLM, llama.cpp
//! and many others serve. They differ in what they leave out, and nothing of it is missed here.

mod heard;

use std::sync::Arc;

use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use self::heard::Heard;
use super::line::{Line, Patience};
use super::{Answering, Call, CallResult, Model, Prompt, ToolSpec, Turn, calls, spoken};
use crate::config;

/// Where OpenAI's own models are.
const OPENAI: &str = "https://api.openai.com/v1";
/// What its own models think before they speak counts as tokens of the answer.
const THOUGHT_TOKENS: u32 = 4_096;

/// A model of that kind.
pub struct OpenAi {
    line: Arc<Line>,
    model: String,
    /// Whether it is OpenAI's own.
    own: bool,
}

impl OpenAi {
    /// The model that is configured.
    #[must_use]
    pub fn new(settings: &config::OpenAi, assistant: &config::Assistant) -> Self {
        let base = settings.base_url.as_deref().unwrap_or(OPENAI);
        let url = format!("{}/chat/completions", base.trim_end_matches('/'));
        let (key, patience) = (settings.api_key.as_ref(), Patience::from(assistant));
        Self {
            line: Arc::new(Line::new(
                "openai",
                url,
                (AUTHORIZATION, "Bearer "),
                key,
                patience,
            )),
            model: settings.model.clone(),
            own: base.starts_with(OPENAI),
        }
    }

    fn body(&self, prompt: &Prompt) -> Value {
        let mut messages = vec![json!({ "role": "system", "content": &*prompt.system })];
        messages.extend(prompt.turns.iter().flat_map(messages_of));
        let mut body = json!({
            "model": self.model,
            "messages": messages,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        if !prompt.tools.is_empty() {
            body["tools"] = prompt.tools.iter().map(function).collect();
        }
        // OpenAI has done away with the name that all others know.
        if self.own {
            body["max_completion_tokens"] = json!(prompt.tokens_max.saturating_add(THOUGHT_TOKENS));
        } else {
            body["max_tokens"] = json!(prompt.tokens_max);
        }
        body
    }
}

impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.model
    }

    fn answer(&self, prompt: Prompt) -> Answering {
        let silent = prompt.ends_with_results();
        spoken::answer::<Heard>(&self.line, self.body(&prompt), silent)
    }
}

fn function(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name, "description": tool.description, "parameters": tool.parameters,
        },
    })
}

fn messages_of(turn: &Turn) -> Vec<Value> {
    match turn {
        Turn::User { text } => vec![json!({ "role": "user", "content": text })],
        Turn::Model { text, calls } if calls.is_empty() && text.is_empty() => Vec::new(),
        Turn::Model { text, calls } => {
            let mut said = json!({ "role": "assistant", "content": text });
            if !calls.is_empty() {
                said["tool_calls"] = calls.iter().map(called).collect();
            }
            vec![said]
        }
        Turn::Results { results } => results.iter().map(result).collect(),
    }
}

/// Some servers read the arguments back, and break down when they are no object.
fn called(call: &Call) -> Value {
    let arguments = Value::Object(calls::arguments(call)).to_string();
    json!({
        "id": call.id, "type": "function",
        "function": { "name": call.name, "arguments": arguments },
    })
}

fn result(result: &CallResult) -> Value {
    json!({ "role": "tool", "tool_call_id": result.id, "content": result.content })
}
