//! The owner of one thing: the only one who changes it on this node. What it is asked waits until
//! no commit is in flight, is decided in one round, and is answered when the round is durable.
//!
//! Nothing is awaited on the actor's own context: whatever takes time is spawned and comes back
//! as a message. Messages survive a restart of the actor, so a restart loses no caller, and the
//! fate of a commit in flight is always heard.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, Handler, Message, Supervised};
use tracing::{debug, error, warn};

use super::admission::Permit;
use super::ask::{Ask, AskError};
use super::crew::{Changed, Crew};
use super::remembered::Remembered;
use super::restarts::Restarts;
use super::round::{Base, Reply, Round};
use crate::domain::entity::{Entity, SideRow};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::store::{Commit, Loaded, Outcome, Settled, Unavailable, Version, document};

/// So often is a round decided again before its callers hear that there is no getting through.
const CONFLICTS_MAX: u32 = 64;

/// The actor.
pub struct Owner<E: Entity> {
    id: Id,
    crew: Arc<Crew<E>>,
    base: Base<E>,
    phase: Phase<E>,
    pending: VecDeque<Work<E>>,
    /// So many asks from the front of `pending` are decided one at a time, to find the one that
    /// the store will not take.
    singly: usize,
    conflicts: u32,
    restarts: Restarts,
    /// Counts what was sent out, so that an answer to something given up is passed over.
    ticket: u64,
}

/// What the owner is about. There is never more than one commit in flight.
enum Phase<E: Entity> {
    /// It knows nothing; the first ask wakes it.
    Asleep,
    /// The state is on its way from the store. `undecided`: a round that met a conflict, which
    /// may have been its own write.
    Loading { undecided: Option<Round<E>> },
    /// It knows its state and has nothing under way.
    Ready,
    /// A round is at the committer. `stale`: the state was lost meanwhile.
    Committing { round: Round<E>, stale: bool },
    /// A round that changes nothing waits to hear whether what it rests on is still so.
    Validating(Round<E>),
    /// A commit was sent and no answer came: nothing is decided until it has landed or never can.
    Doubt,
    /// It failed too often and rests before it reads its state again.
    Resting,
}

/// What waits for the next round.
pub(super) enum Work<E: Entity> {
    Ask(Box<Waiting<E>>),
    Look(Look<E>),
}

/// An ask in hand. Dropped without an answer, it says that it failed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Waiting<E: Entity> {
    /// What is asked.
    pub ask: Box<Ask<E>>,
    /// The earlier outcome of the same idempotent ask.
    pub remembered: Option<Remembered<E>>,
    /// The row of an earlier outcome is there, but so old that it may be written over.
    pub overwrite: bool,
    /// A refusal that the store has pronounced: a place in a unique index is taken.
    pub refused: Option<E::Refusal>,
    reply: Option<ReplyTo<E>>,
    _permit: Permit,
}

/// Whoever waits for an answer.
pub type ReplyTo<E> = tokio::sync::oneshot::Sender<Reply<E>>;

/// Something that only wants to see the state.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Look<E: Entity> {
    see: Option<See<E>>,
    _permit: Permit,
}

/// What a look does with what it sees.
pub type See<E> = Box<dyn FnOnce(Result<(Option<&E>, Version), Unavailable>) + Send>;

/// What comes back to an owner from what it sent out.
#[derive(Message)]
#[rtype(result = "()")]
enum News {
    Loaded(u64, Result<Loaded, Unavailable>),
    Committed(u64, Outcome),
    Version(u64, Result<Version, Unavailable>),
    DoubtOver(u64),
    Rested(u64),
}

/// Makes the owner fail as if by a fault of its own; for tests and for operators.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Fail;

/// The thing has come to this version: if the owner knows an older one, another runtime changed
/// it, and it is read again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Stale(pub Version);

impl<E: Entity> Waiting<E> {
    /// An ask with its permit and whoever waits for its answer.
    #[must_use]
    pub fn new(ask: Ask<E>, permit: Permit, reply: ReplyTo<E>) -> Self {
        Self {
            ask: Box::new(ask),
            remembered: None,
            overwrite: false,
            refused: None,
            reply: Some(reply),
            _permit: permit,
        }
    }

    fn answer(mut self, reply: Reply<E>) {
        if let Some(to) = self.reply.take() {
            // The caller may have gone; what was decided stands all the same.
            let _ = to.send(reply);
        }
    }
}

impl<E: Entity> Drop for Waiting<E> {
    fn drop(&mut self) {
        if let Some(to) = self.reply.take() {
            let _ = to.send(Err(AskError::Failed));
        }
    }
}

