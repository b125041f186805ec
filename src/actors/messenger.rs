//! The messengers: they go to the receivers of webhooks with what is due there. To one receiver
//! there is one errand at a time, and one that fails is left alone for a while that grows; those
//! that fail or are slow never keep more than half of the messengers from the others.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, Supervised};
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::errand::{Errands, Outcome};
use super::webhooks::Webhooks;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;
use crate::services::receivers::Receivers;

/// So many are out at once,
const MESSENGERS: usize = 32;
/// and so many of them at the most with receivers that fail or are slow.
const WITH_LAGGARDS: usize = MESSENGERS / 2;
/// A receiver that failed once is left alone for so long, twice as long after the second time,
const FIRST_REST: Duration = Duration::from_secs(1);
/// and no longer than this.
const LONGEST_REST: Duration = Duration::from_mins(1);
/// What other runtimes have left behind is found after this at the latest,
const LOOK_AROUND: Duration = Duration::from_mins(1);
/// and what the store did not say is asked again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// So long a stop waits for those who are out.
const GRACE: Duration = Duration::from_secs(2);

/// The way to the messengers.
#[derive(Clone)]
pub struct Messengers(Addr<Desk>);

/// Where they set out from.
struct Desk {
    errands: Errands,
    /// The receivers that somebody is out to,
    out: HashSet<Id>,
    /// and those that wait until somebody is free.
    waiting: VecDeque<Id>,
    /// Those that failed or were slow the last time.
    laggards: HashMap<Id, Laggard>,
    tasks: JoinSet<()>,
    closing: bool,
    waits: Option<oneshot::Sender<()>>,
}

/// A receiver that failed, or was slow.
#[derive(Debug, Clone, Copy, Default)]
struct Laggard {
    failures: u32,
    rests_until: Timestamp,
}

/// There may be something to bring.
#[derive(Message)]
#[rtype(result = "()")]
struct Ring;

/// Somebody is back.
#[derive(Message)]
#[rtype(result = "()")]
struct Back(Id, Outcome);

/// Nobody goes out any more.
#[derive(Message)]
#[rtype(result = "()")]
struct Close(oneshot::Sender<()>);

/// Whatever is under way is given up, the bell included.
#[derive(Message)]
#[rtype(result = "()")]
struct GiveUp;

impl Messengers {
    /// Sends messengers to the receivers of these webhooks.
    #[must_use]
    pub fn start(webhooks: Webhooks, receivers: Receivers) -> Self {
        let stage = webhooks.owners().engine().stage.clone();
        let desk = move || Desk {
            errands: Errands { webhooks, receivers },
            out: HashSet::new(),
            waiting: VecDeque::new(),
            laggards: HashMap::new(),
            tasks: JoinSet::new(),
            closing: false,
            waits: None,
        };
        Self(stage.start("messengers", desk))
    }

    /// Lets those who are out come back, within a short time, and sends nobody out any more.
    pub async fn stop(&self) {
        let (sender, all_back) = oneshot::channel();
        self.0.do_send(Close(sender));
        if tokio::time::timeout(GRACE, all_back).await.is_err() {
            warn!("deliveries to webhooks that are under way are given up; they are made another time");
        }
        self.0.do_send(GiveUp);
    }
}

impl Desk {
    /// Rings whenever the time for somebody has come.
    fn hang_bell(&mut self, ctx: &mut Context<Self>) {
        let (webhooks, me) = (self.errands.webhooks.clone(), ctx.address().downgrade());
        self.tasks.spawn(async move {
            let clock = &webhooks.owners().engine().clock;
            let alarm = webhooks.agenda().alarm();
            loop {
                alarm.rings(clock, LOOK_AROUND).await;
                alarm.reset();
                let Some(me) = me.upgrade() else { return };
                me.do_send(Ring);
            }
        });
    }

    /// Looks for what nobody here knows of: what is left of an earlier run, or of another runtime.
    fn look_around(&mut self) {
        let webhooks = self.errands.webhooks.clone();
        self.tasks.spawn(async move {
            loop {
                let look = AssertUnwindSafe(webhooks.look_around()).catch_unwind().await;
                let pause = match look {
                    Ok(Ok(())) => LOOK_AROUND,
                    Ok(Err(error)) => {
                        warn!(%error, "nobody knows what is due to webhooks");
                        AGAIN
                    }
                    Err(_) => {
                        error!("the look for what is due to webhooks panicked");
                        LOOK_AROUND
                    }
                };
                tokio::time::sleep(pause).await;
            }
        });
    }

