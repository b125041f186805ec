//! One round of an owner: the commands that were waiting, each with its answer, and what the
//! thing will be when the one commit that holds them all stands.

use std::time::Duration;

use super::admission::Stay;
use super::ask::{Answer, AskError};
use super::base::Base;
use super::draft::Draft;
use super::remembered::Earlier;
use super::waiting::{Look, Waiting, Work};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Commit, CommitId, Unavailable, Version};

/// What one caller hears when the round stands.
pub type Reply<E> = Result<Answer<<E as Entity>::Reply>, AskError<<E as Entity>::Refusal>>;

/// A decided round.
pub struct Round<E: Entity> {
    /// Who waits, each with the answer that goes out when the round stands.
    pub decided: Vec<(Waiting<E>, Reply<E>)>,
    /// Who only wants to see what is.
    pub looks: Vec<Look<E>>,
    /// The thing from then on; `None` when no command changed it.
    pub state: Option<E>,
    /// Its version from then on.
    pub version: Version,
    /// The name of the commit.
    pub commit: CommitId,
    /// What happens with it, in order.
    pub events: Vec<E::Event>,
}

impl<E: Entity> Round<E> {
    /// Decides what waits. The commit is `None` when nothing has to be written.
    pub(super) fn decide(
        id: Id,
        base: &Base<E>,
        works: Vec<Work<E>>,
        commit: CommitId,
        expires_after: Duration,
    ) -> (Self, Option<Commit>) {
        let mut draft = Draft::new(id, base, expires_after);
        let (mut decided, mut looks) = (Vec::with_capacity(works.len()), Vec::new());
        for work in works {
            match work {
                Work::Ask(one) => {
                    let reply = draft.answer(&one);
                    decided.push((*one, reply));
                }
                Work::Look(look) => looks.push(look),
            }
        }
        let to_write = draft.commit(commit);
        let round = Self {
            decided,
            looks,
            state: draft.state,
            version: draft.version,
            commit,
            events: draft.events,
        };
        (round, to_write)
    }

    /// From here on it may take effect, whatever becomes of its owner.
    pub(super) fn sent(&mut self) {
        self.decided.iter_mut().for_each(|(one, _)| one.sent = true);
    }

    /// Keeps the owner awake for as long as it is held.
    pub(super) fn stay(&self) -> Option<Stay> {
        self.decided.first().map(|(one, _)| one.permit.stay())
    }

    /// Everybody hears what was decided, and sees what is.
    pub(super) fn answer(self, base: &Base<E>) {
        for (one, reply) in self.decided {
            one.answer(reply);
        }
        for look in self.looks {
            look.show(Ok((base.state.as_ref(), base.version)));
        }
    }

    /// Nobody gets an answer.
    pub(super) fn fail(self, why: &AskError<E::Refusal>) {
        for (one, _) in self.decided {
            one.answer(Err(why.clone()));
        }
        for look in self.looks {
            look.show(Err(Unavailable(why.to_string())));
        }
    }

    /// Everybody waits again.
    pub(super) fn works(self) -> Vec<Work<E>> {
        let again = |(mut one, _): (Waiting<E>, _)| {
            one.sent = false;
            Work::Ask(Box::new(one))
        };
        let asks = self.decided.into_iter().map(again);
        asks.chain(self.looks.into_iter().map(Work::Look)).collect()
    }

    /// The names under which its asks may have been made before, as far as nothing is known yet.
    pub(super) fn names(&self) -> Vec<String> {
        let unknown = self
            .decided
            .iter()
            .filter(|(one, _)| matches!(one.earlier, Earlier::Unknown));
        unknown
            .filter_map(|(one, _)| one.ask.once.as_ref())
            .map(|name| name.key.clone())
            .collect()
    }

    /// Gives the row of an earlier outcome to every ask that repeats it.
    pub(super) fn remember(&mut self, row: &bson::RawDocumentBuf, now: Timestamp) {
        let Ok(key) = row.get_str("_id") else { return };
        for (one, _) in &mut self.decided {
            if one.ask.once.as_ref().is_some_and(|name| name.key == key) {
                one.earlier = Earlier::read(row, now);
            }
        }
    }
}
