//! The rules of a letter: each an ordered list of early returns, then what must succeed.

use std::time::Duration;

use super::{Command, Draft, Event, KEPT, Letter, Miss, PATIENCE, Refusal, State, TRIES_MIN};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::time::Timestamp;

/// The pause after a first try, at most. It doubles with each one after it,
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// and ends here.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

type Decided = Result<Decision<Letter>, Refusal>;

/// Writes a letter.
pub(super) fn write(draft: &Draft, at: &Circumstances) -> Decision<Letter> {
    let letter = Letter {
        id: draft.id,
        event: draft.event.clone(),
        to: draft.to.clone(),
        content: draft.content.clone(),
        state: State::Waiting,
        tries: 0,
        why: None,
        due: None,
        expires: at.now.after(KEPT),
        created_at: at.now,
        updated_at: at.now,
    };
    letter.ready(draft.kept, at).stands()
}

impl Letter {
    pub(super) fn advance(&self, command: &Command, at: &Circumstances) -> Decided {
        match command {
            Command::Write(_) => Ok(Decision::answer(self.clone())), // the event was told again
            Command::Claim(time) => self.claim(*time, at),
            Command::Sent => Ok(self.sent(at)),
            Command::NotSent { why, miss } => Ok(self.not_sent(why, *miss, at)),
            Command::Resend { kept } => self.resend(*kept, at),
        }
    }

    fn claim(&self, time: Duration, at: &Circumstances) -> Decided {
        if self.due.is_none_or(|due| due > at.now) {
            return Err(Refusal::NotNow);
        }
        // Whoever claimed it before and never came back counts as well.
        if self.state == State::Sending && self.is_over(at.now) {
            return Ok(self.at(State::Failed, None, at).stands());
        }
        let claimed = Self {
            tries: self.tries + 1,
            ..self.at(State::Sending, Some(at.now.after(time)), at)
        };
        Ok(claimed.stands())
    }

    fn sent(&self, at: &Circumstances) -> Decision<Self> {
        if self.state == State::Sent {
            return Decision::answer(self.clone());
        }
        let sent = Self {
            why: None,
            ..self.at(State::Sent, None, at)
        };
        sent.stands()
    }

    fn not_sent(&self, why: &str, miss: Miss, at: &Circumstances) -> Decision<Self> {
        if self.state != State::Sending {
            return Decision::answer(self.clone()); // the claim is over, and somebody else's word counts
        }
        let why = Some(why.to_owned());
        let next = match miss {
            Miss::NotTried => return self.not_tried(why, at).stands(),
            Miss::OfServer if !self.is_over(at.now) => self.waits(self.pause(), at),
            Miss::OfServer | Miss::OfLetter => self.at(State::Failed, None, at),
        };
        Self { why, ..next }.stands()
    }

    /// The claim counts for nothing, and what was wrong with the last try is still the reason. The
    /// pause grows all the same, with the time that it has waited.
    fn not_tried(&self, why: Option<String>, at: &Circumstances) -> Self {
        let waited = at.now.since(self.asked_for());
        Self {
            tries: self.tries.saturating_sub(1),
            why: self.why.clone().or(why),
            ..self.waits(waited.max(FIRST_PAUSE), at)
        }
    }

    fn resend(&self, kept: bool, at: &Circumstances) -> Decided {
        if self.state == State::Sending && self.due.is_some_and(|due| due > at.now) {
            return Err(Refusal::NotNow); // or it would go out twice at once
        }
        let again = Self {
            tries: 0,
            why: None,
            expires: at.now.after(KEPT),
            ..self.clone()
        };
        let resent = Event::Resent {
            event: self.event.clone(),
            was: self.state,
        };
        Ok(again.ready(kept, at).stands().event(resent))
    }

    fn ready(&self, kept: bool, at: &Circumstances) -> Self {
        if kept {
            self.at(State::Kept, None, at)
        } else {
            self.at(State::Waiting, Some(at.now), at)
        }
    }

    /// Whether it was tried for as long and as often as a letter is.
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.deadline() && self.tries >= TRIES_MIN
    }

    fn deadline(&self) -> Timestamp {
        self.asked_for().after(PATIENCE)
    }

    /// When it was written or last asked for again.
    fn asked_for(&self) -> Timestamp {
        self.expires.before(KEPT)
    }

    /// The pause after a try that failed.
    fn pause(&self) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << self.tries.saturating_sub(1).min(16))
    }

    /// Those who failed together do not come back together: the pause is between half and all of
    /// what it could be, by a byte of the id. There is a last try when the time is up.
    fn waits(&self, pause: Duration, at: &Circumstances) -> Self {
        let half = pause.min(LONGEST_PAUSE) / 2;
        let [.., byte] = self.id.bytes();
        let due = at.now.after(half + half.mul_f64(f64::from(byte) / 255.0));
        let due = if at.now < self.deadline() {
            due.min(self.deadline())
        } else {
            due
        };
        self.at(State::Waiting, Some(due), at)
    }

    fn at(&self, state: State, due: Option<Timestamp>, at: &Circumstances) -> Self {
        Self {
            state,
            due,
            updated_at: at.now,
            ..self.clone()
        }
    }

    fn stands(self) -> Decision<Self> {
        let reply = self.clone();
        Decision::change(self, reply)
    }
}
