//! What goes over the wire between a user and the assistant, whatever the wire is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::time::Timestamp;

/// The longest thing that a user may say, in bytes.
pub(super) const TEXT_MAX: usize = 8 * 1024;

/// What a user sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Inbound {
    /// Says something.
    Message {
        /// The words.
        text: String,
    },
    /// Answers a `confirm` frame.
    #[serde(rename_all = "camelCase")]
    Confirm {
        /// That frame's `callId`.
        call_id: String,
        /// Yes or no.
        accept: bool,
    },
    /// Wants no more of the answer that is coming.
    Cancel,
}

/// What a user is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Frame {
    /// What the assistant is doing.
    Status {
        /// For programs.
        status: Status,
        /// For people.
        text: String,
        /// With the first `ready` alone: what was said so far, the oldest first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        history: Vec<Said>,
    },
    /// The next words of an answer.
    Delta {
        /// The words.
        text: String,
    },
    /// A tool is called, or was.
    Tool {
        /// The call.
        call_id: String,
        /// The tool.
        name: String,
        /// How far it has come.
        state: CallState,
        /// For people: what came of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// For programs: what came of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
    },
    /// A whole answer. What really changed stands at its end in the shop's own words.
    Message {
        /// The words.
        text: String,
    },
    /// The user is asked, and nothing is done until a yes comes.
    Confirm {
        /// Stands for this question alone, and for one answer.
        call_id: String,
        /// What would be called.
        tool: String,
        /// What the user would agree to.
        question: String,
        /// When it is too late.
        expires_at: Timestamp,
    },
    /// Something went wrong.
    Error {
        /// For programs: it stays when the sentence changes.
        code: &'static str,
        /// For people.
        message: String,
    },
}

/// What the assistant is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It waits for the user: the first frame of a connection, and the last of every answer.
    Ready,
    /// It thinks about what was said.
    Thinking,
    /// It uses a tool.
    Working,
    /// It has stopped, as the user wished.
    Cancelled,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// It was begun.
    Running,
    /// It was done.
    Done,
    /// It did nothing.
    Failed,
    /// It waits for the user.
    Asking,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who said it.
    pub role: Speaker,
    /// The words.
    pub text: String,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The user.
    User,
    /// The assistant.
    Assistant,
}

impl Inbound {
    /// Reads what came over a wire that carries text.
    ///
    /// # Errors
    /// The frame to answer when it is nothing of this.
    pub fn read(text: &str) -> Result<Self, Frame> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| Frame::error("malformed_json", format!("This is not JSON: {error}.")))?;
        let known = ["message", "confirm", "cancel"];
        match value.get("type").and_then(Value::as_str) {
            Some(kind) if known.contains(&kind) => {}
            _ => {
                let why = "A frame is an object whose type is message, confirm or cancel.";
                return Err(Frame::error("unknown_type", why));
            }
        }
        let inbound: Self = serde_json::from_value(value)
            .map_err(|error| Frame::error("malformed_frame", format!("This frame is not right: {error}.")))?;
        inbound.checked()
    }

    /// Words, from a wire that carries nothing else.
    ///
    /// # Errors
    /// The frame to answer when it is nothing that can be said.
    pub fn words(text: String) -> Result<Self, Frame> {
        Self::Message { text }.checked()
    }

    fn checked(self) -> Result<Self, Frame> {
        match &self {
            Self::Message { text } if text.trim().is_empty() => {
                Err(Frame::error("malformed_frame", "Please say something."))
            }
            Self::Message { text } if text.len() > TEXT_MAX => {
                let why = format!("Please say it in at most {TEXT_MAX} bytes.");
                Err(Frame::error("too_long", why))
            }
            _ => Ok(self),
        }
    }
}

impl Frame {
    /// Something went wrong.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Error { code, message }
    }

    /// What the assistant is doing.
    pub fn status(status: Status, text: impl Into<String>) -> Self {
        Self::Status {
            status,
            text: text.into(),
            history: Vec::new(),
        }
    }

    /// The frame as JSON.
    ///
    /// # Panics
    /// Never: a frame is plain data, which always has a form in JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a frame is plain data, and so it is JSON")
    }
}
