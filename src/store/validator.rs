//! Whether what an owner holds is still the newest version, on a store that other runtimes write
//! to: the questions of all owners of the node, gathered into one read.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{Store, Unavailable, Version, answered};
use crate::domain::collection::Collection;
use crate::domain::entity::Key;

const QUEUE: usize = 65_536;
const BATCH: usize = 1_024;

/// The way to ask.
#[derive(Clone)]
pub struct Validator(mpsc::Sender<Question>);

struct Question {
    document: (&'static Collection, Key),
    answer: oneshot::Sender<Result<Version, Unavailable>>,
}

impl Validator {
    /// A validator, and the loop that must be run for it to answer.
    pub fn new(store: Arc<dyn Store>) -> (Self, BoxFuture<'static, ()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), Box::pin(answer(store, receiver)))
    }

    /// The version that the store has, read after this was asked.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn version(&self, collection: &'static Collection, key: Key) -> Result<Version, Unavailable> {
        let (answer, version) = oneshot::channel();
        let question = Question {
            document: (collection, key),
            answer,
        };
        let gone = |()| Unavailable("the runtime is stopping".into());
        self.0.send(question).await.map_err(|_| gone(()))?;
        version.await.map_err(|_| gone(()))?
    }
}

async fn answer(store: Arc<dyn Store>, mut questions: mpsc::Receiver<Question>) {
    let mut batch = Vec::new();
    while questions.recv_many(&mut batch, BATCH).await > 0 {
        let asked = batch.iter().map(|question| question.document.clone());
        let versions = answered(store.versions(asked.collect())).await;
        for (n, question) in batch.drain(..).enumerate() {
            let version = match &versions {
                Ok(versions) => Ok(versions.get(n).copied().unwrap_or(0)),
                Err(unavailable) => Err(unavailable.clone()),
            };
            // Whoever asked may be gone by now.
            let _ = question.answer.send(version);
        }
    }
}
