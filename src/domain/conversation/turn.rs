//! One turn of a conversation with a model, in the shape that all models have in common.

use serde::{Deserialize, Serialize};

/// One turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Turn {
    /// What the user said.
    User {
        /// The words.
        text: String,
    },
    /// What the model said and called.
    Model {
        /// The words, which may be none.
        text: String,
        /// The calls, in order.
        calls: Vec<Call>,
    },
    /// What came of the calls of the turn before it: one for each, in the same order.
    Results {
        /// One for each call.
        results: Vec<CallResult>,
    },
}

/// A call of a tool, as the model made it: nothing about it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// By which its result is known.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// The arguments: a JSON object, if the model was right.
    pub arguments: String,
    /// What the model wants to see again with the call, and nobody else can read: Gemini signs its
    /// thoughts, and does not go on without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallResult {
    /// The call.
    pub id: String,
    /// The name of the tool that was called.
    pub name: String,
    /// JSON: what the tool says, or `{"error": …}`.
    pub content: String,
}

impl Call {
    /// About how much there is to read of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let mark = self.mark.as_ref().map_or(0, String::len);
        self.name.len() + self.arguments.len() + mark
    }
}

impl Turn {
    /// About how much there is to read of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::User { text } => text.len(),
            Self::Model { text, calls } => text.len() + calls.iter().map(Call::bytes).sum::<usize>(),
            Self::Results { results } => results.iter().map(|result| result.content.len()).sum(),
        }
    }

    /// Whether the user said it.
    #[must_use]
    pub fn is_the_users(&self) -> bool {
        matches!(self, Self::User { .. })
    }
}
