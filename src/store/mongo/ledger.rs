//! What is known about the commits of a lane while its task writes them. Whoever waits for the
//! lane may close the ledger at the deadline, and from then on nothing more is sent.

use bson::Document;
use parking_lot::Mutex;

use super::waves::Group;
use crate::store::{Outcome, Settled};

pub(super) struct Ledger(Mutex<State>);

struct State {
    closed: bool,
    entries: Vec<Entry>,
    session: Option<Document>,
    forfeited: bool,
}

enum Entry {
    Waiting,
    /// The word to commit was sent, and no answer has come.
    Sent,
    Told(Outcome),
}

impl Ledger {
    pub(super) fn new(commits: usize) -> Self {
        Self(Mutex::new(State {
            closed: false,
            entries: (0..commits).map(|_| Entry::Waiting).collect(),
            session: None,
            forfeited: false,
        }))
    }

    pub(super) fn is_open(&self) -> bool {
        !self.0.lock().closed
    }

    /// Notes the session in use.
    pub(super) fn uses(&self, session: &Document) {
        self.0.lock().session = Some(session.clone());
    }

    /// Notes that a group is about to be committed; `false` when it is too late for that.
    pub(super) fn send(&self, group: &[usize]) -> bool {
        let mut state = self.0.lock();
        if state.closed {
            return false;
        }
        for &n in group {
            state.entries[n] = Entry::Sent;
        }
        true
    }

    /// Notes that what was sent is known not to have landed.
    pub(super) fn unsend(&self, group: &[usize]) {
        let mut state = self.0.lock();
        for &n in group {
            state.entries[n] = Entry::Waiting;
        }
    }

    pub(super) fn tell(&self, n: usize, outcome: Outcome) {
        self.0.lock().entries[n] = Entry::Told(outcome);
    }

    /// The members of a group that have not been told anything.
    pub(super) fn waiting(&self, group: &[usize]) -> Group {
        let state = self.0.lock();
        let waits = |n: &&usize| matches!(state.entries[**n], Entry::Waiting);
        group.iter().filter(waits).copied().collect()
    }

    /// Ends it: nothing is sent any more, and every commit has its outcome.
    pub(super) fn close(&self, why: &str, settled: &Settled) -> Vec<Outcome> {
        let mut state = self.0.lock();
        state.closed = true;
        let outcome = |entry: &Entry| match entry {
            Entry::Waiting => Outcome::Unavailable(why.to_owned()),
            Entry::Sent => Outcome::InDoubt(settled.clone()),
            Entry::Told(outcome) => outcome.clone(),
        };
        state.entries.iter().map(outcome).collect()
    }

    /// The session that the lane's task holds.
    pub(super) fn session(&self) -> Option<Document> {
        self.0.lock().session.clone()
    }

    /// Takes the session away from the task; `false` when it has been given back already.
    pub(super) fn forfeit(&self) -> bool {
        let mut state = self.0.lock();
        state.forfeited = state.session.is_some();
        state.forfeited
    }

    /// Whether the task may give its session back.
    pub(super) fn returns(&self) -> bool {
        let mut state = self.0.lock();
        state.session = None;
        !state.forfeited
    }
}
