//! Drives a batch through transactions until every commit has its outcome or time is up.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mongodb::ClientSession;
use tokio::task::JoinHandle;
use tracing::warn;

use super::ledger::Ledger;
use super::transaction::{self, Attempt};
use super::waves::{self, Group};
use super::{Inner, no_answer, refusals, statements};
use crate::store::commit::Settling;
use crate::store::{Commit, Outcome, Settled};

const PAUSE_FIRST_MS: u64 = 4;
const PAUSE_MAX_MS: u64 = 128;

/// Writes a batch and answers each commit in its place.
pub(super) async fn commit(inner: &Arc<Inner>, batch: Vec<Commit>) -> Vec<Outcome> {
    let batch = Arc::new(batch);
    let ledger_of = |lane: Group| {
        let (inner, batch) = (Arc::clone(inner), Arc::clone(&batch));
        async move { Lane::write(inner, batch, lane).await }
    };
    let lanes = waves::lanes(&inner.hot, &batch);
    let written = join_all(lanes.into_iter().map(ledger_of)).await;
    let mut outcomes: Vec<_> = written.into_iter().flatten().collect();
    outcomes.sort_by_key(|(n, _)| *n);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

struct Lane {
    inner: Arc<Inner>,
    batch: Arc<Vec<Commit>>,
    ledger: Arc<Ledger>,
    clashes: u32,
}

impl Lane {
    async fn write(inner: Arc<Inner>, batch: Arc<Vec<Commit>>, lane: Group) -> Vec<(usize, Outcome)> {
        let ledger = Arc::new(Ledger::new(batch.len()));
        let work = Self {
            inner: Arc::clone(&inner),
            batch,
            ledger: Arc::clone(&ledger),
            clashes: 0,
        };
        let mut work = tokio::spawn(work.work(lane.clone()));
        let in_time = tokio::time::timeout(inner.deadline, &mut work).await;
        let (settling, settled) = Settled::pending();
        let outcomes = ledger.close(&no_answer(inner.deadline), &settled);
        let running = match in_time {
            Ok(Ok(())) => None,
            Ok(Err(panic)) => {
                warn!(%panic, "a lane broke off");
                Some(None)
            }
            Err(_) => Some(Some(work)),
        };
        if let Some(work) = running {
            tokio::spawn(see_to_the_end(inner, ledger, work, settling));
        }
        lane.into_iter().map(|n| (n, outcomes[n].clone())).collect()
    }

    async fn work(mut self, lane: Group) {
        let mut session = match self.inner.sessions.take().await {
            Ok(session) => session,
            Err(error) => return self.give_up(&lane, &error.to_string()),
        };
        self.ledger.uses(session.id());
        for wave in waves::waves(&self.batch, &lane) {
            self.write_wave(&mut session, wave).await;
        }
        if self.ledger.returns() {
            self.inner.sessions.give_back(session);
        }
    }

    async fn write_wave(&mut self, session: &mut ClientSession, wave: Group) {
        let mut groups = vec![self.reject_faulty(&wave)];
        while let Some(group) = groups.pop() {
            if group.is_empty() || !self.ledger.is_open() {
                continue;
            }
            let attempt = self.attempt(session, &group).await;
            groups.extend(self.follow_up(attempt, group).await);
        }
    }

    async fn attempt(&self, session: &mut ClientSession, group: &[usize]) -> Attempt {
        let commits: Vec<_> = group.iter().map(|&n| &self.batch[n]).collect();
        let statements = statements::of(&commits);
        transaction::attempt(session, &self.inner.database, statements, &self.ledger, group).await
    }

    /// What has to be tried next after an attempt, the last one first.
    async fn follow_up(&mut self, attempt: Attempt, group: Group) -> Vec<Group> {
        match attempt {
            Attempt::Stored => {
                for n in group {
                    self.ledger.tell(n, Outcome::Stored);
                }
                Vec::new()
            }
            Attempt::Refused => self.without_refused(group).await,
            Attempt::Clashed => self.after_a_clash(group).await,
            Attempt::Malformed(why) => match group[..] {
                [alone] => {
                    self.ledger.tell(alone, Outcome::Rejected(why));
                    Vec::new()
                }
                _ => halves(group),
            },
            Attempt::Broken(error) => {
                warn!(error, "a batch could not be written; it is tried again");
                self.pause().await;
                vec![group]
            }
            Attempt::TooLate => Vec::new(),
        }
    }

    /// Tells those that cannot stand what stands against them; the others go on together.
    async fn without_refused(&mut self, group: Group) -> Vec<Group> {
        let commits: Vec<_> = group.iter().map(|&n| &self.batch[n]).collect();
        match refusals::of(&self.inner.database, &commits).await {
            Ok(refused) => {
                let none = refused.iter().all(Option::is_none);
                for (&n, outcome) in group.iter().zip(refused) {
                    if let Some(outcome) = outcome {
                        self.ledger.tell(n, outcome);
                    }
                }
                if none {
                    // What stood against it is not yet held by a majority, or gone again.
                    return self.after_a_clash(group).await;
                }
            }
            Err(error) => {
                warn!(%error, "a refused batch could not be looked into; it is tried again");
                self.pause().await;
            }
        }
        vec![self.ledger.waiting(&group)]
    }

    async fn after_a_clash(&mut self, group: Group) -> Vec<Group> {
        self.pause().await;
        match group[..] {
            [alone] => {
                self.inner.hot.mark(&self.batch[alone]);
                vec![group]
            }
            _ => halves(group),
        }
    }

    /// Waits longer the more often it was in vain, and never as long as anybody else.
    async fn pause(&mut self) {
        let longest = PAUSE_MAX_MS.min(PAUSE_FIRST_MS << self.clashes.min(5));
        self.clashes += 1;
        let pause = Duration::from_millis(longest).mul_f64(rand::random());
        tokio::time::sleep(pause).await;
    }

    fn reject_faulty(&self, wave: &[usize]) -> Group {
        for &n in wave {
            if let Some(fault) = statements::fault(&self.batch[n]) {
                self.ledger.tell(n, Outcome::Rejected(fault.into()));
            }
        }
        self.ledger.waiting(wave)
    }

    fn give_up(&self, lane: &[usize], why: &str) {
        for &n in lane {
            self.ledger.tell(n, Outcome::Unavailable(why.to_owned()));
        }
    }
}

/// After the deadline: the task may be waiting for an answer that never comes, with a transaction
/// open on the server, or have broken off with one. Either it ends as it should, or its session
/// is ended.
async fn see_to_the_end(
    inner: Arc<Inner>,
    ledger: Arc<Ledger>,
    work: Option<JoinHandle<()>>,
    settling: Settling,
) {
    let ends = async {
        if let Some(work) = work
            && work.await.is_ok()
        {
            return;
        }
        std::future::pending().await
    };
    let session = ledger.session();
    let kill = async {
        match &session {
            Some(session) => inner.sessions.end(session).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = ends => {}
        () = kill => {
            if ledger.forfeit() {
                inner.sessions.forfeit();
            }
        }
    }
    settling.settled();
}

fn halves(mut group: Group) -> Vec<Group> {
    let second = group.split_off(group.len() / 2);
    vec![second, group]
}
