//! An inbox: the newest of what a user was told within the shop, and which of it he has read.

use serde::{Deserialize, Serialize};

use super::collection::Collection;
use super::entity::{self, Circumstances, Decision, Entity};
use super::id::Id;
use super::time::Timestamp;

/// Where inboxes are kept, each under the id of its user.
pub static INBOXES: Collection = Collection::plain("inboxes");

/// So many notices an inbox keeps; then the oldest leave it.
pub const NOTICES_MAX: usize = 200;

/// An inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inbox {
    /// How many notices ever came in.
    pub count: u64,
    /// The newest of them, the oldest first.
    pub notices: Vec<Notice>,
}

/// Something that a user was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Its id, which follows from the event and the user.
    pub id: Id,
    /// What kind of thing happened: `order.confirmed`.
    pub topic: String,
    /// A few words.
    pub title: String,
    /// A sentence.
    pub text: String,
    /// The order that it is about.
    pub order: Option<Id>,
    /// The product that it is about.
    pub product: Option<Id>,
    /// When it happened.
    pub at: Timestamp,
    /// Whether the user has read it.
    pub read: bool,
}

/// What is asked of an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A notice comes in.
    Put(Box<Notice>),
    /// A notice was read.
    Read(Id),
}

/// Why an inbox says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no such notice, or not any more.
    #[error("There is no such notification")]
    Unknown,
}

/// What an inbox answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The notice that was asked about.
    pub notice: Notice,
    /// How many are not read.
    pub unread: usize,
}

/// An inbox tells nobody: it was told itself.
#[derive(Debug, Serialize)]
pub enum Event {}

impl entity::Event for Event {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

impl Entity for Inbox {
    const KIND: &'static str = "inbox";
    const COLLECTION: &'static Collection = &INBOXES;

    type Command = Command;
    type Reply = Reply;
    type Refusal = Refusal;
    type Event = Event;

    fn decide(state: Option<&Self>, command: &Command, _: &Circumstances) -> Result<Decision<Self>, Refusal> {
        let nothing = Self::default();
        let inbox = state.unwrap_or(&nothing);
        match command {
            Command::Put(notice) => Ok(inbox.put(notice)),
            Command::Read(id) => inbox.read(*id),
        }
    }

    fn taken(_: &str) -> Refusal {
        Refusal::Unknown // an inbox has no unique index
    }
}

impl Inbox {
    /// How many notices are not read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.notices.iter().filter(|notice| !notice.read).count()
    }

    /// The notices that came in after so many, the oldest first, as far as they are still here.
    #[must_use]
    pub fn since(&self, count: u64) -> &[Notice] {
        let new = usize::try_from(self.count.saturating_sub(count)).unwrap_or(usize::MAX);
        &self.notices[self.notices.len().saturating_sub(new)..]
    }

    fn put(&self, notice: &Notice) -> Decision<Self> {
        let told_again = self.notices.iter().any(|kept| kept.id == notice.id);
        // Or it was told so long ago that newer ones took its place.
        let left = self.notices.len() >= NOTICES_MAX && self.notices.iter().all(|kept| notice.at < kept.at);
        if told_again || left {
            return Decision::answer(self.reply(notice.clone()));
        }
        let mut next = self.clone();
        next.count += 1;
        if next.notices.len() >= NOTICES_MAX {
            next.notices.drain(..=next.notices.len() - NOTICES_MAX);
        }
        next.notices.push(notice.clone());
        next.stands(notice.clone())
    }

    fn read(&self, id: Id) -> Result<Decision<Self>, Refusal> {
        let place = self.notices.iter().position(|notice| notice.id == id);
        let place = place.ok_or(Refusal::Unknown)?;
        if self.notices[place].read {
            return Ok(Decision::answer(self.reply(self.notices[place].clone())));
        }
        let mut next = self.clone();
        next.notices[place].read = true;
        let notice = next.notices[place].clone();
        Ok(next.stands(notice))
    }

    fn reply(&self, notice: Notice) -> Reply {
        let unread = self.unread();
        Reply { notice, unread }
    }

    fn stands(self, notice: Notice) -> Decision<Self> {
        let reply = self.reply(notice);
        Decision::change(self, reply)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Circumstances = Circumstances {
        now: Timestamp::from_millis(1_700_000_000_000),
        by: None,
    };

    fn notice(n: u16) -> Notice {
        let mut bytes = [0; 12];
        bytes[10..].copy_from_slice(&n.to_be_bytes());
        Notice {
            id: Id::from_bytes(bytes),
            topic: "order.shipped".into(),
            title: "Order shipped".into(),
            text: "Your order is on its way.".into(),
            order: None,
            product: None,
            at: NOW.now.after(Duration::from_secs(n.into())),
            read: false,
        }
    }

    fn told(inbox: &Inbox, command: &Command) -> Option<Inbox> {
        let decision = Inbox::decide(Some(inbox), command, &NOW).unwrap();
        decision.change.map(|change| change.state)
    }

    fn put(inbox: &Inbox, n: u16) -> Option<Inbox> {
        told(inbox, &Command::Put(Box::new(notice(n))))
    }

    #[test]
    fn the_same_notice_comes_in_once_and_is_read_once() {
        let inbox = put(&Inbox::default(), 1).unwrap();
        assert_eq!(put(&inbox, 1), None);
        assert_eq!(inbox.unread(), 1);
        let read = Command::Read(notice(1).id);
        let inbox = told(&inbox, &read).unwrap();
        assert_eq!((inbox.unread(), told(&inbox, &read)), (0, None));
        let other = Inbox::decide(Some(&inbox), &Command::Read(notice(2).id), &NOW);
        assert_eq!(other.unwrap_err(), Refusal::Unknown);
    }

    #[test]
    fn a_full_inbox_keeps_the_newest() {
        let mut inbox = Inbox::default();
        for n in 0..250 {
            inbox = put(&inbox, n).unwrap();
        }
        assert_eq!((inbox.notices.len(), inbox.count), (NOTICES_MAX, 250));
        assert_eq!(inbox.notices.last(), Some(&notice(249)));
        assert_eq!(inbox.since(248), [notice(248), notice(249)]);
        assert_eq!(inbox.since(250), []);
        assert_eq!(inbox.since(0).len(), NOTICES_MAX);
        assert_eq!(put(&inbox, 49), None, "what has left does not come back");
    }
}
