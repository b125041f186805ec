//! The owner of one thing: the only one who changes it on this node. What it is asked waits until
//! no commit is in flight, is decided in one round, and is answered when the round is durable.
//!
//! Nothing is awaited on the actor's own context: whatever takes time is spawned and comes back
//! as a message. Messages survive a restart of the actor, so a restart loses no caller, and the
//! fate of a commit in flight is always heard.

mod mishaps;
mod outcomes;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message, Supervised};
use bson::RawDocumentBuf;
use futures_util::FutureExt;
use tracing::{debug, error};

use self::mishaps::Mishaps;
use super::admission::Stay;
use super::ask::AskError;
use super::base::Base;
use super::crew::Crew;
use super::round::Round;
use super::waiting::{Look, Waiting, Work, in_doubt};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::store::{Commit, Loaded, Outcome, Unavailable, Version, answered};

/// An owner that has to rest for longer than this does not let its callers wait for it.
const REST_FOR_CALLERS_MAX: Duration = Duration::from_secs(1);

/// The actor.
pub struct Owner<E: Entity> {
    id: Id,
    crew: Arc<Crew<E>>,
    base: Base<E>,
    phase: Phase<E>,
    pending: VecDeque<Work<E>>,
    /// So many from the front of `pending` waited when the state was asked for: what it says is
    /// news to them, even where others write.
    fresh: usize,
    /// What it holds is lost or no longer so: it reads it again before the next round.
    stale: bool,
    /// Few owners ever have any.
    mishaps: Option<Box<Mishaps>>,
    /// Counts what was sent out, so that an answer to something given up is passed over.
    ticket: u64,
}

/// What the owner is about. There is never more than one commit in flight. A round is boxed, for
/// most owners have none and there are many of them.
enum Phase<E: Entity> {
    /// It knows nothing; the first ask wakes it.
    Asleep,
    /// The state is on its way from the store. A round that met a conflict waits for it, because
    /// the conflict may have been its own write.
    Loading(Option<Box<Round<E>>>),
    /// It knows its state and has nothing under way.
    Ready,
    /// A round is at the committer.
    Committing(Box<Round<E>>),
    /// A round was stopped by the outcome of an earlier ask; all such outcomes are on their way.
    Recalling(Box<Round<E>>),
    /// A round that changes nothing waits to hear whether what it rests on is still so.
    Validating(Box<Round<E>>),
    /// A commit was sent and no answer came: nothing is decided until it has landed or never can.
    Doubt { _awake: Option<Stay> },
    /// It failed and rests before it reads its state again.
    Resting(Option<Box<Round<E>>>),
}

/// What comes back to an owner from what it sent out.
#[derive(Message)]
#[rtype(result = "()")]
struct News {
    ticket: u64,
    what: What,
}

enum What {
    Loaded(Result<Loaded, Unavailable>),
    Committed(Outcome),
    Recalled(Result<Vec<Option<RawDocumentBuf>>, Unavailable>),
    Version(Result<Version, Unavailable>),
    DoubtOver,
    Rested,
}

/// Makes the owner fail as if by a fault of its own; for tests and for operators.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Fail;

/// The thing has come to this version: an owner that knows an older one reads it again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stale(pub Version);

impl<E: Entity> Owner<E> {
    /// An owner that wakes with the first ask.
    #[must_use]
    pub fn new(id: Id, crew: Arc<Crew<E>>) -> Self {
        Self {
            id,
            crew,
            base: Base::default(),
            phase: Phase::Asleep,
            pending: VecDeque::new(),
            fresh: 0,
            stale: false,
            mishaps: None,
            ticket: 0,
        }
    }

    /// Runs a handler so that a panic in it costs one message, never the mailbox: actix closes
    /// the mailbox of an actor whose handler unwinds, and its supervisor does not bring it back.
    fn guarded(&mut self, ctx: &mut Context<Self>, handler: impl FnOnce(&mut Self, &mut Context<Self>)) {
        if catch_unwind(AssertUnwindSafe(|| handler(self, ctx))).is_err() {
            error!(kind = E::KIND, id = %self.id, "an owner failed; it starts anew from the store");
            ctx.stop();
        }
    }

    /// Sends something out whose answer comes back as news.
    fn send_out(&mut self, ctx: &Context<Self>, task: impl Future<Output = What> + Send + 'static) {
        let back = self.back(ctx);
        tokio::spawn(task.map(back));
    }

    /// What brings the answer back to what is sent out now.
    fn back(&mut self, ctx: &Context<Self>) -> impl FnOnce(What) + Send + use<E> {
        self.ticket += 1;
        let (ticket, me) = (self.ticket, ctx.address());
        move |what| me.do_send(News { ticket, what })
    }

