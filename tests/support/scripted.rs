//! A model that does what a test tells it to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bazaar::services::models::{Answering, Call, Model, ModelError, Part, Prompt, Turn};
use futures_util::{StreamExt, stream};
use serde_json::Value;

/// What it says to a prompt.
type Script = Box<dyn Fn(&Prompt, usize) -> Said + Send + Sync>;

/// One answer of it.
pub(crate) type Said = Vec<Result<Part, ModelError>>;

/// The model.
pub(crate) struct Scripted {
    script: Script,
    asked: AtomicUsize,
    hangs: bool,
}

impl Scripted {
    /// A model that answers so; the second argument counts how often it was asked before.
    pub(crate) fn new(script: impl Fn(&Prompt, usize) -> Said + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            asked: AtomicUsize::new(0),
            hangs: false,
        })
    }

    /// The same, but an answer without a part never ends.
    pub(crate) fn hanging(script: impl Fn(&Prompt, usize) -> Said + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            asked: AtomicUsize::new(0),
            hangs: true,
        })
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Model for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn answer(&self, prompt: Prompt) -> Answering {
        let said = (self.script)(&prompt, self.asked.fetch_add(1, Ordering::SeqCst));
        if said.is_empty() && self.hangs {
            return stream::pending().boxed();
        }
        stream::iter(said).boxed()
    }
}

/// Words.
pub(crate) fn words(text: &str) -> Said {
    vec![Ok(Part::Text(text.to_owned()))]
}

/// A call.
pub(crate) fn call(name: &str, arguments: &Value) -> Said {
    raw_call(name, &arguments.to_string())
}

/// A call with arguments as they are.
pub(crate) fn raw_call(name: &str, arguments: &str) -> Said {
    vec![Ok(Part::Call(Call {
        id: format!("call-of-{name}"),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        mark: None,
    }))]
}

/// What came of the last calls, if the prompt ends with that.
pub(crate) fn last_results(prompt: &Prompt) -> Option<Vec<Value>> {
    match prompt.turns.last()? {
        Turn::Results { results } => {
            let read = |content: &str| serde_json::from_str(content).expect("results are JSON");
            Some(results.iter().map(|result| read(&result.content)).collect())
        }
        _ => None,
    }
}

/// What the user said last.
pub(crate) fn last_words(prompt: &Prompt) -> &str {
    prompt.since_the_user().map_or("", |(text, _)| text)
}
