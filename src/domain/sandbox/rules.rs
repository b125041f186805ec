//! The rules of the sandbox, which are Razorpay's as far as a shop can see.

use std::time::Duration;

use super::wire;
use super::{Attempt, Command, Manner, Owed, Refund, RefundState, Refusal, SandboxOrder, State, Webhooks};
use crate::domain::entity::Decision;
use crate::domain::money::Money;
use crate::domain::time::Timestamp;

/// Less than this, in minor units, is paid by nobody.
const AMOUNT_MIN: i64 = 100;
/// So often may somebody try to pay an order.
const ATTEMPTS_MAX: usize = 99;
/// A webhook that was not heard is sent again after this, then after twice as long, and so on,
const AGAIN: Duration = Duration::from_secs(1);
/// but so often at the most: about a day.
const TRIES_MAX: u32 = 16;

type Outcome = Result<SandboxOrder, Refusal>;

pub(super) fn open(command: &Command, now: Timestamp) -> Result<Decision<SandboxOrder>, Refusal> {
    let Command::Open {
        id,
        receipt,
        amount,
        notes,
    } = command
    else {
        return Err(Refusal::Unknown);
    };
    if amount.minor() < AMOUNT_MIN {
        return Err(Refusal::TooLittle);
    }
    let order = SandboxOrder {
        id: *id,
        receipt: receipt.clone(),
        amount: *amount,
        notes: notes.clone(),
        attempts: Vec::new(),
        owed: Vec::new(),
        told: 0,
        due: None,
        created_at: now,
    };
    Ok(Decision::change(order.clone(), order))
}

impl SandboxOrder {
    pub(super) fn advance(&self, command: &Command, now: Timestamp) -> Outcome {
        let next = self.clone();
        let next = match command {
            Command::Open { .. } => next,
            Command::Pay {
                agreed,
                capture,
                again,
                manner,
            } => next.pay(*agreed, (*capture, *again), *manner, now)?,
            Command::Capture {
                attempt,
                amount,
                manner,
            } => next.capture(*attempt, *amount, *manner, now)?,
            Command::Refund {
                attempt,
                amount,
                key,
                receipt,
                fate,
                manner,
            } => {
                let wanted = Refund {
                    key: key.clone(),
                    receipt: receipt.clone(),
                    state: RefundState::Pending,
                    settles_at: now.after(fate.after),
                    fails: fate.fails,
                    at: now,
                };
                next.refund((*attempt, *amount), wanted, *manner)?
            }
            Command::Wake(manner) => next.wake(*manner, now),
            Command::Told { heard, missed } => next.hear(heard, missed, now),
        };
        Ok(next.with_due())
    }

    fn pay(
        mut self,
        agreed: bool,
        (capture, again): (Option<Duration>, bool),
        manner: Manner,
        now: Timestamp,
    ) -> Outcome {
        if self.is_paid() && !again {
            return Err(Refusal::Paid);
        }
        if self.attempts.len() >= ATTEMPTS_MAX {
            return Err(Refusal::TooOften);
        }
        let attempt = self.attempts.len();
        self.attempts.push(Attempt {
            state: if agreed { State::Authorized } else { State::Failed },
            capture_at: capture.filter(|_| agreed).map(|while_| now.after(while_)),
            failed: Vec::new(),
            refund: None,
            at: now,
        });
        if !agreed {
            self.tell(&["payment.failed"], attempt, manner, now);
        } else if capture == Some(Duration::ZERO) {
            let authorized = wire::event(&self, "payment.authorized", attempt, now);
            self.taken(attempt);
            let rest = ["payment.captured", "order.paid"].map(|name| wire::event(&self, name, attempt, now));
            let [captured, paid] = rest;
            self.owe(vec![authorized, captured, paid], manner, now);
        } else {
            self.tell(&["payment.authorized"], attempt, manner, now);
        }
        Ok(self)
    }

    fn capture(mut self, attempt: usize, amount: Money, manner: Manner, now: Timestamp) -> Outcome {
        match self.attempt(attempt)?.state {
            State::Captured | State::Refunded => return Err(Refusal::Captured),
            State::Failed => return Err(Refusal::NotAuthorized),
            State::Authorized if amount != self.amount => return Err(Refusal::OtherAmount),
            State::Authorized => {}
        }
        self.taken(attempt);
        self.tell(&["payment.captured", "order.paid"], attempt, manner, now);
        Ok(self)
    }

