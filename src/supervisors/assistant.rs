//! How the assistant is put together, and what is done for it without anybody's asking.

use std::sync::Arc;
use std::time::Duration;

use super::sweeper::Chore;
use crate::actors::assistant::tools::Tools;
use crate::actors::assistant::{Assistant, Shop};
use crate::actors::engine::Engine;
use crate::actors::passes::Passes;
use crate::config::Config;
use crate::domain::pass::PASSES;
use crate::services::models::Model;
use crate::services::sessions::Sessions;

/// The assistant of this shop, who shows people to the door when their sessions end.
pub(super) fn open(
    config: &Config,
    engine: &Arc<Engine>,
    shop: Shop,
    (model, sessions): (Arc<dyn Model>, &Arc<Sessions>),
) -> Assistant {
    let (tools, limits) = (Tools::new(shop), (&config.assistant).into());
    let assistant = Assistant::new(engine, tools, model, Arc::clone(sessions), limits);
    tokio::spawn(assistant.watch_the_door());
    assistant
}

/// What is done for it.
pub(super) fn chores(engine: &Arc<Engine>, assistant: &Assistant, passes: &Passes) -> Vec<Chore> {
    let clearing = assistant.clone();
    let forget_questions = move || {
        let forgotten = clearing.forget();
        Box::pin(async move { Ok(forgotten) }) as _
    };
    vec![
        Chore::new(
            "questions that nobody answered".into(),
            Duration::from_mins(1),
            forget_questions,
        ),
        Chore::sleep(assistant.conversations().clone()),
        Chore::sleep(passes.owners().clone()),
        Chore::forget(Arc::clone(engine), &PASSES),
    ]
}
