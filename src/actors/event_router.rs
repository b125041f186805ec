//! The event router: sees to it that every consumer is told of every event, each at its own pace.
//!
//! A delivery is at home here or out on a step, never both. It comes back as a message, and
//! messages survive a restart of the actor: a restart loses no delivery and doubles none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, Supervised};
use tokio::sync::{oneshot, watch};
use tracing::error;

use super::engine::Engine;
use super::restarts::Restarts;
use crate::clock::Clock;
use crate::events::consumer::Consumer;
use crate::events::delivery::Delivery;
use crate::events::ground::{Ground, Pace};
use crate::events::tally::Tally;

/// The way to the event router. Cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct EventRouter {
    actor: Addr<Router>,
    tallies: Arc<[Arc<Tally>]>,
}

struct Router {
    lines: Vec<Line>,
    clock: Clock,
    restarts: Restarts,
    call: watch::Sender<Call>,
    /// How much had been delivered when the last call went out.
    delivered_before: u64,
    /// Who waits until every consumer has seen everything.
    listeners: Vec<oneshot::Sender<()>>,
    /// Who waits until every delivery has left.
    leavers: Vec<oneshot::Sender<()>>,
}

/// The way to one consumer.
struct Line {
    delivery: At,
    tally: Arc<Tally>,
    /// The last call that was answered with a step.
    answered: u64,
    /// The last call that was answered with a step that found nothing to do.
    idle_since: u64,
}

/// Where a delivery is.
enum At {
    Home(Box<Delivery>),
    Out,
    Gone,
}

/// What is called out to all deliveries, wherever they rest.
#[derive(Debug, Clone, Copy, Default)]
struct Call {
    /// Counts up; with each one, whoever rests takes a step.
    number: u64,
    /// Nobody takes another step.
    close: bool,
}

/// All that are at home are to go out.
#[derive(Message)]
#[rtype(result = "()")]
struct SetOut;

/// A delivery is back from a step that answered this call.
#[derive(Message)]
#[rtype(result = "()")]
struct Back(usize, u64, Box<Delivery>);

/// A delivery has saved what it had and will not be back.
#[derive(Message)]
#[rtype(result = "()")]
struct Left(usize);

#[derive(Message)]
#[rtype(result = "()")]
struct Listen(oneshot::Sender<()>);

#[derive(Message)]
#[rtype(result = "()")]
struct Drain(oneshot::Sender<()>);

#[derive(Message)]
#[rtype(result = "()")]
struct Fail;

impl EventRouter {
    /// Starts the router with all its consumers.
    #[must_use]
    pub fn start(engine: &Engine, consumers: Vec<Arc<dyn Consumer>>, pace: Pace) -> Self {
        let ground = engine.ground(pace);
        let lines = consumers.into_iter().map(|consumer| Line::new(consumer, &ground));
        let router = Router::new(lines.collect(), engine.clock.clone());
        let tallies = router.lines.iter().map(|line| Arc::clone(&line.tally)).collect();
        let actor = engine.stage.start("event router", move || router);
        actor.do_send(SetOut);
        Self { actor, tallies }
    }

    /// The figures of each consumer.
    #[must_use]
    pub fn tallies(&self) -> &[Arc<Tally>] {
        &self.tallies
    }

    /// Waits until every consumer that this runtime tells has taken everything there is, and
    /// everything that happened because of it.
    pub async fn quiet(&self) {
        let (heard, quiet) = oneshot::channel();
        self.actor.do_send(Listen(heard));
        // A router that was told to stop says nothing more.
        let _ = quiet.await;
    }

    /// Lets what is being handed over end, saves every place in the feed, and stops.
    pub async fn drain(&self) {
        let (left, all_left) = oneshot::channel();
        self.actor.do_send(Drain(left));
        let _ = all_left.await;
    }

    /// Makes the router fail as if by a fault of its own; for tests and for operators.
    pub fn fail(&self) {
        self.actor.do_send(Fail);
    }
}

impl Line {
    fn new(consumer: Arc<dyn Consumer>, ground: &Arc<Ground>) -> Self {
        let delivery = Delivery::new(consumer, Arc::clone(ground));
        Self {
            tally: delivery.tally(),
            delivery: At::Home(Box::new(delivery)),
            answered: 0,
            idle_since: 0,
        }
    }
}

impl Router {
    fn new(lines: Vec<Line>, clock: Clock) -> Self {
        Self {
            lines,
            clock,
            restarts: Restarts::default(),
            call: watch::Sender::default(),
            delivered_before: 0,
            listeners: Vec::new(),
            leavers: Vec::new(),
        }
    }

    /// Runs a handler so that a panic in it costs a restart, never the mailbox.
    fn guarded(&mut self, ctx: &mut Context<Self>, handler: impl FnOnce(&mut Self, &mut Context<Self>)) {
        if catch_unwind(AssertUnwindSafe(|| handler(self, ctx))).is_err() {
            error!("the event router failed; it goes on where it was");
            ctx.stop();
        }
    }