impl<E: Entity> Look<E> {
    /// A look with its permit.
    #[must_use]
    pub fn new(permit: Permit, see: See<E>) -> Self {
        Self {
            see: Some(see),
            _permit: permit,
        }
    }

    fn show(mut self, what: Result<(Option<&E>, Version), Unavailable>) {
        if let Some(see) = self.see.take() {
            see(what);
        }
    }
}

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
            singly: 0,
            conflicts: 0,
            restarts: Restarts::default(),
            ticket: 0,
        }
    }

    /// Runs a handler so that a panic in it costs one message, never the mailbox: actix closes
    /// the mailbox of an actor whose handler unwinds, and its supervisor does not bring it back.
    fn guarded(&mut self, ctx: &mut Context<Self>, handler: impl FnOnce(&mut Self, &mut Context<Self>)) {
        if catch_unwind(AssertUnwindSafe(|| handler(self, ctx))).is_err() {
            error!(kind = E::KIND, id = %self.id, "an owner failed; it starts anew from the store");
            actix::ActorContext::stop(ctx);
        }
    }

    fn send_out(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    fn load(&mut self, undecided: Option<Round<E>>, ctx: &mut Context<Self>) {
        let ticket = self.send_out();
        self.phase = Phase::Loading { undecided };
        let (me, store, id) = (ctx.address(), Arc::clone(&self.crew.engine.store), self.id);
        tokio::spawn(async move {
            let loaded = store.load(E::COLLECTION, id.into(), E::SIDES).await;
            me.do_send(News::Loaded(ticket, loaded));
        });
    }

    fn loaded(&mut self, loaded: Result<Loaded, Unavailable>, ctx: &mut Context<Self>) {
        let Phase::Loading { undecided } = std::mem::replace(&mut self.phase, Phase::Asleep) else {
            return;
        };
        match loaded.and_then(|loaded| read::<E>(&loaded)) {
            Ok(base) => {
                self.base = base;
                self.phase = Phase::Ready;
                match undecided {
                    // The conflict was the round's own write, whose answer had been lost.
                    Some(round) if self.base.commit == Some(round.commit) => {
                        if let Some(state) = &self.base.state {
                            self.show(state, &round);
                        }
                        round.answer(&self.base);
                    }
                    Some(round) => self.put_back(round.works()),
                    None => {}
                }
                self.next(ctx);
            }
            Err(unavailable) => {
                self.put_back(undecided.map(Round::works).unwrap_or_default());
                self.give_up(&unavailable);
            }
        }
    }

    /// Everybody who waits hears that there is no answer to be had.
    fn give_up(&mut self, why: &Unavailable) {
        self.singly = 0;
        for work in std::mem::take(&mut self.pending) {
            match work {
                Work::Ask(waiting) => waiting.answer(Err(AskError::Unavailable(why.0.clone()))),
                Work::Look(look) => look.show(Err(why.clone())),
            }
        }
    }

    fn take(&mut self, work: Work<E>, ctx: &mut Context<Self>) {
        match (&self.phase, work) {
            (Phase::Doubt, work) => {
                self.pending.push_back(work);
                self.give_up(&in_doubt());
            }
            // What this node alone writes is known to be so: a look need not wait for anything.
            (Phase::Ready | Phase::Committing { stale: false, .. }, Work::Look(look))
                if !self.crew.engine.store.shared() =>
            {
                look.show(Ok((self.base.state.as_ref(), self.base.version)));
            }
            (phase, work) => {
                let (asleep, ready) = (matches!(phase, Phase::Asleep), matches!(phase, Phase::Ready));
                self.pending.push_back(work);
                if asleep {
                    self.load(None, ctx);
                } else if ready {
                    self.next(ctx);
                }
            }
        }
    }

    /// Starts the next round, if anything waits.
    fn next(&mut self, ctx: &mut Context<Self>) {
        while matches!(self.phase, Phase::Ready) && !self.pending.is_empty() {
            self.round(ctx);
        }
    }

    fn round(&mut self, ctx: &mut Context<Self>) {
        let many = if self.singly > 0 {
            self.singly -= 1;
            1
        } else {
            self.crew.engine.bounds.per_round
        };
        let works = self.pending.drain(..many.min(self.pending.len())).collect();
        let engine = &self.crew.engine;
        let name = engine.id().into();
        let (round, commit) = Round::decide(self.id, &self.base, works, name, engine.bounds.remembered);
        match commit {
            Some(commit) => self.commit(round, commit, ctx),
            None if engine.store.shared() => self.validate(round, ctx),
            None => round.answer(&self.base),
        }
    }

    fn commit(&mut self, round: Round<E>, commit: Commit, ctx: &mut Context<Self>) {
        let ticket = self.send_out();
        self.phase = Phase::Committing { round, stale: false };
        let me = ctx.address();
        let done = Box::new(move |outcome| me.do_send(News::Committed(ticket, outcome)));
        self.crew.engine.committer.submit(commit, done);
    }

    fn validate(&mut self, round: Round<E>, ctx: &mut Context<Self>) {
        let ticket = self.send_out();
        self.phase = Phase::Validating(round);
        let (me, validator, id) = (ctx.address(), self.crew.engine.validator.clone(), self.id);
        tokio::spawn(async move {
            let version = validator.version(E::COLLECTION, id.into()).await;
            me.do_send(News::Version(ticket, version));
        });
    }

    fn validated(&mut self, version: Result<Version, Unavailable>, ctx: &mut Context<Self>) {
        let Phase::Validating(round) = std::mem::replace(&mut self.phase, Phase::Ready) else {
            return;
        };
        match version {
            Ok(version) if version == self.base.version => round.answer(&self.base),
            Ok(_) => {
                self.put_back(round.works());
                return self.load(None, ctx);
            }
            Err(unavailable) => round.fail(&AskError::Unavailable(unavailable.0)),
        }
        self.next(ctx);
    }

    fn put_back(&mut self, works: Vec<Work<E>>) {
        for work in works.into_iter().rev() {
            self.pending.push_front(work);
        }
    }

    fn committed(&mut self, outcome: Outcome, ctx: &mut Context<Self>) {
        let Phase::Committing { round, stale } = std::mem::replace(&mut self.phase, Phase::Ready) else {
            return;
        };
        if !matches!(outcome, Outcome::Conflict) {
            self.conflicts = 0;
        }
        match outcome {
            Outcome::Stored => self.stored(round),
            Outcome::Conflict => {
                self.conflicts += 1;
                if self.conflicts > CONFLICTS_MAX {
                    warn!(kind = E::KIND, id = %self.id, "no getting through between other writers");
                    round.fail(&AskError::Unavailable("others write to it all the time".into()));
                } else {
                    return self.load(Some(round), ctx);
                }
                return self.load(None, ctx);
            }
            Outcome::Exists { collection, row, .. } => self.exists(round, collection, &row),
            Outcome::Taken(index) => self.taken(round, index),
            Outcome::Rejected(why) => self.rejected(round, why),
            Outcome::Unavailable(why) => round.fail(&AskError::Unavailable(why)),
            Outcome::InDoubt(settled) => {
                round.fail(&AskError::Unavailable(in_doubt().0));
                return self.doubt(settled, ctx);
            }
        }
        if stale {
            return self.load(None, ctx);
        }
        self.next(ctx);
    }

    fn stored(&mut self, mut round: Round<E>) {
        if let Some(state) = round.state.take() {
            // Before the answers: whoever asks after his answer must find what it speaks of.
            self.show(&state, &round);
            self.base = Base {
                state: Some(state),
                version: round.version,
                commit: Some(round.commit),
            };
        }
        round.answer(&self.base);
    }

    fn show(&self, state: &E, round: &Round<E>) {
        self.crew.show(&Changed {
            id: self.id,
            state,
            version: round.version,
            events: &round.events,
        });
    }

    /// A row that had to be absent is there: its command is decided again with the row in hand.
    fn exists(&mut self, mut round: Round<E>, collection: &'static str, row: &bson::RawDocumentBuf) {
        let explained = match Remembered::<E>::read(row) {
            Some(earlier) => round.remember(earlier, self.crew.engine.clock.now()),
            None => self.base.state.as_mut().is_some_and(|state| {
                state.absorb(SideRow {
                    collection,
                    document: row,
                });
                true
            }),
        };
        if explained {
            self.put_back(round.works());
        } else {
            error!(kind = E::KIND, id = %self.id, collection, "a row is in the way that nothing explains");
            round.fail(&AskError::Failed);
        }
    }

    fn taken(&mut self, mut round: Round<E>, index: &str) {
        match &mut round.decided[..] {
            [(one, _)] => match E::instead(&one.ask.command, index) {
                Some(command) => one.ask.command = command,
                None => one.refused = Some(E::taken(index)),
            },
            many => self.singly = many.len(),
        }
        self.put_back(round.works());
    }

    fn rejected(&mut self, round: Round<E>, why: String) {
        if round.decided.len() > 1 {
            self.singly = round.decided.len();
            self.put_back(round.works());
        } else {
            round.fail(&AskError::Rejected(why));
        }
    }

    fn doubt(&mut self, settled: Settled, ctx: &mut Context<Self>) {
        let ticket = self.send_out();
        self.phase = Phase::Doubt;
        self.give_up(&in_doubt());
        let me = ctx.address();
        tokio::spawn(async move {
            settled.wait().await;
            me.do_send(News::DoubtOver(ticket));
        });
    }

    fn rest(&mut self, ctx: &mut Context<Self>) {
        let pause = self.restarts.count(self.crew.engine.clock.now());
        self.crew.restarted();
        let ticket = self.send_out();
        self.phase = Phase::Resting;
        let me = ctx.address();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            me.do_send(News::Rested(ticket));
        });
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
        self.singly = 0;
        match &mut self.phase {
            Phase::Committing { stale, .. } => *stale = true,
            Phase::Doubt => {}
            _ => {
                if let Phase::Validating(round)
                | Phase::Loading {
                    undecided: Some(round),
                } = std::mem::replace(&mut self.phase, Phase::Asleep)
                {
                    self.put_back(round.works());
                }
                self.rest(ctx);
            }
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

    fn handle(&mut self, news: News, ctx: &mut Context<Self>) {
        self.guarded(ctx, |owner, ctx| match news {
            News::Loaded(ticket, loaded) if ticket == owner.ticket => owner.loaded(loaded, ctx),
            News::Committed(ticket, outcome) if ticket == owner.ticket => owner.committed(outcome, ctx),
            News::Version(ticket, version) if ticket == owner.ticket => owner.validated(version, ctx),
            News::DoubtOver(ticket) | News::Rested(ticket) if ticket == owner.ticket => owner.load(None, ctx),
            _ => debug!(kind = E::KIND, id = %owner.id, "news of something given up"),
        });
    }
}

