//! A copy of the revocations in Redis, which may say sooner than the store that a session is
//! over. That it has nothing proves nothing: it may have lost it, or be lost itself.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending};
use tokio::sync::mpsc;

use crate::domain::account::{Revocation, SessionId};
use crate::domain::entity::Key;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::services::redis::Redis;

/// So many may wait to be copied. One that finds no room is not copied, and the store knows it.
const QUEUE: usize = 4_096;

/// So long one stays in the copy at the longest; the store has it after that, too.
const COPIED_SECONDS_MAX: u64 = 24 * 60 * 60;

pub(super) struct Copy {
    redis: Redis,
    queue: mpsc::Sender<(Revocation, u64)>,
}

impl Copy {
    pub(super) fn new(redis: Redis) -> (Self, BoxFuture<'static, ()>) {
        let (queue, revocations) = mpsc::channel(QUEUE);
        let writing = write(redis.clone(), revocations).boxed();
        (Self { redis, queue }, writing)
    }

    pub(super) fn write(&self, revocation: Revocation, now: Timestamp) {
        let seconds = (revocation.expires().since(now).as_secs() + 1).min(COPIED_SECONDS_MAX);
        let _ = self.queue.try_send((revocation, seconds));
    }

    /// What ends this session, if the copy has it; otherwise this never answers.
    pub(super) async fn revocation(&self, account: Id, session: SessionId) -> Revocation {
        let keys = [Key::Name(session.to_string()), Key::Id(account)].map(|key| name(&key));
        let mut command = redis::cmd("MGET");
        command.arg(&keys);
        let found: Option<Vec<Option<String>>> = self.redis.ask(&command).await;
        let texts = found.into_iter().flatten().flatten();
        let mut revocations = texts.filter_map(|text| serde_json::from_str(&text).ok());
        match revocations.find(|revocation: &Revocation| revocation.ends(account, session)) {
            Some(revocation) => revocation,
            None => pending().await,
        }
    }
}

async fn write(redis: Redis, mut revocations: mpsc::Receiver<(Revocation, u64)>) {
    while let Some((revocation, seconds)) = revocations.recv().await {
        let Ok(text) = serde_json::to_string(&revocation) else {
            continue;
        };
        let mut command = redis::cmd("SET");
        command
            .arg(name(&revocation.key()))
            .arg(text)
            .arg("EX")
            .arg(seconds);
        let _: Option<()> = redis.ask(&command).await;
    }
}

fn name(key: &Key) -> String {
    format!("bazaar:revocation:{key}")
}