    fn now(&self) -> Timestamp {
        self.errands.webhooks.owners().engine().clock.now()
    }

    fn note(&self, webhook: Id, time: Timestamp) {
        self.errands.webhooks.agenda().note(webhook, time);
    }

    fn take_what_is_due(&mut self) {
        let now = self.now();
        for webhook in self.errands.webhooks.agenda().take_due(now) {
            let rests_until = self.laggards.get(&webhook).map(|laggard| laggard.rests_until);
            match rests_until {
                Some(until) if until > now => self.note(webhook, until),
                // Whoever is out looks what is left before he comes back; what comes up after that
                // is found by the one who follows.
                _ if !self.waiting.contains(&webhook) => self.waiting.push_back(webhook),
                _ => {}
            }
        }
    }

    /// Sends out whom there is to send, those who wait longest first.
    fn send(&mut self, ctx: &mut Context<Self>) {
        while self.tasks.try_join_next().is_some() {}
        while !self.closing && self.out.len() < MESSENGERS {
            let lagging = self
                .out
                .iter()
                .filter(|id| self.laggards.contains_key(id))
                .count();
            let may_go = |id: &Id| {
                let lags = self.laggards.contains_key(id);
                !self.out.contains(id) && (!lags || lagging < WITH_LAGGARDS)
            };
            let Some(place) = self.waiting.iter().position(may_go) else {
                return;
            };
            if let Some(webhook) = self.waiting.remove(place) {
                self.send_to(webhook, ctx);
            }
        }
    }

    fn send_to(&mut self, webhook: Id, ctx: &mut Context<Self>) {
        self.out.insert(webhook);
        let (errands, me, now) = (self.errands.clone(), ctx.address(), self.now());
        self.tasks.spawn(async move {
            let run = AssertUnwindSafe(errands.run(webhook)).catch_unwind().await;
            let outcome = run.unwrap_or_else(|_| {
                error!(%webhook, "an errand panicked; it is gone on again");
                Outcome {
                    failed: true,
                    next: Some(now),
                    ..Outcome::default()
                }
            });
            me.do_send(Back(webhook, outcome));
        });
    }

    /// When the receiver may be gone to again.
    fn judge(&mut self, webhook: Id, outcome: Outcome) -> Timestamp {
        let now = self.now();
        if !outcome.failed && !outcome.slow {
            self.laggards.remove(&webhook);
            return now;
        }
        let laggard = self.laggards.entry(webhook).or_default();
        laggard.failures = if outcome.failed { laggard.failures + 1 } else { 0 };
        let rest = match laggard.failures {
            0 => Duration::ZERO,
            many => FIRST_REST
                .saturating_mul(1 << (many - 1).min(16))
                .min(LONGEST_REST),
        };
        laggard.rests_until = now.after(rest);
        laggard.rests_until
    }

    fn tell_if_all_are_back(&mut self) {
        if self.out.is_empty()
            && let Some(waits) = self.waits.take()
        {
            // Whoever waited may have gone.
            let _ = waits.send(());
        }
    }
}

impl Actor for Desk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.hang_bell(ctx);
        self.look_around();
    }
}

impl Supervised for Desk {
    /// Whoever is out would not find the way back.
    fn restarting(&mut self, _: &mut Context<Self>) {
        self.tasks.abort_all();
        self.out.clear();
    }
}

impl Handler<Ring> for Desk {
    type Result = ();

    fn handle(&mut self, _: Ring, ctx: &mut Self::Context) {
        self.take_what_is_due();
        self.send(ctx);
    }
}

impl Handler<Back> for Desk {
    type Result = ();

    fn handle(&mut self, Back(webhook, outcome): Back, ctx: &mut Self::Context) {
        self.out.remove(&webhook);
        let again = self.judge(webhook, outcome);
        if let Some(next) = outcome.next {
            self.note(webhook, next.max(again));
        }
        self.tell_if_all_are_back();
        self.send(ctx);
    }
}

impl Handler<Close> for Desk {
    type Result = ();

    fn handle(&mut self, Close(waits): Close, _: &mut Self::Context) {
        self.closing = true;
        self.waits = Some(waits);
        self.tell_if_all_are_back();
    }
}

impl Handler<GiveUp> for Desk {
    type Result = ();

    fn handle(&mut self, GiveUp: GiveUp, _: &mut Self::Context) {
        self.tasks.abort_all();
    }
}