impl<E: Entity> Handler<Fail> for Owner<E> {
    type Result = ();

    fn handle(&mut self, _: Fail, ctx: &mut Context<Self>) {
        self.guarded(ctx, |_, _| std::panic::panic_any("told to fail"));
    }
}

impl<E: Entity> Handler<Stale> for Owner<E> {
    type Result = ();

    fn handle(&mut self, Stale(version): Stale, ctx: &mut Context<Self>) {
        self.guarded(ctx, |owner, ctx| match &mut owner.phase {
            Phase::Ready if version > owner.base.version => owner.load(None, ctx),
            Phase::Committing { round, stale } if version > round.version => *stale = true,
            _ => {}
        });
    }
}

fn in_doubt() -> Unavailable {
    Unavailable("whether the last change was stored is not known yet".into())
}

fn read<E: Entity>(loaded: &Loaded) -> Result<Base<E>, Unavailable> {
    let Some(found) = &loaded.document else {
        return Ok(Base::default());
    };
    let mut state: E = document::decode(found).map_err(|error| {
        error!(kind = E::KIND, %error, "a stored document cannot be read");
        Unavailable("a stored document cannot be read".into())
    })?;
    for (collection, document) in &loaded.rows {
        state.absorb(SideRow { collection, document });
    }
    Ok(Base {
        state: Some(state),
        version: document::version(found),
        commit: document::commit(found),
    })
}

