//! The working copy of a round: commands are decided on it in order, each on the outcome of the
//! accepted ones before it, and it becomes the one commit that makes all of them durable.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, rawdoc};
use tracing::error;

use super::ask::{Answer, AskError};
use super::base::Base;
use super::remembered::{self, Earlier, REMEMBERED, Verdict};
use super::round::Reply;
use super::waiting::Waiting;
use crate::domain::collection::Collection;
use crate::domain::entity::{Change, Circumstances, Decision, Entity, Event, Key, RowWrite, SideRow};
use crate::domain::id::Id;
use crate::store::{Commit, CommitId, EVENTS, Guard, Version, Write, document};

/// The thing as the round would leave it, and the rows that go with it.
pub(super) struct Draft<'a, E: Entity> {
    id: Id,
    base: &'a Base<E>,
    /// `None` as long as no command changed it.
    pub(super) state: Option<E>,
    pub(super) version: Version,
    pub(super) events: Vec<E::Event>,
    rows: BTreeMap<Place, Write>,
    remembered: BTreeMap<String, (String, Verdict<E>)>,
    expires_after: Duration,
}

type Place = (&'static str, Key);

impl<'a, E: Entity> Draft<'a, E> {
    pub(super) fn new(id: Id, base: &'a Base<E>, expires_after: Duration) -> Self {
        Self {
            id,
            base,
            state: None,
            version: base.version,
            events: Vec::new(),
            rows: BTreeMap::new(),
            remembered: BTreeMap::new(),
            expires_after,
        }
    }

    /// What one caller hears, if the round stands.
    pub(super) fn answer(&mut self, one: &Waiting<E>) -> Reply<E> {
        let Some(name) = &one.ask.once else {
            return self.verdict(one).into_reply(false);
        };
        let earlier = match &one.earlier {
            Earlier::Found(found) => Some((found.body.clone(), found.verdict.clone())),
            Earlier::Illegible => return Err(AskError::Failed),
            Earlier::Unknown | Earlier::Expired => self.remembered.get(&name.key).cloned(),
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

    /// What comes of one command, with everything it changes put into the draft.
    fn verdict(&mut self, one: &Waiting<E>) -> Verdict<E> {
        if let Some(refusal) = &one.refused {
            return Verdict::Refused(refusal.clone());
        }
        let wanted = one.ask.if_match.as_ref();
        if wanted.is_some_and(|wanted| !wanted.contains(&self.version)) {
            return Verdict::VersionMismatch(self.version);
        }
        match self.decide(one) {
            Err(verdict) => verdict,
            Ok(Decision { reply, change }) => {
                if let Some(change) = change {
                    self.accept(change, &one.ask.at);
                }
                Verdict::Replied(Answer {
                    reply,
                    version: self.version,
                    replayed: false,
                })
            }
        }
    }

    /// Asks the rules; and once more when they did not know of a row that this round has written.
    fn decide(&mut self, one: &Waiting<E>) -> Result<Decision<E>, Verdict<E>> {
        let decision = self.ask_the_rules(one)?;
        let in_the_way = self.in_the_way(&decision);
        if in_the_way.is_empty() {
            return Ok(decision);
        }
        if let Some(state) = &mut self.state {
            for (collection, document) in &in_the_way {
                state.absorb(SideRow { collection, document });
            }
        }
        let decision = self.ask_the_rules(one)?;
        if self.in_the_way(&decision).is_empty() {
            return Ok(decision);
        }
        error!(kind = E::KIND, id = %self.id, "a rule writes a row again that has to be absent");
        Err(Verdict::Failed)
    }

    fn ask_the_rules(&self, one: &Waiting<E>) -> Result<Decision<E>, Verdict<E>> {
        let state = self.state.as_ref().or(self.base.state.as_ref());
        let rules = AssertUnwindSafe(|| E::decide(state, &one.ask.command, &one.ask.at));
        let Ok(decision) = catch_unwind(rules) else {
            error!(kind = E::KIND, id = %self.id, "a rule panicked; the command is dropped");
            return Err(Verdict::Failed);
        };
        decision.map_err(Verdict::Refused)
    }

    /// The rows of this round that a decision takes to be absent.
    fn in_the_way(&self, decision: &Decision<E>) -> Vec<(&'static str, RawDocumentBuf)> {
        let rows = decision.change.iter().flat_map(|change| &change.rows);
        let inserts = rows.filter(|row| matches!(row.write, RowWrite::Insert(_)));
        inserts
            .filter_map(|row| {
                let written = self.rows.get(&(row.collection.name, row.key.clone()))?;
                match &written.row {
                    RowWrite::Put(there) | RowWrite::Insert(there) => {
                        Some((row.collection.name, there.clone()))
                    }
                    RowWrite::Delete => None,
                }
            })
            .collect()
    }

    fn accept(&mut self, change: Change<E>, at: &Circumstances) {
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
        if event.is_audited(at.by) {
            row.append(bson::raw::cstr!("audited"), true);
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
        let write = if matches!(one.earlier, Earlier::Expired) {
            RowWrite::Put(row)
        } else {
            RowWrite::Insert(row)
        };
        self.write(&REMEMBERED, Key::Name(name.key.clone()), write);
        let kept = (name.body.clone(), verdict.clone());
        self.remembered.insert(name.key.clone(), kept);
    }

    /// Puts a row into the draft. Of several writes to one row the last one counts, but what had
    /// to be absent before the round still has to be, and what the round deleted may be there.
    fn write(&mut self, collection: &'static Collection, key: Key, row: RowWrite) {
        let place = (collection.name, key.clone());
        let row = match (self.rows.get(&place).map(|earlier| &earlier.row), row) {
            (Some(RowWrite::Insert(_)), RowWrite::Put(row)) => RowWrite::Insert(row),
            (Some(RowWrite::Delete), RowWrite::Insert(row)) => RowWrite::Put(row),
            (_, row) => row,
        };
        let write = Write { collection, key, row };
        self.rows.insert(place, write);
    }

    /// The commit of the round; `None` when there is nothing to write.
    pub(super) fn commit(&mut self, id: CommitId) -> Option<Commit> {
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
