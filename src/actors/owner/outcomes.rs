//! What an owner does about each of the ways in which the commit of a round can end.

use std::sync::Arc;

use actix::Context;
use bson::RawDocumentBuf;
use futures_util::FutureExt;
use tracing::{error, warn};

use super::{Owner, Phase, What};
use crate::actors::ask::AskError;
use crate::actors::base::Base;
use crate::actors::crew::Changed;
use crate::actors::remembered::REMEMBERED;
use crate::actors::round::Round;
use crate::actors::waiting::{Work, in_doubt};
use crate::domain::entity::{Entity, Key, SideRow};
use crate::store::{Outcome, Settled, Unavailable, answered};

/// So often is a round decided again before its callers hear that there is no getting through.
const CONFLICTS_MAX: u32 = 64;

impl<E: Entity> Owner<E> {
    pub(super) fn committed(&mut self, outcome: Outcome, round: Box<Round<E>>, ctx: &mut Context<Self>) {
        if !matches!(outcome, Outcome::Conflict) {
            self.forget(|mishaps| mishaps.conflicts = 0);
        }
        match outcome {
            Outcome::Stored => self.stored(round),
            Outcome::Conflict => self.conflict(round, ctx),
            Outcome::Exists { collection, .. } if collection == REMEMBERED.name => self.recall(round, ctx),
            Outcome::Exists { collection, key, row } => self.exists(round, (collection, key), &row),
            Outcome::Taken(index) => self.taken(*round, index),
            Outcome::Rejected(why) => self.stopped(round, &AskError::Rejected(why)),
            Outcome::Unavailable(why) => round.fail(&AskError::Unavailable(why)),
            Outcome::InDoubt(settled) => self.doubt(*round, settled, ctx),
        }
    }

    fn stored(&mut self, mut round: Box<Round<E>>) {
        self.forget(|mishaps| mishaps.in_the_way = None); // the rules minded it, and may forget it again
        if let Some(state) = round.state.take() {
            // Before the answers: whoever asks after his answer must find what it speaks of.
            self.show(&state, &round);
            self.base = Base {
                state: Some(state),
                version: round.version,
            };
        }
        if self.stale {
            self.set_looks_aside(&mut round); // what there is to see is not known just now
        }
        round.answer(&self.base);
    }

    pub(super) fn show(&self, state: &E, round: &Round<E>) {
        self.crew.show(&Changed {
            id: self.id,
            state,
            version: round.version,
            events: &round.events,
        });
    }

    /// Shows what was read: it may be news, of another runtime or of a commit of its own that got
    /// no answer.
    pub(super) fn show_found(&self) {
        if let Some(state) = &self.base.state {
            self.crew.show(&Changed {
                id: self.id,
                state,
                version: self.base.version,
                events: &[],
            });
        }
    }

    fn conflict(&mut self, round: Box<Round<E>>, ctx: &mut Context<Self>) {
        let mishaps = self.mishaps.get_or_insert_default();
        mishaps.conflicts += 1;
        if mishaps.conflicts <= CONFLICTS_MAX {
            return self.load(Some(round), ctx);
        }
        warn!(kind = E::KIND, id = %self.id, "no getting through between other writers");
        mishaps.conflicts = 0;
        round.fail(&AskError::Unavailable("others write to it all the time".into()));
        self.load(None, ctx);
    }

    /// An ask of the round was made before: all that were are looked up in one go.
    fn recall(&mut self, round: Box<Round<E>>, ctx: &mut Context<Self>) {
        let names = round.names().into_iter().map(Key::Name).collect();
        self.phase = Phase::Recalling(round);
        let store = Arc::clone(&self.crew.engine.store);
        let recall = async move { answered(store.get(&REMEMBERED, names)).await };
        self.send_out(ctx, recall.map(What::Recalled));
    }

    pub(super) fn recalled(
        &mut self,
        rows: Result<Vec<Option<RawDocumentBuf>>, Unavailable>,
        mut round: Round<E>,
    ) {
        match rows {
            Ok(rows) => {
                let now = self.crew.engine.clock.now();
                rows.iter().flatten().for_each(|row| round.remember(row, now));
                self.put_back(round);
            }
            Err(Unavailable(why)) => round.fail(&AskError::Unavailable(why)),
        }
    }

    /// A row that had to be absent is there: the round is decided again with the row in hand.
    fn exists(&mut self, round: Box<Round<E>>, row: (&'static str, Key), document: &RawDocumentBuf) {
        let (collection, key) = &row;
        let mishaps = self.mishaps.get_or_insert_default();
        if mishaps.in_the_way.as_ref() == Some(&row) {
            error!(kind = E::KIND, id = %self.id, collection, %key, "a row is in the way that no rule minds");
            return self.stopped(round, &AskError::Failed);
        }
        if let Some(state) = &mut self.base.state {
            state.absorb(SideRow { collection, document });
        }
        mishaps.in_the_way = Some(row);
        self.put_back(*round);
    }

    fn taken(&mut self, mut round: Round<E>, index: &str) {
        match &mut round.decided[..] {
            [(one, _)] => match E::instead(&one.ask.command, index) {
                Some(command) => one.ask.command = command,
                None => one.refused = Some(E::taken(index)),
            },
            many => self.mishaps.get_or_insert_default().singly = many.len(),
        }
        self.put_back(round);
    }

    /// One of the round stops all of it: each is tried by itself, until it is found.
    fn stopped(&mut self, mut round: Box<Round<E>>, why: &AskError<E::Refusal>) {
        if round.decided.len() > 1 {
            let mishaps = self.mishaps.get_or_insert_default();
            mishaps.singly = round.decided.len();
            mishaps.in_the_way = None;
            self.put_back(*round);
        } else {
            self.set_looks_aside(&mut round);
            round.fail(why);
        }
    }

    /// Looks have no part in what becomes of the round.
    fn set_looks_aside(&mut self, round: &mut Box<Round<E>>) {
        let looks = std::mem::take(&mut round.looks);
        self.pending.extend(looks.into_iter().map(Work::Look));
    }

    fn doubt(&mut self, round: Round<E>, settled: Settled, ctx: &mut Context<Self>) {
        // Whoever would be woken in its place would decide without waiting for the doubt to end.
        self.phase = Phase::Doubt { _awake: round.stay() };
        round.fail(&AskError::Unavailable(in_doubt().0));
        self.give_up(&in_doubt());
        self.send_out(ctx, settled.wait().map(|()| What::DoubtOver));
    }
}