impl<E: Entity> Round<E> {
    /// Everybody hears what was decided, and sees what is.
    fn answer(self, base: &Base<E>) {
        for (one, reply) in self.decided {
            one.answer(reply);
        }
        for look in self.looks {
            look.show(Ok((base.state.as_ref(), base.version)));
        }
    }

    /// Nobody gets an answer.
    fn fail(self, why: &AskError<E::Refusal>) {
        for (one, _) in self.decided {
            one.answer(Err(why.clone()));
        }
        for look in self.looks {
            look.show(Err(Unavailable(why.to_string())));
        }
    }

    /// Everybody waits again.
    fn works(self) -> Vec<Work<E>> {
        let asks = self.decided.into_iter().map(|(one, _)| Work::Ask(Box::new(one)));
        asks.chain(self.looks.into_iter().map(Work::Look)).collect()
    }

    /// Gives an earlier outcome to the ask that repeats it. Says whether there is one.
    fn remember(&mut self, earlier: Remembered<E>, now: Timestamp) -> bool {
        let repeats =
            |one: &&mut Waiting<E>| earlier.answers(&one.ask) && one.remembered.is_none() && !one.overwrite;
        let Some(one) = self.decided.iter_mut().map(|(one, _)| one).find(repeats) else {
            return false;
        };
        if earlier.expires < now {
            one.overwrite = true;
        } else {
            one.remembered = Some(earlier);
        }
        true
    }
}
