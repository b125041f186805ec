//! One round of an owner: the commands that were waiting, decided in order, each on the outcome
//! of the accepted ones before it, and the one commit that makes all of it durable.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use tracing::error;

use super::ask::{Answer, Ask, AskError};
use super::owner::{Look, Waiting, Work};
use super::remembered::{self, Remembered, Verdict};
use crate::domain::collection::Collection;
use crate::domain::entity::{Circumstances, Entity, Event, Key, RowWrite};
use crate::domain::id::Id;
use crate::store::{Commit, CommitId, EVENTS, Guard, Version, Write, document};

/// What an owner knows to be durable.
#[derive(Debug)]
pub struct Base<E> {
    /// The thing, if it has ever been made.
    pub state: Option<E>,
    /// Its version.
    pub version: Version,
    /// The commit that wrote this version.
    pub commit: Option<CommitId>,
}

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

/// The working copy of a round, and what its commit will hold.
struct Draft<'a, E: Entity> {
    id: Id,
    base: &'a Base<E>,
    state: Option<E>,
    version: Version,
    rows: BTreeMap<(&'static str, Key), Write>,
    remembered: BTreeMap<String, (String, Verdict<E>)>,
    events: Vec<E::Event>,
    expires_after: std::time::Duration,
}

impl<E: Entity> Round<E> {
    /// Decides what waits. The commit is `None` when nothing has to be written.
    pub(super) fn decide(
        id: Id,
        base: &Base<E>,
        works: Vec<Work<E>>,
        commit: CommitId,
        expires_after: std::time::Duration,
    ) -> (Self, Option<Commit>) {
        let mut draft = Draft {
            id,
            base,
            state: None,
            version: base.version,
            rows: BTreeMap::new(),
            remembered: BTreeMap::new(),
            events: Vec::new(),
            expires_after,
        };
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
}

impl<E: Entity> Draft<'_, E> {
    fn answer(&mut self, one: &Waiting<E>) -> Reply<E> {
        let ask = &one.ask;
        let Some(name) = &ask.once else {
            return self.verdict(one).into_reply(false);
        };
        let earlier = match &one.remembered {
            Some(row) => Some((row.body.clone(), row.verdict.clone())),
            None => self.remembered.get(&name.key).cloned(),
        };
        match earlier {
            Some((body, _)) if body != name.body => Err(AskError::KeyReused),
            Some((_, verdict)) => verdict.into_reply(true),
            None => {
                let verdict = self.verdict(one);
                self.remember(one, &verdict);
                verdict.into_reply(false)
            }
        }
    }

    /// What the rules say to one command, with everything it changes put into the draft.
    fn verdict(&mut self, one: &Waiting<E>) -> Verdict<E> {
        let Ask {
            command,
            at,
            if_match,
            ..
        } = &*one.ask;
        if let Some(refusal) = &one.refused {
            return Verdict::Refused(refusal.clone());
        }
        if if_match
            .as_ref()
            .is_some_and(|wanted| !wanted.contains(&self.version))
        {
            return Verdict::VersionMismatch(self.version);
        }
        let state = self.state.as_ref().or(self.base.state.as_ref());
        let rules = AssertUnwindSafe(|| E::decide(state, command, at));
        let Ok(decision) = catch_unwind(rules) else {
            error!(kind = E::KIND, id = %self.id, "a rule panicked; the command is dropped");
            return Verdict::Panicked;
        };
        match decision {
            Err(refusal) => Verdict::Refused(refusal),
            Ok(decision) => {
                if let Some(change) = decision.change {
                    self.version += 1;
                    self.state = Some(change.state);
                    for (n, event) in change.events.into_iter().enumerate() {
                        self.tell(&event, n, at);
                        self.events.push(event);
                    }
                    for row in change.rows {
                        self.write(row.collection, row.key, row.write);
                    }
                }
                Verdict::Replied(Answer {
                    reply: decision.reply,
                    version: self.version,
                    replayed: false,
                })
            }
        }
    }

    fn tell(&mut self, event: &E::Event, n: usize, at: &Circumstances) {
        let id = document::event_id(E::KIND, self.id, self.version, n);
        let mut row = rawdoc! {
            "_id": id.as_str(),
            "type": event.name(),
            "kind": E::KIND,
            "entity": ObjectId::from(self.id),
            "version": document::signed(self.version),
            "at": bson::DateTime::from_millis(at.now.millis()),
        };
        if let Some(by) = at.by {
            row.append(bson::raw::cstr!("by"), ObjectId::from(by));
        }
        row.append(bson::raw::cstr!("data"), document::encode(event));
        self.write(&EVENTS, Key::Name(id), RowWrite::Insert(row));
    }

    fn remember(&mut self, one: &Waiting<E>, verdict: &Verdict<E>) {
        let Some(name) = &one.ask.once else { return };
        let expires = one.ask.at.now.after(self.expires_after);
        let Some(row) = remembered::row(E::KIND, self.id, name, verdict, expires) else {
            return; // a fault of ours may be tried again
        };
        let write = if one.overwrite {
            RowWrite::Put(row)
        } else {
            RowWrite::Insert(row)
        };
        self.write(&remembered::REMEMBERED, Key::Name(name.key.clone()), write);
        let kept = (name.body.clone(), verdict.clone());
        self.remembered.insert(name.key.clone(), kept);
    }

    /// Puts a row into the draft. Of several writes to one row the last one counts, but a row
    /// that had to be absent before the round still has to be.
    fn write(&mut self, collection: &'static Collection, key: Key, row: RowWrite) {
        let place = (collection.name, key.clone());
        let row = match (self.rows.get(&place).map(|earlier| &earlier.row), row) {
            (Some(RowWrite::Insert(_)), RowWrite::Put(row)) => RowWrite::Insert(row),
            (_, row) => row,
        };
        let write = Write { collection, key, row };
        self.rows.insert(place, write);
    }

    fn commit(&mut self, id: CommitId) -> Option<Commit> {
        let writes: Vec<_> = std::mem::take(&mut self.rows).into_values().collect();
        if self.state.is_none() && writes.is_empty() {
            return None;
        }
        let key = Key::Id(self.id);
        let put: Option<RawDocumentBuf> = self
            .state
            .as_ref()
            .map(|state| document::of_entity(&key, self.version, id, state));
        Some(Commit {
            id,
            guard: Some(Guard {
                collection: E::COLLECTION,
                key,
                expect: self.base.version,
                put,
            }),
            writes,
        })
    }
}

impl<E> Default for Base<E> {
    fn default() -> Self {
        Self {
            state: None,
            version: 0,
            commit: None,
        }
    }
}

impl<E: Entity> Remembered<E> {
    /// Whether this row answers an ask under this key.
    pub fn answers(&self, ask: &Ask<E>) -> bool {
        ask.once.as_ref().is_some_and(|once| once.key == self.key)
    }
}
