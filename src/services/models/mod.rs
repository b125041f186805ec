//! Language models behind one port: a conversation and what may be called go in, words and calls
//! come out as a stream. A model changes nothing and knows no user: whoever asks it runs the calls.
//!
//! An adapter for a product is one file beside this one, named after the product. It keeps a
//! connection, a time to the first part and a breaker of its own, and tries again only as long as
//! no part of an answer has come. Dropping the stream stops the call.

mod calls;
mod gemini;
mod line;
mod openai;
pub mod rules;
mod spoken;
mod sse;

use std::sync::Arc;

use futures_util::stream::BoxStream;
use serde_json::Value;

use crate::config::{Config, Thinking};

pub use self::gemini::Gemini;
pub use self::openai::OpenAi;
pub use crate::domain::conversation::{Call, CallResult, Turn};

/// Somebody who goes on with a conversation.
pub trait Model: Send + Sync + 'static {
    /// What it is called, to the user and in the log: `rules`.
    fn name(&self) -> &str;

    /// Goes on with a conversation. The stream ends with the answer, or with one error as its
    /// last item.
    fn answer(&self, prompt: Prompt) -> Answering;
}

/// An answer as it comes.
pub type Answering = BoxStream<'static, Result<Part, ModelError>>;

/// What a model is asked.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// Who the model is and what it must not do.
    pub system: Arc<str>,
    /// The conversation. It begins and ends with a turn that is not the model's.
    pub turns: Vec<Turn>,
    /// What it may call.
    pub tools: Arc<[ToolSpec]>,
    /// The most tokens that the answer may have.
    pub tokens_max: u32,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The next words.
    Text(String),
    /// A whole call.
    Call(Call),
    /// How many tokens were used, question and answer together. Told at most once.
    Usage(u32),
}

/// Something that may be called.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: &'static str,
    /// What it is for, to the model.
    pub description: &'static str,
    /// The JSON schema of its arguments, which are an object.
    pub parameters: Value,
}

/// Why an answer ends too early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Nothing came: it is out, too busy, too slow, or left alone for a while.
    #[error("the model gives no answer: {0}")]
    Unavailable(String),
    /// It broke off in the middle.
    #[error("the model broke off: {0}")]
    Cut(String),
    /// It will not answer this: a filter, a limit of its own, or a request it does not take.
    #[error("the model refuses: {0}")]
    Refused(String),
}

impl Prompt {
    /// The turns since the user last said something, and what was said.
    #[must_use]
    pub fn since_the_user(&self) -> Option<(&str, &[Turn])> {
        let at = self
            .turns
            .iter()
            .rposition(|turn| matches!(turn, Turn::User { .. }))?;
        match &self.turns[at] {
            Turn::User { text } => Some((text, &self.turns[at + 1..])),
            _ => None,
        }
    }

    /// Whether the model is asked what it makes of results.
    fn ends_with_results(&self) -> bool {
        matches!(self.turns.last(), Some(Turn::Results { .. }))
    }
}

/// The model that the settings ask for.
#[must_use]
pub fn open(config: &Config) -> Arc<dyn Model> {
    match config.thinking() {
        Thinking::Gemini => Arc::new(Gemini::new(&config.gemini, &config.assistant)),
        Thinking::OpenAi => Arc::new(OpenAi::new(&config.openai, &config.assistant)),
        Thinking::Rules | Thinking::Auto => Arc::new(rules::Rules),
    }
}
