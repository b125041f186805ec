//! No model at all: plain English by rules. It is there when no key is given, needs nothing, costs
//! nothing, says the same to the same, and says what it is.
//!
//! It knows no more than any other model does: the conversation with its calls and results. What
//! was said is read into wishes; each wish makes the calls it needs, one at a time where one rests
//! on another, and goes on with their results when it is asked the next time.

mod caution;
mod courtesy;
mod memory;
mod numbers;
mod parts;
mod plan;
mod price;
mod speech;
mod which;
mod wish;
mod words;

use futures_util::StreamExt;
use futures_util::stream;

use self::plan::{Next, Plan};
use super::{Answering, Model, Part, Prompt};

/// The model that is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Model for Rules {
    fn name(&self) -> &'static str {
        "offline, by rules"
    }

    fn answer(&self, prompt: Prompt) -> Answering {
        let mut answer = answer(&prompt);
        answer.push(Part::Usage(0));
        stream::iter(answer.into_iter().map(Ok)).boxed()
    }
}

fn answer(prompt: &Prompt) -> Vec<Part> {
    let Some((text, since)) = prompt.since_the_user() else {
        return Vec::new();
    };
    let before = &prompt.turns[..prompt.turns.len() - since.len()];
    let plan = Plan::new(before, since, &prompt.tools);
    match plan.fulfil(&wish::wishes(text)) {
        Ok(words) if words.is_empty() => Vec::new(),
        Ok(words) => vec![Part::Text(words)],
        Err(Next(calls)) => calls.into_iter().map(Part::Call).collect(),
    }
}
