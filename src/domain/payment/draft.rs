//! A payment in the middle of a change, with what is told of it and what goes into the books.

use std::time::Duration;

use serde::Serialize;

use super::{Bond, Capture, Claim, Event, PROVIDER_NAMES, Payment, RefundState, Status};
use crate::domain::entity::{Circumstances, Decision, Key, RowChange};
use crate::domain::id::Id;
use crate::domain::ledger::{Matter, Transaction};
use crate::domain::time::Timestamp;

/// Whoever gave a payment something to do sees to it. After this somebody else does.
const PATIENCE: Duration = Duration::from_secs(5);
/// A call to a provider takes no longer than this.
const CALL_MAX: Duration = Duration::from_secs(30);
/// A call that was sent and not heard of again has arrived by then, or never will.
const SETTLED: Duration = Duration::from_secs(10);
/// A bank may say so long after an attempt that the money is there, and the provider takes it then.
/// Should money come even later, the provider says so by itself.
const LATE_MAX: Duration = Duration::from_hours(5 * 24);
/// Whether something else came for an order that is paid is asked again when it is so many times as
/// old as the last time: that is four times in all.
const RARER: u32 = 16;

/// The payment as it will be.
pub(super) struct Draft {
    pub(super) payment: Payment,
    /// The provider was asked just now, and did not answer.
    pub(super) unheard: bool,
    pub(super) now: Timestamp,
    events: Vec<Event>,
    rows: Vec<RowChange>,
}

#[derive(Serialize)]
struct StandsFor {
    payment: Id,
}