    fn refund(mut self, (attempt, amount): (usize, Option<i64>), wanted: Refund, manner: Manner) -> Outcome {
        let paid = self.attempt(attempt)?;
        let whole = amount.is_none_or(|amount| amount == self.amount.minor());
        if let Some(made) = paid.made_under(wanted.key.as_deref()) {
            let same = whole
                && paid
                    .refunds()
                    .nth(made)
                    .is_some_and(|made| made.receipt == wanted.receipt);
            return if same { Ok(self) } else { Err(Refusal::KeyReused) };
        }
        let undone = paid
            .refund
            .as_ref()
            .is_none_or(|made| made.state == RefundState::Failed);
        match paid.state {
            State::Authorized | State::Failed => return Err(Refusal::NotCaptured),
            State::Captured if undone && !whole => return Err(Refusal::NotWhole),
            State::Captured if undone => {}
            State::Captured | State::Refunded => return Err(Refusal::Refunded),
        }
        let now = wanted.at;
        let paid = &mut self.attempts[attempt];
        paid.failed.extend(paid.refund.replace(wanted));
        Ok(self.wake(manner, now))
    }

    /// Captures and refunds whose time has come.
    fn wake(mut self, manner: Manner, now: Timestamp) -> Self {
        for attempt in 0..self.attempts.len() {
            if self.attempts[attempt].captures_by(now) {
                self.taken(attempt);
                self.tell(&["payment.captured", "order.paid"], attempt, manner, now);
            }
            if let Some(processed) = self.attempts[attempt].settle(now) {
                let event = if processed {
                    "refund.processed"
                } else {
                    "refund.failed"
                };
                self.tell(&[event], attempt, manner, now);
            }
        }
        self
    }

    fn attempt(&self, attempt: usize) -> Result<&Attempt, Refusal> {
        self.attempts.get(attempt).ok_or(Refusal::Unknown)
    }

    fn taken(&mut self, attempt: usize) {
        self.attempts[attempt].state = State::Captured;
        self.attempts[attempt].capture_at = None;
    }

    fn tell(&mut self, events: &[&str], attempt: usize, manner: Manner, now: Timestamp) {
        let bodies = events.iter().map(|name| wire::event(self, name, attempt, now));
        self.owe(bodies.collect(), manner, now);
    }

    /// Owes the shop these events, one after the other or in the manner that was asked for.
    fn owe(&mut self, mut bodies: Vec<String>, manner: Manner, now: Timestamp) {
        let copies = match manner.webhooks {
            Webhooks::Sent | Webhooks::Reversed => 1,
            Webhooks::Duplicated => 2,
            Webhooks::Dropped => return,
        };
        if manner.webhooks == Webhooks::Reversed {
            bodies.reverse();
        }
        for body in bodies {
            let event = format!("evt_{}{:02}", self.id, self.told);
            self.told += 1;
            let owed = Owed {
                event,
                body,
                at: now.after(manner.delay),
                tries: 0,
            };
            self.owed.extend(std::iter::repeat_n(owed, copies));
        }
    }

    fn hear(mut self, heard: &[String], missed: &[String], now: Timestamp) -> Self {
        self.owed.retain(|owed| !heard.contains(&owed.event));
        for owed in self.owed.iter_mut().filter(|owed| missed.contains(&owed.event)) {
            owed.at = now.after(AGAIN * 2_u32.saturating_pow(owed.tries));
            owed.tries += 1;
        }
        self.owed.retain(|owed| owed.tries < TRIES_MAX);
        self
    }

    fn with_due(mut self) -> Self {
        let webhooks = self.owed.iter().map(|owed| owed.at);
        let payments = self.attempts.iter().filter_map(Attempt::due);
        self.due = webhooks.chain(payments).min();
        self
    }
}

impl Attempt {
    /// Every refund of it, the last one last.
    pub(super) fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.failed.iter().chain(&self.refund)
    }

    /// Which of its refunds was made under a key.
    fn made_under(&self, key: Option<&str>) -> Option<usize> {
        let key = key?;
        self.refunds().position(|made| made.key.as_deref() == Some(key))
    }

    fn due(&self) -> Option<Timestamp> {
        let pending = self.refund.as_ref();
        let pending = pending.filter(|refund| refund.state == RefundState::Pending);
        let refund = pending.map(|refund| refund.settles_at);
        self.capture_at.into_iter().chain(refund).min()
    }

    fn captures_by(&self, now: Timestamp) -> bool {
        self.state == State::Authorized && self.capture_at.is_some_and(|at| at <= now)
    }

    /// Brings a refund to its end if its time has come, and says whether the money went back.
    fn settle(&mut self, now: Timestamp) -> Option<bool> {
        let refund = self.refund.as_mut()?;
        if refund.state != RefundState::Pending || refund.settles_at > now {
            return None;
        }
        if refund.fails {
            refund.state = RefundState::Failed;
            return Some(false);
        }
        refund.state = RefundState::Processed;
        self.state = State::Refunded;
        Some(true)
    }
}
