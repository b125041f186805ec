//! The messages of Socket.IO 5, the upper half: who connects, what happens, and what was received.
//! There is one namespace, the default one.

use serde_json::{Value, json};

use crate::actors::assistant::{Frame, Inbound};

/// The only event that clients send.
const MESSAGE: &str = "message";

/// What a client sends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Message {
    /// Wants in; with whatever it says of itself.
    Connect(Value),
    /// Leaves.
    Disconnect,
    /// Tells of something.
    Event {
        /// The name and the arguments.
        told: Vec<Value>,
        /// Wants to know under this number that it was received.
        id: Option<u64>,
    },
    /// Says that something was received.
    Ack,
    /// Wants in to a namespace that there is not.
    Elsewhere(String),
}

/// This is no message, or one that carries bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Message {
    /// Reads one: its type, a namespace that ends with a comma, a number, and JSON.
    pub(super) fn read(text: &str) -> Result<Self, Malformed> {
        let mut letters = text.chars();
        let kind = letters.next().ok_or(Malformed)?;
        let (namespace, rest) = namespace(letters.as_str());
        if namespace != "/" {
            let wants_in = kind == '0';
            return wants_in
                .then(|| Self::Elsewhere(namespace.to_owned()))
                .ok_or(Malformed);
        }
        let digits = rest.len()
            - rest
                .trim_start_matches(|letter: char| letter.is_ascii_digit())
                .len();
        let (id, data) = rest.split_at(digits);
        let id = if id.is_empty() {
            None
        } else {
            Some(id.parse().map_err(|_| Malformed)?)
        };
        match (kind, id) {
            ('0', None) if data.is_empty() => Ok(Self::Connect(Value::Null)),
            ('0', None) => Ok(Self::Connect(json(data)?)),
            ('1', None) if data.is_empty() => Ok(Self::Disconnect),
            ('2', id) => Ok(Self::Event {
                told: list(data)?,
                id,
            }),
            ('3', Some(_)) => list(data).map(|_| Self::Ack),
            _ => Err(Malformed),
        }
    }
}

/// The namespace and what comes after it.
fn namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("/", text);
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    (namespace.split('?').next().unwrap_or(namespace), rest)
}

fn json(text: &str) -> Result<Value, Malformed> {
    serde_json::from_str(text).map_err(|_| Malformed)
}

fn list(text: &str) -> Result<Vec<Value>, Malformed> {
    match json(text)? {
        Value::Array(list) if !list.is_empty() || text == "[]" => Ok(list),
        _ => Err(Malformed),
    }
}

/// What the user says with an event.
///
/// # Errors
/// The frame to answer when it says nothing.
pub(super) fn said(told: &[Value]) -> Result<Inbound, Frame> {
    match told {
        [Value::String(name), Value::String(text)] if name == MESSAGE => Inbound::words(text.clone()),
        [Value::String(name), ..] if name == MESSAGE => {
            Err(Frame::error("malformed_frame", "A message is one piece of text."))
        }
        _ => Err(Frame::error("unknown_type", "The event to send is `message`.")),
    }
}

/// What a client is told of a frame: an event of plain text, with a word for programs after it.
/// Nothing of what has no meaning for a client that waits for whole answers.
pub(super) fn event(frame: &Frame) -> Option<String> {
    let told = match frame {
        Frame::Message { text } => json!([MESSAGE, text]),
        Frame::Status { status, text, .. } => json!(["status", text, status]),
        Frame::Error { code, message } => json!(["error", message, code]),
        Frame::Delta { .. } | Frame::Tool { .. } | Frame::Confirm { .. } => return None,
    };
    Some(format!("2{told}"))
}

/// The client is in, under this id.
pub(super) fn welcome(id: &str) -> String {
    format!("0{}", json!({ "sid": id }))
}

/// The client is not let in.
pub(super) fn refusal(why: &str) -> String {
    format!("4{}", json!({ "message": why }))
}

/// There is no such namespace.
pub(super) fn no_such(namespace: &str) -> String {
    format!("4{namespace},{}", json!({ "message": "Invalid namespace" }))
}

/// The event of this number was received.
pub(super) fn ack(id: u64) -> String {
    format!("3{id}[]")
}

/// The client is shown out.
pub(super) fn goodbye() -> String {
    "1".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_are_meant() {
        let event = |told, id| Message::Event { told, id };
        let cases = [
            ("0", Message::Connect(Value::Null)),
            (r#"0{"token":"t"}"#, Message::Connect(json!({ "token": "t" }))),
            (r#"0/,{"token":"t"}"#, Message::Connect(json!({ "token": "t" }))),
            ("1", Message::Disconnect),
            (
                r#"2["message","hi"]"#,
                event(vec![json!("message"), json!("hi")], None),
            ),
            (
                r#"217["message","1"]"#,
                event(vec![json!("message"), json!("1")], Some(17)),
            ),
            ("30[]", Message::Ack),
            (r"0/admin?x=1,{}", Message::Elsewhere("/admin".into())),
            ("0/admin", Message::Elsewhere("/admin".into())),
        ];
        for (text, message) in cases {
            assert_eq!(Message::read(text), Ok(message), "{text}");
        }
    }

    #[test]
    fn bytes_other_namespaces_and_nonsense_are_no_messages() {
        let cases = [
            "",
            "2",
            "2{}",
            "2[",
            "21",
            "3[]",
            "1x",
            "0{",
            "9",
            "é",
            "4{}",
            r#"51-["message",{"_placeholder":true,"num":0}]"#,
            r#"2/admin,["message","hi"]"#,
            r#"299999999999999999999["message","hi"]"#,
        ];
        for text in cases {
            assert_eq!(Message::read(text), Err(Malformed), "{text}");
        }
    }
}