    fn take(&mut self, work: Work<E>, ctx: &mut Context<Self>) {
        match (&self.phase, work) {
            // What this node alone writes is known to be so: a look need not wait for anything.
            (Phase::Ready | Phase::Committing(_), Work::Look(look))
                if !self.stale && !self.crew.engine.store.shared() && look.since <= self.base.version =>
            {
                look.show(Ok((self.base.state.as_ref(), self.base.version)));
            }
            (_, work) => self.pending.push_back(work),
        }
        match self.phase {
            Phase::Asleep => self.load(None, ctx),
            Phase::Ready => self.next(ctx),
            Phase::Doubt { .. } => self.give_up(&in_doubt()),
            _ => {}
        }
    }

    fn load(&mut self, undecided: Option<Box<Round<E>>>, ctx: &mut Context<Self>) {
        self.phase = Phase::Loading(undecided);
        self.fresh = self.pending.len();
        self.forget(|mishaps| mishaps.in_the_way = None);
        self.stale = false;
        let (store, id) = (Arc::clone(&self.crew.engine.store), self.id);
        let load = async move { answered(store.load(E::COLLECTION, id.into(), E::SIDES)).await };
        self.send_out(ctx, load.map(What::Loaded));
    }

    fn loaded(&mut self, loaded: Result<Loaded, Unavailable>, undecided: Option<Box<Round<E>>>) {
        match loaded.and_then(|loaded| Base::read(&loaded)) {
            Ok((base, commit)) => {
                self.base = base;
                match undecided {
                    // The conflict was the round's own write, whose answer had been lost.
                    Some(round) if commit == Some(round.commit) => {
                        if let Some(state) = &self.base.state {
                            self.show(state, &round);
                        }
                        round.answer(&self.base);
                    }
                    undecided => {
                        self.show_found();
                        self.fresh += undecided.map_or(0, |round| self.put_back(*round));
                    }
                }
            }
            Err(unavailable) => {
                self.phase = Phase::Asleep;
                if let Some(round) = undecided {
                    round.fail(&AskError::Unavailable(unavailable.0.clone()));
                }
                self.give_up(&unavailable);
            }
        }
    }

    /// Everybody who waits hears that there is no answer to be had.
    fn give_up(&mut self, why: &Unavailable) {
        self.fresh = 0;
        self.forget(|mishaps| mishaps.singly = 0);
        for work in std::mem::take(&mut self.pending) {
            match work {
                Work::Ask(waiting) => waiting.answer(Err(AskError::Unavailable(why.0.clone()))),
                Work::Look(look) => look.show(Err(why.clone())),
            }
        }
    }

    /// Starts the next round, if anything waits.
    fn next(&mut self, ctx: &mut Context<Self>) {
        if self.stale && matches!(self.phase, Phase::Ready) {
            return self.load(None, ctx);
        }
        while matches!(self.phase, Phase::Ready) && !self.pending.is_empty() {
            self.round(ctx);
        }
    }

    fn round(&mut self, ctx: &mut Context<Self>) {
        let (works, certain) = self.take_works();
        let engine = &self.crew.engine;
        let name = engine.id().into();
        let (round, commit) = Round::decide(self.id, &self.base, works, name, engine.bounds.remembered);
        match commit {
            Some(commit) => self.commit(Box::new(round), commit, ctx),
            None if certain => round.answer(&self.base),
            None => self.validate(Box::new(round), ctx),
        }
    }

    /// Who takes part in the next round, and whether what the owner holds is certain to be true
    /// for all of them.
    fn take_works(&mut self) -> (Vec<Work<E>>, bool) {
        let alone = !self.crew.engine.store.shared();
        let mut many = self.crew.engine.bounds.per_round.min(self.pending.len());
        if let Some(mishaps) = &mut self.mishaps
            && mishaps.singly > 0
        {
            mishaps.singly -= 1;
            many = 1;
        }
        if self.fresh > 0 && !alone {
            many = many.min(self.fresh);
        }
        let certain = alone || self.fresh >= many;
        self.fresh = self.fresh.saturating_sub(many);
        let works = if many == self.pending.len() {
            // With its buffer: an owner that has nothing in hand keeps no place for it.
            std::mem::take(&mut self.pending).into()
        } else {
            self.pending.drain(..many).collect()
        };
        (works, certain)
    }

    fn put_back(&mut self, round: Round<E>) -> usize {
        let works = round.works();
        let many = works.len();
        for work in works.into_iter().rev() {
            self.pending.push_front(work);
        }
        many
    }

    fn commit(&mut self, mut round: Box<Round<E>>, commit: Commit, ctx: &mut Context<Self>) {
        round.sent();
        self.phase = Phase::Committing(round);
        let back = self.back(ctx);
        let done = Box::new(move |outcome| back(What::Committed(outcome)));
        self.crew.engine.committer.submit(commit, done);
    }

