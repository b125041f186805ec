//! The revocations that this node knows by heart.

use dashmap::DashMap;

use crate::domain::account::{Revocation, SessionId};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

#[derive(Debug, Default)]
pub(super) struct Noted {
    sessions: DashMap<SessionId, Revocation>,
    accounts: DashMap<Id, Revocation>,
}

impl Noted {
    pub(super) fn note(&self, revocation: Revocation) {
        match revocation {
            Revocation::One { session, .. } => {
                self.sessions.insert(session, revocation);
            }
            Revocation::Before { account, .. } => {
                let mut noted = self.accounts.entry(account).or_insert(revocation);
                // What is heard late must not bring a session back.
                if epoch(&noted) < epoch(&revocation) {
                    *noted = revocation;
                }
            }
        }
    }

    pub(super) fn ends(&self, account: Id, session: SessionId) -> bool {
        let by = |noted: &Revocation| noted.ends(account, session);
        self.sessions.get(&session).is_some_and(|noted| by(&noted))
            || self.accounts.get(&account).is_some_and(|noted| by(&noted))
    }

    pub(super) fn forget_expired(&self, now: Timestamp) -> usize {
        let mut forgotten = 0;
        let mut matters = |noted: &Revocation| {
            let matters = noted.expires() >= now;
            forgotten += usize::from(!matters);
            matters
        };
        self.sessions.retain(|_, noted| matters(noted));
        self.accounts.retain(|_, noted| matters(noted));
        forgotten
    }
}

fn epoch(revocation: &Revocation) -> u64 {
    match revocation {
        Revocation::Before { epoch, .. } => *epoch,
        Revocation::One { session, .. } => session.epoch,
    }
}
