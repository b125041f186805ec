//! How many tokens one step of a model takes.

use crate::domain::conversation::Turn;
use crate::services::models::{Prompt, ToolSpec};

/// About so many bytes are a token, where a model does not say how many it used.
const BYTES_OF_A_TOKEN: usize = 4;

/// What is known of it so far.
pub(super) struct Used {
    /// As much was asked and answered.
    pub(super) bytes: usize,
    /// As many tokens as the model says.
    pub(super) told: Option<u32>,
}

impl Used {
    /// Nothing is answered yet.
    pub(super) fn by(prompt: &Prompt) -> Self {
        let turns: usize = prompt.turns.iter().map(Turn::bytes).sum();
        let tools: usize = prompt.tools.iter().map(length).sum();
        Self {
            bytes: prompt.system.len() + turns + tools,
            told: None,
        }
    }

    /// What it told, or else what it comes to: whoever is not counted could go on for ever.
    pub(super) fn tokens(&self) -> u32 {
        let estimate = self.bytes.div_ceil(BYTES_OF_A_TOKEN);
        self.told
            .unwrap_or_else(|| u32::try_from(estimate).unwrap_or(u32::MAX))
    }
}

fn length(tool: &ToolSpec) -> usize {
    tool.name.len() + tool.description.len() + tool.parameters.to_string().len()
}