    fn set_out(&mut self, line: usize, ctx: &mut Context<Self>) {
        let at_home = std::mem::replace(&mut self.lines[line].delivery, At::Out);
        let At::Home(delivery) = at_home else {
            self.lines[line].delivery = at_home;
            return;
        };
        let (answered, mut call) = (self.lines[line].answered, self.call.subscribe());
        let me = ctx.address();
        // On the actor's own thread, where a consumer can wake owners even in a simulation.
        actix_rt::spawn(async move {
            match walk(*delivery, answered, &mut call).await {
                Some((answered, delivery)) => me.do_send(Back(line, answered, Box::new(delivery))),
                None => me.do_send(Left(line)),
            }
        });
    }

    fn back(&mut self, line: usize, answered: u64, ctx: &mut Context<Self>) {
        let Line {
            delivery,
            answered: last,
            idle_since,
            ..
        } = &mut self.lines[line];
        *last = answered;
        if matches!(delivery, At::Home(delivery) if delivery.idle()) {
            *idle_since = answered;
        }
        self.listen();
        self.set_out(line, ctx);
    }

    fn call(&mut self, close: bool) {
        self.delivered_before = self.delivered();
        self.call.send_modify(|call| {
            call.number += 1;
            call.close |= close;
        });
    }

    /// Nothing is left to see when all have answered the last call and nothing was delivered
    /// since: a consumer may well have made news for those who had answered before it.
    fn listen(&mut self) {
        let last = self.call.borrow().number;
        if self.listeners.is_empty() || self.lines.iter().any(|line| line.idle_since < last) {
            return;
        }
        if self.delivered() > self.delivered_before {
            return self.call(false);
        }
        for listener in self.listeners.drain(..) {
            let _ = listener.send(());
        }
    }

    fn leave(&mut self) {
        if self.lines.iter().all(|line| matches!(line.delivery, At::Gone)) {
            self.listeners.clear();
            for leaver in self.leavers.drain(..) {
                let _ = leaver.send(());
            }
        }
    }

    fn delivered(&self) -> u64 {
        self.lines.iter().map(|line| line.tally.delivered()).sum()
    }
}

/// Rests until there may be something to do or somebody calls, and takes one step. Gives back the
/// call that the step answers; nothing when the delivery has left for good.
async fn walk(
    mut delivery: Delivery,
    answered: u64,
    call: &mut watch::Receiver<Call>,
) -> Option<(u64, Delivery)> {
    tokio::select! {
        // One after the other, so that a simulation that is played again sees the same.
        biased;
        () = delivery.rest() => {}
        // An error means that the router is gone, and nobody is left to come back to.
        called = call.wait_for(|call| call.number > answered || call.close) => drop(called.ok()?),
    }
    let heard = *call.borrow();
    if heard.close {
        delivery.leave().await;
        return None;
    }
    delivery.step().await;
    Some((heard.number, delivery))
}

impl Actor for Router {
    type Context = Context<Self>;
}

impl Supervised for Router {
    /// Nothing is lost: what was out comes back as a message. What was at home sets out again
    /// after a rest.
    fn restarting(&mut self, ctx: &mut Context<Self>) {
        let pause = self.restarts.count(self.clock.now());
        let me = ctx.address();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            me.do_send(SetOut);
        });
    }
}

impl Handler<SetOut> for Router {
    type Result = ();

    fn handle(&mut self, _: SetOut, ctx: &mut Context<Self>) {
        self.guarded(ctx, |router, ctx| {
            (0..router.lines.len()).for_each(|line| router.set_out(line, ctx));
        });
    }
}

impl Handler<Back> for Router {
    type Result = ();

    fn handle(&mut self, Back(line, answered, delivery): Back, ctx: &mut Context<Self>) {
        // Outside the guard: whatever fails now, the delivery is at home.
        self.lines[line].delivery = At::Home(delivery);
        self.guarded(ctx, |router, ctx| router.back(line, answered, ctx));
    }
}

impl Handler<Left> for Router {
    type Result = ();

    fn handle(&mut self, Left(line): Left, _: &mut Context<Self>) {
        self.lines[line].delivery = At::Gone;
        self.leave();
    }
}

impl Handler<Listen> for Router {
    type Result = ();

    fn handle(&mut self, Listen(listener): Listen, ctx: &mut Context<Self>) {
        self.guarded(ctx, |router, _| {
            router.listeners.push(listener);
            router.call(false);
            router.listen();
            router.leave();
        });
    }
}

impl Handler<Drain> for Router {
    type Result = ();

    fn handle(&mut self, Drain(leaver): Drain, ctx: &mut Context<Self>) {
        self.guarded(ctx, |router, _| {
            router.leavers.push(leaver);
            router.call(true);
            router.leave();
        });
    }
}

impl Handler<Fail> for Router {
    type Result = ();

    fn handle(&mut self, _: Fail, ctx: &mut Context<Self>) {
        self.guarded(ctx, |_, _| std::panic::panic_any("told to fail"));
    }
}
