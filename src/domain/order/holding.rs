//! How an order comes to hold its stock, or does not, and gives back what it held.

use super::rules::{Decided, PATIENCE};
use super::{Event, Order, Refusal, Shortage, Status, Task};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::id::Id;

impl Order {
    pub(super) fn held(&self, at: &Circumstances) -> Decided {
        match (self.task, self.status) {
            (Some(Task::Hold), None) => {}
            (Some(Task::Revive), _) => return Ok(self.revived(at)),
            (_, Some(Status::Cancelled)) | (Some(Task::Release), _) => return Err(Refusal::Over),
            _ => return Ok(self.unchanged()), // said before
        }
        let order = self.at(at, |order| {
            order.status = Some(Status::Pending);
            order.task = None;
            order.due = Some(order.expires_at);
            order.listed = Some(order.user);
        });
        let event = Event::Created(Box::new(order.clone()));
        Ok(order.stands().event(event))
    }

    /// It stands again, and is paid.
    fn revived(&self, at: &Circumstances) -> Decision<Self> {
        let order = self.at(at, |order| {
            order.status = Some(Status::Pending);
            order.reason = None;
            order.task = Some(Task::Sell);
            order.due = Some(at.now.after(PATIENCE));
        });
        let event = Event::Revived(Box::new(order.clone()));
        order.stands().event(event)
    }

    /// From now on more than one may have asked stocks to hold for it.
    pub(super) fn join(&self, at: &Circumstances) -> Decision<Self> {
        if self.task != Some(Task::Hold) || self.holder.is_none() {
            return self.unchanged();
        }
        self.at(at, |order| order.holder = None).stands()
    }

    /// Where one alone has asked stocks, it knows what they hold, and nothing else has to be given
    /// back. Where others have asked too, one of their asks may still be on its way to any stock,
    /// and every one of them is told to refuse it.
    pub(super) fn short(
        &self,
        short: &[Shortage],
        by: Option<Id>,
        taken: &[Id],
        at: &Circumstances,
    ) -> Decision<Self> {
        if self.task == Some(Task::Revive) {
            return self.stays_over(at);
        }
        if self.task != Some(Task::Hold) || short.is_empty() {
            return self.unchanged();
        }
        let alone = by.is_some() && by == self.holder;
        let to_release = !alone || !taken.is_empty();
        let order = self.at(at, |order| {
            order.short = short.to_vec();
            order.taken = alone.then(|| taken.to_vec());
            order.task = to_release.then_some(Task::Release);
            order.due = to_release.then(|| at.now.after(PATIENCE));
        });
        order.stands()
    }

    /// What it would have been revived with is gone. It is not tried again, so that the money can
    /// go back.
    fn stays_over(&self, at: &Circumstances) -> Decision<Self> {
        let order = self.at(at, |order| {
            order.closed = true;
            order.task = Some(Task::Release);
            order.due = Some(at.now.after(PATIENCE));
        });
        order.stands()
    }

    pub(super) fn undone(&self, (task, revived): (Task, bool), at: &Circumstances) -> Decision<Self> {
        let is_undoing = matches!(task, Task::Release | Task::Return);
        if !is_undoing || (self.task, self.revived) != (Some(task), revived) {
            return self.unchanged();
        }
        let order = self.at(at, |order| {
            order.task = None;
            order.due = None;
        });
        order.stands()
    }
}
