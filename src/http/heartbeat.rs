//! Signs of life of long connections: one ticker for all of a thread rather than a timer each, so
//! that ten thousand silent ones cost next to nothing. A part of them is asked at every tick.

use std::cell::RefCell;
use std::time::Duration;

use actix_web::web::Data;

use super::state::{Stopping, Web};

/// Into so many parts is the time between two signs of life divided.
const PARTS: u32 = 25;

/// A connection that is asked for signs of life, and closed when the runtime stops.
pub(super) trait Beating: 'static {
    /// Asks for one. False when the connection is gone and need not be asked any more.
    fn beat(&self) -> bool;

    /// Says goodbye.
    fn stop(&self);
}

/// The connections of a thread, in the parts in which they are asked.
#[derive(Default)]
struct Pulse {
    parts: Vec<Vec<Box<dyn Beating>>>,
    next: usize,
    is_ticking: bool,
}

thread_local! {
    static PULSE: RefCell<Pulse> = RefCell::default();
}

/// Looks after a connection on this thread. It is forgotten some time after it is gone.
pub(super) fn join(web: &Data<Web>, connection: impl Beating) {
    let every = web.config.assistant.heartbeat / PARTS;
    PULSE.with_borrow_mut(|pulse| {
        if !pulse.is_ticking {
            pulse.is_ticking = true;
            pulse.parts.resize_with(PARTS as usize, Vec::new);
            actix_rt::spawn(tick(every, web.stopping.clone()));
        }
        let next = (pulse.next + PARTS as usize - 1) % PARTS as usize;
        // In turn, so that those who came together are not asked together.
        let part = (0..PARTS as usize)
            .map(|n| (next + n) % PARTS as usize)
            .min_by_key(|part| pulse.parts[*part].len());
        if let Some(part) = part {
            pulse.parts[part].push(Box::new(connection));
        }
    });
}

async fn tick(every: Duration, stopping: Stopping) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => PULSE.with_borrow_mut(Pulse::beat),
            () = stopping.comes() => return PULSE.with_borrow_mut(Pulse::stop),
        }
    }
}

impl Pulse {
    fn beat(&mut self) {
        let part = self.next;
        self.next = (part + 1) % self.parts.len();
        self.parts[part].retain(|connection| connection.beat());
    }

    fn stop(&mut self) {
        for connection in self.parts.drain(..).flatten() {
            connection.stop();
        }
        self.is_ticking = false;
    }
}
