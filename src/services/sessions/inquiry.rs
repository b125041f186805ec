//! What a store that others write to knows of revocations: the questions of all requests that are
//! under way, gathered into one read.

use std::sync::Arc;

use bson::RawDocumentBuf;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::domain::account::{REVOCATIONS, Revocation, SessionId};
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::store::{Store, Unavailable};

const QUEUE: usize = 65_536;
const BATCH: usize = 512;

/// The way to ask.
pub(super) struct Inquiry(mpsc::Sender<Question>);

struct Question {
    account: Id,
    session: SessionId,
    answer: oneshot::Sender<Result<Option<Revocation>, Unavailable>>,
}

impl Inquiry {
    pub(super) fn new(store: Arc<dyn Store>) -> (Self, BoxFuture<'static, ()>) {
        let (sender, questions) = mpsc::channel(QUEUE);
        (Self(sender), answer(store, questions).boxed())
    }

    /// What ends this session, read after this was asked.
    pub(super) async fn revocation(
        &self,
        account: Id,
        session: SessionId,
    ) -> Result<Option<Revocation>, Unavailable> {
        let (answer, revocation) = oneshot::channel();
        let question = Question {
            account,
            session,
            answer,
        };
        let gone = || Unavailable("the runtime is stopping".into());
        self.0.send(question).await.map_err(|_| gone())?;
        revocation.await.map_err(|_| gone())?
    }
}

impl Question {
    fn keys(&self) -> [Key; 2] {
        [Key::Name(self.session.to_string()), Key::Id(self.account)]
    }

    fn answer(self, rows: &Result<Vec<Option<RawDocumentBuf>>, Unavailable>, n: usize) {
        let ends = |revocation: &Revocation| revocation.ends(self.account, self.session);
        let answer = match rows {
            Ok(rows) => {
                let own = rows.iter().skip(2 * n).take(2).flatten();
                Ok(own.filter_map(Revocation::read).find(ends))
            }
            Err(unavailable) => Err(unavailable.clone()),
        };
        // Whoever asked may be gone by now.
        let _ = self.answer.send(answer);
    }
}

async fn answer(store: Arc<dyn Store>, mut questions: mpsc::Receiver<Question>) {
    let mut batch = Vec::new();
    while questions.recv_many(&mut batch, BATCH).await > 0 {
        let keys = batch.iter().flat_map(Question::keys).collect();
        let rows = store.get(&REVOCATIONS, keys).await;
        for (n, question) in batch.drain(..).enumerate() {
            question.answer(&rows, n);
        }
    }
}
