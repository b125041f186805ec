//! Stands in for the APIs of models: says what a test tells it to, in the words of Gemini or of
//! OpenAI.

use serde_json::{Value, json};

use crate::shop::Shop;
use crate::stand_in::{Asked, Mood, StandIn};

/// The key that every speaker is asked with.
pub(crate) const KEY: &str = "sk-a-key-that-nobody-may-see";

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Gemini,
    OpenAi,
}

/// Both of them.
pub(crate) const APIS: [Api; 2] = [Api::Gemini, Api::OpenAi];

/// A stand-in for one of them.
pub(crate) struct Speaker {
    pub(crate) api: Api,
    pub(crate) stand_in: StandIn,
}

/// Something that is said in one answer.
#[derive(Debug, Clone)]
pub(crate) enum Saying {
    Words(&'static str),
    /// A call with these arguments, whatever they are.
    Call(&'static str, Value),
}

impl Speaker {
    /// One that answers 500 to what no mood is set for.
    pub(crate) async fn start(api: Api) -> Self {
        let stand_in = StandIn::start(Mood::Answers(500, json!({ "error": "nothing to say" }))).await;
        Self { api, stand_in }
    }

    /// A shop whose assistant thinks with it.
    pub(crate) async fn shop(&self, settings: &[(&str, &str)]) -> Shop {
        let (section, base) = match self.api {
            Api::Gemini => ("gemini", self.stand_in.url.clone()),
            Api::OpenAi => ("openai", format!("{}/v1/", self.stand_in.url)),
        };
        let (url, key, model) = (
            format!("{section}.base_url"),
            format!("{section}.api_key"),
            format!("{section}.model"),
        );
        let mut all = vec![(url.as_str(), base.as_str()), (&key, KEY), (&model, "a-model")];
        all.extend_from_slice(settings);
        Shop::start_with(&all).await
    }

    /// The next answer that has none yet.
    pub(crate) fn next(&self, mood: Mood) {
        self.stand_in.next(mood);
    }

    /// The next answer is whole.
    pub(crate) fn says(&self, sayings: &[Saying]) {
        self.next(Mood::Says(self.whole(sayings)));
    }

    /// The bytes of a whole answer.
    pub(crate) fn whole(&self, sayings: &[Saying]) -> Vec<Vec<u8>> {
        let mut pieces = self.begun(sayings);
        pieces.push(self.end().into_bytes());
        pieces
    }

    /// The bytes of an answer that has no end.
    pub(crate) fn begun(&self, sayings: &[Saying]) -> Vec<Vec<u8>> {
        let mut text = String::new();
        for (n, saying) in sayings.iter().enumerate() {
            text.push_str(&event(&self.said(n, saying)));
        }
        // Pieces of a size that cuts letters and lines in the middle.
        let mut pieces = vec![head("200 OK", "").into_bytes()];
        pieces.extend(text.as_bytes().chunks(7).map(<[u8]>::to_vec));
        pieces
    }

    fn said(&self, n: usize, saying: &Saying) -> Value {
        match (self.api, saying) {
            (Api::Gemini, Saying::Words(text)) => json!({ "candidates": [{ "content":
                { "role": "model", "parts": [{ "text": text }] } }] }),
            (Api::Gemini, Saying::Call(name, arguments)) => json!({ "candidates": [{ "content":
                { "role": "model", "parts": [{ "functionCall": { "name": name, "args": arguments },
                    "thoughtSignature": format!("mark{n}") }] } }] }),
            (Api::OpenAi, Saying::Words(text)) => {
                json!({ "choices": [{ "index": 0, "delta": { "content": text } }] })
            }
            (Api::OpenAi, Saying::Call(name, arguments)) => {
                let arguments = match arguments {
                    Value::String(raw) => raw.clone(),
                    arguments => arguments.to_string(),
                };
                json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [{ "index": n,
                    "id": format!("call_{n}"), "type": "function",
                    "function": { "name": name, "arguments": arguments } }] } }] })
            }
        }
    }

    fn end(&self) -> String {
        match self.api {
            Api::Gemini => event(&json!({ "candidates": [{ "finishReason": "STOP" }],
                "usageMetadata": { "totalTokenCount": 60 } })),
            Api::OpenAi => [
                event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })),
                event(&json!({ "choices": [], "usage": { "total_tokens": 60 } })),
                "data: [DONE]\n\n".to_owned(),
            ]
            .concat(),
        }
    }

    /// What it was told of the calls of the answer before, in this request.
    pub(crate) fn results(&self, asked: &Asked) -> Vec<Value> {
        let body: Value = serde_json::from_str(&asked.body).expect("a JSON body");
        let read = |text: &Value| -> Value {
            serde_json::from_str(text.as_str().expect("a text")).expect("results are JSON")
        };
        match self.api {
            Api::Gemini => {
                let last = body["contents"].as_array().and_then(|all| all.last());
                let parts = last.and_then(|last| last["parts"].as_array());
                let parts = parts.expect("parts").iter();
                parts
                    .map(|part| part["functionResponse"]["response"]["result"].clone())
                    .collect()
            }
            Api::OpenAi => {
                let messages = body["messages"].as_array().expect("messages").iter().rev();
                let results = messages.take_while(|message| message["role"] == "tool");
                let mut results: Vec<_> = results.map(|message| read(&message["content"])).collect();
                results.reverse();
                results
            }
        }
    }
}

/// The head of an answer that ends with the connection.
pub(crate) fn head(status: &str, header: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\n{header}Connection: close\r\n\r\n")
}

/// A server-sent event.
pub(crate) fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}
