//! How much of the assistant there is for one user and for all of them.

use std::time::Duration;

use crate::config;

/// The bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How often a model may be asked for one answer to the user.
    pub steps: usize,
    /// How long an answer to the user may take.
    pub time: Duration,
    /// How long a question to the user stands.
    pub confirm: Duration,
    /// How many tokens one answer of a model may have.
    pub answer_tokens: u32,
    /// How many tokens a user may use on a day.
    pub tokens_a_day: u32,
    /// How many connections a user may have on this node.
    pub sessions_per_user: usize,
    /// How many connections there may be on this node.
    pub sessions_per_node: usize,
    /// How many frames a connection may send within a minute.
    pub frames_a_minute: u32,
}

impl From<&config::Assistant> for Limits {
    fn from(settings: &config::Assistant) -> Self {
        Self {
            steps: settings.steps_max,
            time: settings.answer_timeout,
            confirm: settings.confirm_timeout,
            answer_tokens: settings.answer_tokens_max,
            tokens_a_day: settings.tokens_per_day,
            sessions_per_user: settings.sessions_per_user,
            sessions_per_node: settings.sessions_per_node,
            frames_a_minute: settings.frames_per_minute,
        }
    }
}
