//! The rules of a webhook: each an ordered list of early returns, then what must succeed.

use super::{Change, Command, Draft, Event, Off, PATIENCE, Refusal, Secret, Webhook};
use crate::domain::entity::{Circumstances, Decision};

type Decided = Result<Decision<Webhook>, Refusal>;

/// Somebody wants to be told.
pub(super) fn register(draft: &Draft, at: &Circumstances) -> Decision<Webhook> {
    let webhook = Webhook {
        id: draft.id,
        owner: draft.owner,
        url: draft.url.clone(),
        events: draft.events.clone(),
        secret: draft.secret.clone(),
        off: None,
        failing_since: None,
        listed: Some(draft.owner),
        number: draft.number,
        created_at: at.now,
        updated_at: at.now,
    };
    webhook.decided()
}

impl Webhook {
    pub(super) fn advance(&self, command: &Command, at: &Circumstances) -> Decided {
        if !self.stands() {
            return Err(Refusal::Unknown);
        }
        match command {
            Command::Register(_) => Ok(Decision::answer(self.clone())),
            Command::Change(change) => self.change(change, at),
            Command::Remove => self.remove(at),
            Command::Taken => Ok(self.at_rest(at)),
            Command::Missed { waits } => Ok(self.missed(*waits, at)),
            Command::Gone => Ok(self.turn_off(Off::Gone, at)),
        }
    }

    fn change(&self, change: &Change, at: &Circumstances) -> Decided {
        self.is_asked_by_owner(at)?;
        let mut next = self.clone();
        if let Some(url) = &change.url {
            next.url.clone_from(url);
        }
        if let Some(events) = &change.events {
            next.events.clone_from(events);
        }
        match change.enabled {
            None => {}
            Some(true) => next.off = None,
            Some(false) => next.off = next.off.or(Some(Off::ByOwner)),
        }
        // Another address, or a fresh start: what has failed before is not held against it.
        if next.url != self.url || next.off != self.off {
            next.failing_since = None;
        }
        if next == *self {
            return Ok(Decision::answer(next));
        }
        next.updated_at = at.now;
        Ok(next.decided())
    }

    /// Taken away, it forgets the secret and makes room for another one.
    fn remove(&self, at: &Circumstances) -> Decided {
        self.is_asked_by_owner(at)?;
        let removed = Self {
            secret: Secret::default(),
            off: Some(Off::ByOwner),
            listed: None,
            updated_at: at.now,
            ..self.clone()
        };
        Ok(removed.decided())
    }

    /// No failure is held against it any more.
    fn at_rest(&self, at: &Circumstances) -> Decision<Self> {
        if self.failing_since.is_none() {
            return Decision::answer(self.clone());
        }
        let well = Self {
            failing_since: None,
            updated_at: at.now,
            ..self.clone()
        };
        well.decided()
    }

    fn missed(&self, waits: bool, at: &Circumstances) -> Decision<Self> {
        let since = self.failing_since.unwrap_or(at.now);
        if at.now >= since.after(PATIENCE) {
            return self.turn_off(Off::Failing, at);
        }
        // Nothing is tried from now on, so the next miss, a week from now, is the first of its day.
        if !waits {
            return self.at_rest(at);
        }
        if self.failing_since.is_some() || self.off.is_some() {
            return Decision::answer(self.clone());
        }
        let failing = Self {
            failing_since: Some(since),
            updated_at: at.now,
            ..self.clone()
        };
        failing.decided()
    }

    fn turn_off(&self, reason: Off, at: &Circumstances) -> Decision<Self> {
        if self.off.is_some() {
            return Decision::answer(self.clone());
        }
        let off = Self {
            off: Some(reason),
            updated_at: at.now,
            ..self.clone()
        };
        let disabled = Event::Disabled {
            id: self.id,
            owner: self.owner,
            reason,
            failing_since: self.failing_since,
        };
        off.decided().event(disabled)
    }

    /// Whether there is such a webhook is nobody else's business.
    fn is_asked_by_owner(&self, at: &Circumstances) -> Result<(), Refusal> {
        if at.by == Some(self.owner) {
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    }

    fn decided(self) -> Decision<Self> {
        let reply = self.clone();
        Decision::change(self, reply)
    }
}