    fn validate(&mut self, round: Box<Round<E>>, ctx: &mut Context<Self>) {
        self.phase = Phase::Validating(round);
        let (validator, id) = (self.crew.engine.validator.clone(), self.id);
        let validate = async move { validator.version(E::COLLECTION, id.into()).await };
        self.send_out(ctx, validate.map(What::Version));
    }

    fn validated(&mut self, version: Result<Version, Unavailable>, round: Round<E>, ctx: &mut Context<Self>) {
        match version {
            Ok(version) if version == self.base.version => round.answer(&self.base),
            Ok(_) => {
                self.put_back(round);
                self.load(None, ctx);
            }
            Err(Unavailable(why)) => round.fail(&AskError::Unavailable(why)),
        }
    }

    fn rest(&mut self, undecided: Option<Box<Round<E>>>, ctx: &mut Context<Self>) {
        self.crew.restarted();
        self.phase = Phase::Resting(undecided);
        let pause = self
            .mishaps
            .get_or_insert_default()
            .restarts
            .count(self.crew.engine.clock.now());
        if pause > REST_FOR_CALLERS_MAX {
            self.give_up(&Unavailable("it fails again and again".into()));
        }
        self.send_out(ctx, tokio::time::sleep(pause).map(|()| What::Rested));
    }

    fn hear(&mut self, what: What, ctx: &mut Context<Self>) {
        match (std::mem::replace(&mut self.phase, Phase::Ready), what) {
            (Phase::Loading(undecided), What::Loaded(loaded)) => self.loaded(loaded, undecided),
            (Phase::Committing(round), What::Committed(outcome)) => self.committed(outcome, round, ctx),
            (Phase::Recalling(round), What::Recalled(rows)) => self.recalled(rows, *round),
            (Phase::Validating(round), What::Version(version)) => self.validated(version, *round, ctx),
            (Phase::Resting(undecided), What::Rested) => self.load(undecided, ctx),
            (Phase::Doubt { .. }, What::DoubtOver) => self.load(None, ctx),
            (phase, _) => self.phase = phase,
        }
        self.next(ctx);
    }
}

impl<E: Entity> Actor for Owner<E> {
    type Context = Context<Self>;
}

impl<E: Entity> Supervised for Owner<E> {
    /// Replaces the state alone: callers in `pending` are kept, and the fate of a commit in
    /// flight is awaited before anything is read.
    fn restarting(&mut self, ctx: &mut Context<Self>) {
        self.base = Base::default();
        (self.fresh, self.stale) = (0, true);
        self.forget(|mishaps| mishaps.singly = 0);
        match std::mem::replace(&mut self.phase, Phase::Asleep) {
            waits @ (Phase::Committing(_) | Phase::Doubt { .. }) => self.phase = waits,
            // Whether the conflict was its own write is still to be found out.
            Phase::Loading(undecided) | Phase::Resting(undecided) => self.rest(undecided, ctx),
            Phase::Recalling(round) | Phase::Validating(round) => {
                self.put_back(*round);
                self.rest(None, ctx);
            }
            Phase::Asleep | Phase::Ready => self.rest(None, ctx),
        }
    }
}

impl<E: Entity> Handler<Waiting<E>> for Owner<E> {
    type Result = ();

    fn handle(&mut self, waiting: Waiting<E>, ctx: &mut Context<Self>) {
        self.guarded(ctx, |owner, ctx| owner.take(Work::Ask(Box::new(waiting)), ctx));
    }
}

impl<E: Entity> Handler<Look<E>> for Owner<E> {
    type Result = ();

    fn handle(&mut self, look: Look<E>, ctx: &mut Context<Self>) {
        self.guarded(ctx, |owner, ctx| owner.take(Work::Look(look), ctx));
    }
}

impl<E: Entity> Handler<News> for Owner<E> {
    type Result = ();

    fn handle(&mut self, News { ticket, what }: News, ctx: &mut Context<Self>) {
        if ticket != self.ticket {
            return debug!(kind = E::KIND, id = %self.id, "news of something given up");
        }
        self.guarded(ctx, |owner, ctx| owner.hear(what, ctx));
    }
}

impl<E: Entity> Handler<Fail> for Owner<E> {
    type Result = ();

    fn handle(&mut self, _: Fail, ctx: &mut Context<Self>) {
        self.guarded(ctx, |_, _| std::panic::resume_unwind(Box::new("told to fail")));
    }
}

impl<E: Entity> Handler<Stale> for Owner<E> {
    type Result = ();

    fn handle(&mut self, Stale(version): Stale, ctx: &mut Context<Self>) {
        self.guarded(ctx, |owner, ctx| match &owner.phase {
            Phase::Ready if version > owner.base.version => owner.load(None, ctx),
            Phase::Committing(round) => owner.stale |= version > round.version,
            _ => {}
        });
    }
}