impl Draft {
    pub(super) fn of(payment: &Payment, at: &Circumstances) -> Self {
        Self {
            payment: payment.clone(),
            unheard: false,
            now: at.now,
            events: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// It stands otherwise from now on, and says so.
    pub(super) fn becomes(&mut self, status: Status) {
        if self.payment.status != status {
            self.payment.status = status;
            self.payment.updated_at = self.now;
            self.tell(self.payment.updated());
        }
    }

    pub(super) fn claim(&mut self, by: Id) {
        let until = self.now.after(CALL_MAX);
        self.payment.claim = Some(Claim { by, until });
    }

    /// The call is over, but what it did may only become visible later.
    pub(super) fn claim_until_settled(&mut self) {
        if let Some(claim) = &mut self.payment.claim {
            claim.until = self.now.after(SETTLED);
        }
    }

    /// A name that a provider has for the payment leads to it from now on.
    pub(super) fn known_as(&mut self, provider: &str, name: &str) {
        let key = Key::Name(format!("{provider}/{name}"));
        let payment = self.payment.id;
        self.rows
            .push(RowChange::put(&PROVIDER_NAMES, key, &StandsFor { payment }));
    }

    pub(super) fn take_in(&mut self, capture: &Capture) {
        self.known_as(&capture.provider, &capture.id);
        self.book(&self.payment.books_capture(capture));
        if let Some(fee) = capture.fee {
            self.book(&Payment::books_fee(capture, fee));
        }
        let refunds = Vec::new();
        self.payment.captures.push(Capture {
            refunds,
            ..capture.clone()
        });
    }

    /// This is the money that pays the order.
    pub(super) fn record(&mut self, capture: &Capture) {
        self.payment.recorded = Some(capture.id.clone());
        self.payment.recorded_at = Some(self.now);
    }

    pub(super) fn sell(&mut self) {
        if !self.payment.sold {
            self.book(&self.payment.books_sale());
            self.payment.sold = true;
        }
    }

    /// The order is over or goes on without the money.
    pub(super) fn cut(&mut self, kept: bool) {
        self.payment.bond = Bond::Cut;
        if kept {
            self.sell();
            self.book(&self.payment.books_goodwill());
        } else if self.payment.sold {
            self.book(&self.payment.books_sale().undone_by(Matter::Return));
            self.payment.sold = false;
        }
    }

    pub(super) fn book(&mut self, transaction: &Transaction) {
        self.payment.booked += 1;
        let (order, n) = (self.payment.id, self.payment.booked);
        self.rows.extend(transaction.rows(order, n, self.now));
    }

    pub(super) fn done(mut self) -> Decision<Payment> {
        self.payment.updated_at = self.now;
        self.payment.due = self.next_due();
        let reply = self.payment.clone();
        let decision = Decision::change(self.payment, reply);
        let decision = self.events.into_iter().fold(decision, Decision::event);
        self.rows.into_iter().fold(decision, Decision::row)
    }

    /// When to look after it again.
    fn next_due(&self) -> Option<Timestamp> {
        let payment = &self.payment;
        if matches!(payment.bond, Bond::Tying | Bond::Untying) {
            return Some(self.now.after(PATIENCE));
        }
        self.next_refund().into_iter().chain(self.next_question()).min()
    }

    /// When something is to be given back.
    fn next_refund(&self) -> Option<Timestamp> {
        let owed = self.payment.owed()?;
        let claimed = self.payment.claim.map_or(self.now, |claim| claim.until);
        let rests = self.payment.rests_until(&owed.capture);
        Some(claimed.max(rests.unwrap_or(self.now)))
    }

    /// When a provider is to be asked.
    fn next_question(&self) -> Option<Timestamp> {
        let payment = &self.payment;
        if payment.captures.iter().any(Capture::is_under_way) {
            return Some(self.next_look(payment.waits_since.unwrap_or(self.now)));
        }
        if payment.recorded.is_some() {
            return self.next_survey();
        }
        let next = self.next_look(payment.waits_since.unwrap_or(payment.created_at));
        if !payment.orders.is_empty() {
            return Some(next).filter(|_| payment.given_up.is_none());
        }
        let waits = payment.status == Status::Pending && payment.bond == Bond::Loose;
        waits.then(|| payment.created_at.after(LATE_MAX).max(next))
    }

    /// When to ask for what came beside the money that pays the order, and was never told of.
    fn next_survey(&self) -> Option<Timestamp> {
        let payment = &self.payment;
        let paid = payment.recorded_at.unwrap_or(payment.created_at);
        let every = Duration::from_secs(payment.look_every_seconds);
        let age = payment.surveyed_at.map_or(Duration::ZERO, |at| at.since(paid));
        if payment.orders.is_empty() || age >= LATE_MAX {
            return None;
        }
        let next = paid.after(age.saturating_mul(RARER).max(every).min(LATE_MAX));
        Some(next.max(if self.unheard {
            self.now.after(every)
        } else {
            self.now
        }))
    }

    /// When to ask the provider for what it was to say since then. The longer it has not, the less
    /// is to be heard, but from one that did not answer at all.
    fn next_look(&self, since: Timestamp) -> Timestamp {
        let every = Duration::from_secs(self.payment.look_every_seconds);
        let rest = every.max(self.now.since(since) / 4);
        self.now.after(if self.unheard { every } else { rest })
    }

    /// Whether the provider is about to be asked for what a buyer showed a moment ago.
    pub(super) fn waits_already(&self) -> bool {
        let every = Duration::from_secs(self.payment.look_every_seconds);
        let lately = |since| self.now.since(since) < every;
        self.payment.given_up.is_none() && self.payment.waits_since.is_some_and(lately)
    }

    /// Whether it is too late for a buyer to pay.
    pub(super) fn is_stale(&self) -> bool {
        self.now.since(self.payment.created_at) >= LATE_MAX
    }

    pub(super) fn is_claimed(&self) -> bool {
        self.payment.claim.is_some_and(|claim| claim.until > self.now)
    }

    /// Takes in what is known of a refund.
    pub(super) fn hear(&mut self, capture: &str, refund: &super::Refund) -> bool {
        let found = self.payment.captures.iter_mut().find(|one| one.id == capture);
        let Some(known) = found else { return false };
        let Some(refund) = known.hear(refund) else {
            return false;
        };
        let known = known.clone();
        self.payment.claim = None;
        match refund.state {
            RefundState::Pending => self.payment.waits_since = Some(self.now),
            RefundState::Processed => {
                self.rested(capture);
                self.book(&self.payment.books_refund(&known, refund.amount));
                let sent = self.payment.sent(capture, refund.amount);
                self.tell(Event::Refunded(sent));
            }
            RefundState::Failed => self.rest(capture),
        }
        true
    }
}
