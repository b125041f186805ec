//! What is heard of one answer that is told as chat completion chunks. Calls come in pieces, or
//! whole; with an index, an id, both or neither.

use serde::Deserialize;
use serde_json::Value;

use super::super::spoken::{Dialect, Progress};
use super::super::{Call, ModelError, Part, calls};

/// So many calls are put together, which is more than anybody runs.
const CALLS_MAX: usize = 64;

/// The answer so far.
#[derive(Default)]
pub(super) struct Heard {
    calls: Vec<Piecemeal>,
    tokens: Option<u32>,
}

/// A call that comes in pieces.
#[derive(Default)]
struct Piecemeal {
    index: Option<u64>,
    id: Option<String>,
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Piece>>,
}

#[derive(Deserialize)]
struct Piece {
    index: Option<u64>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: Option<u32>,
}

impl Dialect for Heard {
    fn hear(&mut self, event: &str, parts: &mut Vec<Part>) -> Result<Progress, ModelError> {
        if event.trim() == "[DONE]" {
            return Ok(Progress::Over);
        }
        let chunk: Chunk = serde_json::from_str(event)
            .map_err(|error| ModelError::Cut(format!("what it says cannot be read: {error}")))?;
        if chunk.error.is_some() {
            return Err(ModelError::Cut("it tells of a failure".into()));
        }
        self.tokens = chunk.usage.and_then(|usage| usage.total_tokens).or(self.tokens);
        let Some(Choice { delta, finish_reason }) = chunk.choices.into_iter().next() else {
            return Ok(Progress::GoesOn);
        };
        let said = [delta.content, delta.refusal].into_iter().flatten();
        parts.extend(said.filter(|text| !text.is_empty()).map(Part::Text));
        for piece in delta.tool_calls.unwrap_or_default() {
            self.take(piece);
        }
        match finish_reason.as_deref() {
            None | Some("") => Ok(Progress::GoesOn),
            Some("content_filter") => Err(ModelError::Refused("content_filter".into())),
            Some(_) => Ok(Progress::Done),
        }
    }

    fn end(self, parts: &mut Vec<Part>) {
        parts.extend(self.calls.into_iter().map(Piecemeal::call).map(Part::Call));
        // Whoever says that it was nothing has not counted.
        parts.extend(self.tokens.filter(|tokens| *tokens > 0).map(Part::Usage));
    }
}

impl Heard {
    fn take(&mut self, piece: Piece) {
        let with_its_index = self
            .calls
            .iter()
            .rposition(|call| piece.index.is_some() && call.index == piece.index);
        let at = with_its_index.or(self.calls.len().checked_sub(1));
        match at.filter(|at| self.calls[*at].goes_on_with(&piece)) {
            Some(at) => self.calls[at].add(piece),
            None if self.calls.len() < CALLS_MAX => {
                let mut call = Piecemeal::default();
                call.add(piece);
                self.calls.push(call);
            }
            None => {}
        }
    }
}

impl Piecemeal {
    /// Whether the piece can belong to this call. Some servers give every call the index 0, and
    /// are told apart by their ids; some give nothing at all, and a name begins a call.
    fn goes_on_with(&self, piece: &Piece) -> bool {
        let other_index = piece.index.is_some() && self.index.is_some() && piece.index != self.index;
        let id = piece.id.as_ref().filter(|id| !id.is_empty());
        let other_id = id.is_some_and(|id| self.id.as_ref().is_some_and(|own| own != id));
        let named = piece
            .function
            .as_ref()
            .and_then(|function| function.name.as_ref());
        let named_anew = named.is_some_and(|name| !name.is_empty()) && id.is_none() && piece.index.is_none();
        !(other_index || other_id || named_anew && !self.name.is_empty())
    }

    fn add(&mut self, piece: Piece) {
        self.index = self.index.or(piece.index);
        if self.id.is_none() {
            self.id = piece.id.filter(|id| !id.is_empty());
        }
        let Some(function) = piece.function else { return };
        if self.name.is_empty() {
            self.name = function.name.unwrap_or_default();
        }
        match function.arguments {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => self.arguments.push_str(&text),
            Some(whole) => self.arguments.push_str(&whole.to_string()),
        }
    }

    fn call(self) -> Call {
        Call {
            id: calls::id_or_ours(self.id),
            name: self.name,
            arguments: self.arguments,
            mark: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The names and arguments that are put together from pieces.
    fn heard(pieces: &[Value]) -> Vec<(String, String)> {
        let (mut heard, mut parts) = (Heard::default(), Vec::new());
        for piece in pieces {
            let chunk = json!({ "choices": [{ "delta": { "tool_calls": [piece] } }] });
            heard
                .hear(&chunk.to_string(), &mut parts)
                .expect("a chunk that can be read");
        }
        heard.end(&mut parts);
        let calls = parts.into_iter().map(|part| match part {
            Part::Call(call) => (call.name, call.arguments),
            other => panic!("a call was expected: {other:?}"),
        });
        calls.collect()
    }

    #[test]
    fn calls_are_put_together_however_a_server_cuts_them() {
        let piece = |index: Value, id: Value, name: Value, arguments: Value| json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
        let none = || Value::Null;
        let two = [("a", "{\"n\":1}"), ("b", "{}")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        for (server, pieces) in [
            (
                "in pieces, with everything",
                vec![
                    piece(json!(0), json!("x"), json!("a"), json!("")),
                    piece(json!(0), none(), none(), json!("{\"n\"")),
                    piece(json!(0), none(), none(), json!(":1}")),
                    piece(json!(1), json!("y"), json!("b"), json!("{}")),
                ],
            ),
            (
                "in turns",
                vec![
                    piece(json!(0), json!("x"), json!("a"), json!("{\"n\"")),
                    piece(json!(1), json!("y"), json!("b"), json!("{")),
                    piece(json!(0), none(), none(), json!(":1}")),
                    piece(json!(1), none(), none(), json!("}")),
                ],
            ),
            (
                "whole, all with the index 0",
                vec![
                    piece(json!(0), json!("x"), json!("a"), json!("{\"n\":1}")),
                    piece(json!(0), json!("y"), json!("b"), json!("{}")),
                ],
            ),
            (
                "whole, with neither index nor id, as objects",
                vec![
                    piece(none(), none(), json!("a"), json!({ "n": 1 })),
                    piece(none(), none(), json!("b"), json!({})),
                ],
            ),
            (
                "in pieces that repeat the id and an empty name",
                vec![
                    piece(none(), json!("x"), json!("a"), json!("{\"n\"")),
                    piece(none(), json!("x"), json!(""), json!(":1}")),
                    piece(none(), json!("y"), json!("b"), json!("{}")),
                ],
            ),
        ] {
            assert_eq!(heard(&pieces), two, "{server}");
        }
    }
}
