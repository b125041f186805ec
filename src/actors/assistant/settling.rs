//! What was begun for a user by a runtime that has not come to say what became of it: it was killed, or
//! panicked. Nothing is done again; what is so now is looked up and is news.

use std::sync::Weak;
use std::time::Duration;

use tracing::warn;

use super::Assistant;
use super::frame::Frame;
use super::outlet::Outlet;
use super::person::Person;
use super::tools::{Ready, Trouble};
use crate::actors::ask::AskError;
use crate::domain::conversation::{Begun, Call, Command, Conversation};
use crate::domain::id::Id;

/// Another runtime may be so late with the end of what it began, and still be alive.
const LATE: Duration = Duration::from_secs(10);
/// What cannot be settled now is looked at again no sooner than this.
const AGAIN: Duration = Duration::from_secs(1);

impl Assistant {
    /// Begins calls that change something: whoever comes after a crash knows of them. Says by which
    /// name their end is known.
    pub(super) fn begun(&self, calls: Vec<Call>) -> Begun {
        let engine = self.engine();
        Begun {
            id: engine.id(),
            by: self.0.runtime,
            at: engine.clock.now(),
            calls,
        }
    }

    /// The conversation of a user, if something is in hand in it.
    pub(super) async fn unsettled(&self, user: Id) -> Option<Conversation> {
        let unsettled = |so_far: Option<&Conversation>, _| {
            let so_far = so_far.filter(|so_far| !so_far.in_hand().is_empty());
            so_far.cloned()
        };
        self.0.conversations.view(user, unsettled).await.ok().flatten()
    }

    /// The conversation with all settled that nobody will say the end of any more, and what there is
    /// to say of that. To be called where no answer is worked on for this user.
    pub(super) async fn settled(
        &self,
        person: &Person,
        so_far: Conversation,
    ) -> (Conversation, Option<String>) {
        let left: Vec<_> = so_far
            .in_hand()
            .iter()
            .filter(|begun| self.is_left(begun))
            .collect();
        if left.is_empty() {
            return (so_far, None);
        }
        let ended = left.iter().map(|begun| begun.id).collect();
        match self.told_of(person, &left).await {
            Ok(told) => self.settle(person, so_far, (ended, told)).await,
            Err(why) => {
                warn!(user = %person.id, %why, "nobody can tell what became of what was begun");
                (so_far, None)
            }
        }
    }

    async fn settle(
        &self,
        person: &Person,
        so_far: Conversation,
        (ended, told): (Vec<Id>, Option<String>),
    ) -> (Conversation, Option<String>) {
        let settle = Command::Settle {
            ended,
            told: told.clone(),
        };
        match self.tell(person.id, settle).await {
            Ok(settled) => (settled, told),
            // Somebody else was first, and has told it: another tab, or another runtime.
            Err(AskError::Refused { .. }) => {
                let settled = self.read(person.id).await.ok().flatten();
                (settled.unwrap_or(so_far), None)
            }
            Err(_) => (so_far, None), // the next connection tries again
        }
    }

    /// Waits for another runtime to say what came of what it began. If that does not, this one says how
    /// it is. An answer that is worked on, or a store that is out, only puts it off, for as long as the
    /// connection is there that waits for it.
    pub(super) async fn settle_later(&self, person: Person, waits: Weak<dyn Outlet>, patience: Duration) {
        let mut patience = patience;
        loop {
            tokio::time::sleep(patience).await;
            if waits.strong_count() == 0 {
                return;
            }
            patience = match self.read(person.id).await {
                Ok(None) => return,
                Ok(Some(so_far)) if !self.0.rooms.is_at_work(person.id) => {
                    let settled = self.settle_and_tell(&person, so_far).await;
                    if settled.in_hand().is_empty() {
                        return;
                    }
                    self.patience(&settled).unwrap_or_default().max(AGAIN)
                }
                _ => AGAIN,
            };
        }
    }

    async fn settle_and_tell(&self, person: &Person, so_far: Conversation) -> Conversation {
        let (settled, told) = self.settled(person, so_far).await;
        if let Some(text) = told {
            let (unheard, news) = settled.news();
            // To have heard this is to have heard whatever was new before it.
            let is_all = unheard.iter().all(|one| *one == text);
            self.0.rooms.tell(person.id, Frame::Message { text });
            if is_all {
                self.0.rooms.prove(person.id, news);
            }
        }
        settled
    }

    /// For how long the runtime that began the youngest of it may still come to its end; nothing where
    /// nobody is waited for.
    pub(super) fn patience(&self, so_far: &Conversation) -> Option<Duration> {
        let others = so_far.in_hand().iter().filter(|begun| !self.is_left(begun));
        let waits = others.filter(|begun| begun.by != self.0.runtime);
        let now = self.engine().clock.now();
        waits
            .map(|begun| self.lease().saturating_sub(now.since(begun.at)))
            .max()
    }

    /// Whether nobody is at it any more. What this runtime began is left where it is not at work.
    fn is_left(&self, begun: &Begun) -> bool {
        let now = self.engine().clock.now();
        begun.by == self.0.runtime || !self.engine().store.shared() || now.since(begun.at) >= self.lease()
    }

    fn lease(&self) -> Duration {
        self.0.limits.time + LATE
    }

    /// What there is to say of what nobody will say the end of any more: nothing, if none of it is the
    /// user's to know.
    async fn told_of(&self, person: &Person, left: &[&Begun]) -> Result<Option<String>, Trouble> {
        let (mut titles, mut stands) = (Vec::new(), Vec::new());
        for call in left.iter().flat_map(|begun| &begun.calls) {
            let Ok(ready) = self.read_call(person, call) else {
                continue; // it is not this user's to know any more
            };
            note(&mut titles, ready.tool.title.to_owned());
            note(&mut stands, stands_now(&ready).await?);
        }
        let (titles, stands) = (titles.join(", "), stands.join(" "));
        let told = format!("I was interrupted at this: {titles}. This is how it is now. {stands}");
        Ok((!titles.is_empty()).then_some(told))
    }
}

/// What is so now of what a call may have changed.
async fn stands_now(ready: &Ready) -> Result<String, Trouble> {
    match ready.stands().await {
        // A product that is gone, say: that is how it is.
        Err(trouble) if !matches!(trouble, Trouble::Unavailable(_)) => Ok(format!("{trouble}.")),
        stands => stands,
    }
}

fn note(told: &mut Vec<String>, what: String) {
    if !told.contains(&what) {
        told.push(what);
    }
}
